"""Slow statements are measured, kept without values, shown, and ended where a person waits."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connection
from django.test import RequestFactory
from django.urls import reverse

from config.database import database_settings, within
from core import outbox, slow, tasks
from core.models import SlowStatement
from core.refusals import server_error
from tests.cast import Cast
from tests.integrations.test_pages import browser
from tests.world import AT
from tools.up import children

pytestmark = pytest.mark.feature("3.7")


@pytest.fixture
def all_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow, "SLOW_SECONDS", 0.0)


@pytest.mark.django_db
def test_a_statement_is_kept_once_with_its_worst_time_and_without_values() -> None:
    for seconds in (1.5, 4.0, 2.0):
        slow.keep([slow.Slow("SELECT * FROM t WHERE name = %s", seconds)], place="home", at=AT)
    kept = SlowStatement.objects.get()
    assert (kept.times, kept.total_ms, kept.worst_ms) == (3, 7_500, 4_000)


@pytest.mark.django_db
def test_only_what_takes_long_is_collected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow, "SLOW_SECONDS", 0.05)
    with slow.timed() as found, connection.cursor() as cursor:
        cursor.execute("SELECT %s", ["secret"])
        cursor.execute("SELECT pg_sleep(%s)", [0.08])
    assert [one.text for one in found] == ["SELECT pg_sleep(%s)"]
    assert found[0].seconds >= 0.08


@pytest.mark.usefixtures("all_is_slow")
def test_a_page_and_a_job_say_where_it_was(cast: Cast) -> None:
    browser(cast.manager).get(reverse("integrations:imports"))
    assert SlowStatement.objects.filter(place="integrations:imports").exists()
    assert not SlowStatement.objects.filter(text__contains="Jonas").exists()
    item = outbox.enqueue("schedule", "x", {"schedule": "nothing"}, at=AT)
    tasks.deliver(item.pk)
    assert SlowStatement.objects.filter(place="job schedule").exists()


def test_the_page_names_the_worst_and_is_for_administrators(cast: Cast) -> None:
    url = reverse("reporting:slow")
    assert "No statement to the database took long" in browser(cast.admin).get(url).content.decode()
    slow.keep([slow.Slow("SELECT 1", 12.3)], place="reporting:home", at=AT)
    shown = browser(cast.admin).get(url).content.decode()
    assert "1 statement was slow; the worst took 12.3\u202fs" in shown
    assert "reporting:home" in shown
    assert browser(cast.manager).get(url).status_code == 403
    assert "SELECT 1" in browser(cast.admin).get(url, {"export": "csv"}).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/api/v1/campaigns/"])
def test_a_statement_without_an_end_is_ended_and_said(path: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT before; SET LOCAL statement_timeout = '30ms'")
        try:
            cursor.execute("SELECT pg_sleep(2)")
        except OperationalError:
            answer = server_error(RequestFactory().get(path))
        cursor.execute("ROLLBACK TO SAVEPOINT before")
    assert answer.status_code == 503
    assert "took the database too long" in answer.content.decode()


def test_pages_have_a_time_budget_and_jobs_have_none() -> None:
    url = {"DATABASE_URL": "postgresql://u@h/d?options=-c%20lock_timeout%3D5s"}
    assert "statement_timeout" not in str(database_settings(url)["OPTIONS"])
    options = database_settings(url | {"QUERY_SECONDS": "60"})["OPTIONS"]["options"]
    assert options == "-c lock_timeout=5s -c statement_timeout=60s"
    assert within({"NAME": "x"}, 0) == {"NAME": "x"}


def test_the_number_of_processes_follows_the_queue(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pathlib import Path

    def scale() -> str:
        worker = next(c for c in children(Path(str(tmp_path)), "h", 1) if c.name == "worker")
        return worker.command[worker.command.index("--autoscale") + 1]

    monkeypatch.setenv("WORKERS_MAX", "6")
    monkeypatch.setenv("WORKERS_MIN", "2")
    assert scale() == "6,2"
    monkeypatch.delenv("WORKERS_MAX")
    monkeypatch.delenv("WORKERS_MIN")
    most, least = map(int, scale().split(","))
    assert least == 1 < most <= 4
