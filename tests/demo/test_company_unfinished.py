"""A demo company whose last reports are still being written says so on every page."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from core import outbox
from core.models import OutboxItem
from demo.company import later
from tests.cast import Cast

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
State = OutboxItem.State


@pytest.fixture
def flag(settings: Any, tmp_path: Path) -> Path:
    settings.VAR = tmp_path
    path = tmp_path / "demo-unfinished"
    path.touch()
    return path


def owed(**fields: Any) -> OutboxItem:
    item = outbox.enqueue(later.KIND, later.KIND, {"due": []}, at=NOW)
    OutboxItem.objects.filter(pk=item.pk).update(**fields)
    return item


def test_a_page_says_how_far_the_worker_is(flag: Path, cast: Cast, client: Client) -> None:
    owed(state=State.RUNNING, progress_done=4, progress_total=9)
    client.force_login(cast.director)
    page = client.get("/").content.decode()
    assert "still writing what came of its changes" in page
    assert "(4 of 9 steps)" in page


def test_before_the_worker_starts_it_says_so(flag: Path) -> None:
    owed()
    assert later.notice().endswith("(about to begin).")


def test_when_the_worker_is_through_nothing_is_said_any_more(flag: Path) -> None:
    item = owed()
    outbox.deliver(item.pk, now=NOW)
    assert later.notice() == ""
    assert not flag.exists()


def test_what_could_not_be_written_is_not_kept_quiet(flag: Path) -> None:
    owed(state=State.NEEDS_PERSON)
    assert "could not write all" in later.notice()


def test_a_company_that_was_emptied_owes_nothing(flag: Path) -> None:
    assert later.notice() == ""
    assert not flag.exists()


def test_without_the_flag_no_query_is_made(
    settings: Any, tmp_path: Path, django_assert_num_queries: Any
) -> None:
    settings.VAR = tmp_path
    with django_assert_num_queries(0):
        assert later.notice() == ""
