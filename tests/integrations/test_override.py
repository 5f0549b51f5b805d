"""A file that does not add up to its own total is held; only a second person lets it pass."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from core.errors import Conflict, Invalid, NotAllowed
from core.models import Event
from integrations import services
from integrations.models import ImportRun
from metrics.models import Fact
from tests.cast import Cast
from tests.world import AT, TODAY

HELD = """Campaign,Day,Currency code,Impr.,Clicks,Cost
Winter,2026-11-01,EUR,100,5,10.00
Winter,2026-11-02,EUR,100,5,10.00
Total: Account,,EUR,300,15,30.00
"""


@pytest.fixture
def held(cast: Cast, tmp_path: Path) -> ImportRun:
    file = tmp_path / "export.csv"
    file.write_text(HELD, encoding="utf-8")
    run = services.run_upload(
        team=cast.dach, file=file, name=file.name, actor=cast.analyst.as_actor(), at=AT,
        user=cast.analyst,
    )  # fmt: skip
    services.run_check(run, today=TODAY)
    assert run.verdict == "REFUSE"
    assert services.overridable(run) == "CONTROL_TOTAL_MISMATCH"
    return run


def let_pass(run: ImportRun, user: User, reason: str = "The platform left out a line") -> None:
    services.run_override(run, user=user, reason=reason, today=TODAY, at=AT)


def test_a_director_lets_it_pass_and_the_uploader_imports_it(held: ImportRun, cast: Cast) -> None:
    let_pass(held, cast.director)
    held.refresh_from_db()
    assert held.verdict == "ACCEPT"
    assert "CONTROL_TOTAL_OVERRIDDEN" in {warning["code"] for warning in held.warnings}
    event = Event.objects.get(action="import.overridden")
    assert (event.actor_id, event.reason) == (cast.director.pk, "The platform left out a line")
    services.run_import(held, actor=cast.analyst.as_actor(), user=cast.analyst, at=AT, today=TODAY)
    assert Fact.objects.count() == 2


def test_the_uploader_and_people_without_the_right_do_not(held: ImportRun, cast: Cast) -> None:
    for user in (cast.analyst, cast.manager, cast.admin):
        with pytest.raises(NotAllowed):
            let_pass(held, user)
    held.refresh_from_db()
    assert held.verdict == "REFUSE"


def test_no_answer_lifts_the_refusal(held: ImportRun, cast: Cast, tmp_path: Path) -> None:
    lifted = {"override": "CONTROL_TOTAL_MISMATCH"}
    with pytest.raises(Invalid):
        services.run_answer(held, user=cast.analyst, answers=lifted, columns={}, today=TODAY, at=AT)
    with pytest.raises(Invalid):
        services.run_upload(
            team=cast.dach, file=tmp_path / "export.csv", name="export.csv",
            actor=cast.analyst.as_actor(), at=AT, user=cast.analyst, settings=lifted,
        )  # fmt: skip


def test_it_needs_a_reason(held: ImportRun, cast: Cast) -> None:
    with pytest.raises(Invalid):
        let_pass(held, cast.director, " ")


def test_it_is_done_once(held: ImportRun, cast: Cast) -> None:
    let_pass(held, cast.director)
    with pytest.raises(Conflict):
        let_pass(held, cast.director)


def test_the_page_offers_it_to_who_may(held: ImportRun, cast: Cast) -> None:
    address = reverse("integrations:run-override", args=[held.pk])
    for user, offered in ((cast.director, True), (cast.analyst, False)):
        client = Client()
        client.force_login(user)
        page = client.get(reverse("integrations:run", args=[held.pk])).content.decode()
        assert (address in page) is offered
