"""Clocks of a step: due in working hours, reminders once each, then others are told; nobody gets more rights."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from approvals import services
from approvals.choices import RequestState
from approvals.models import ChangeRequest, Step
from config.schedules import SCHEDULES
from core.errors import NotAllowed
from core.models import Event, Organisation
from tests.approvals.actions import ask, decide
from tests.cast import Cast

# A Monday; the default calendar works nine to five, so sixteen hours are two days.
OPENED = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HALF, DUE = OPENED + 8 * HOUR, OPENED + DAY + 8 * HOUR
SUBSTITUTES, HIGHER = OPENED + 2 * DAY + 8 * HOUR, OPENED + 3 * DAY + 8 * HOUR

pytestmark = pytest.mark.feature("9.1")


@pytest.fixture(autouse=True)
def _zone(cast: Cast) -> None:
    organisation = Organisation.current()
    organisation.time_zone = "UTC"
    organisation.save()


def run(at: datetime) -> tuple[int, int]:
    done = services.remind_and_escalate(at)
    return done["reminded"], done["escalated"]


def test_a_step_is_due_after_its_working_hours(cast: Cast) -> None:
    friday = OPENED + 4 * DAY + 4 * HOUR
    ask(cast.manager, cast.dach, at=OPENED)
    ask(cast.manager, cast.dach, at=friday)
    assert [step.due_at for step in Step.objects.order_by("pk")] == [DUE, friday + 4 * DAY]


def test_reminders_come_at_half_and_at_the_end_once_each(
    cast: Cast, told: list[tuple[str, str]]
) -> None:
    ask(cast.manager, cast.dach, at=OPENED)
    told.clear()
    assert run(HALF - HOUR) == (0, 0)
    assert (run(HALF), run(HALF + HOUR)) == ((1, 0), (0, 0))
    assert {(name, why) for name, why in told} == {
        ("Mara Lindqvist", "reminder"), ("Greta Holm", "reminder"), ("Ivo Marek", "reminder"),
    }  # fmt: skip
    assert (run(DUE), run(DUE + HOUR)) == ((1, 0), (0, 0))
    assert len(told) == 6
    assert Event.objects.filter(action="request.reminded").count() == 2


def test_who_is_away_is_not_reminded_but_the_delegate_is(
    cast: Cast, told: list[tuple[str, str]]
) -> None:
    ask(cast.manager, cast.dach, at=OPENED)
    services.absence_create(
        user=cast.director, starts_at=OPENED, ends_at=OPENED + 5 * DAY, at=OPENED,
        delegate=cast.other_director,
    )  # fmt: skip
    told.clear()
    run(HALF)
    assert ("Dana Cole", "reminder") in told
    assert ("Mara Lindqvist", "reminder") not in told


def test_overdue_goes_to_substitutes_then_to_executives_and_widens_no_right(
    cast: Cast, told: list[tuple[str, str]]
) -> None:
    request = ask(cast.manager, cast.dach, at=OPENED)
    services.substitute_set(user=cast.executive, substitute=cast.executive2, at=OPENED)
    services.substitute_set(user=cast.director, substitute=cast.other_director, at=OPENED)
    Step.objects.update(roles=["director"])
    told.clear()
    assert run(SUBSTITUTES - HOUR) == (1, 0)
    assert run(SUBSTITUTES) == (0, 1)
    # Dana works for another division and cannot see it, so the executives hear of it at once.
    assert {name for name, why in told if why == "escalated"} == {"Greta Holm", "Ivo Marek"}
    assert (run(SUBSTITUTES + HOUR), run(HIGHER), run(HIGHER + HOUR)) == ((0, 0), (0, 1), (0, 0))
    for told_too in (cast.executive, cast.other_director):
        with pytest.raises(NotAllowed):
            decide(request, told_too, at=HIGHER)


def test_substitutes_who_see_it_hear_first(cast: Cast, told: list[tuple[str, str]]) -> None:
    ask(cast.manager, cast.dach, at=OPENED)
    services.substitute_set(user=cast.director, substitute=cast.executive2, at=OPENED)
    Step.objects.update(roles=["director"])
    told.clear()
    run(SUBSTITUTES)
    assert [name for name, why in told if why == "escalated"] == ["Ivo Marek"]
    event = Event.objects.get(action="request.escalated")
    assert event.after
    assert event.after["told"] == ["Ivo Marek"]
    run(HIGHER)
    assert ("Greta Holm", "escalated") in told


def test_after_an_outage_all_is_done_once_and_together(cast: Cast) -> None:
    ask(cast.manager, cast.dach, at=OPENED)
    assert (run(HIGHER + DAY), run(HIGHER + DAY + HOUR)) == ((1, 1), (0, 0))


def test_steps_side_by_side_have_clocks_of_their_own(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach, at=OPENED)
    first = Step.objects.get(request=request)
    Step.objects.create(
        request=request, revision=1, order=1, lane=2, roles=["executive"], act=first.act,
        state="current", opened_at=OPENED, hours=4,
    )  # fmt: skip
    # Two hours, four hours: one reminder of the short step each, none yet of the long one.
    assert [run(OPENED + n * HOUR) for n in (2, 4)] == [(1, 0), (1, 0)]
    assert Step.objects.get(lane=2).due_at == OPENED + 4 * HOUR
    assert run(HALF) == (1, 1)


def test_what_is_decided_or_lapsed_is_left_alone(cast: Cast) -> None:
    decided = ask(cast.manager, cast.dach, at=OPENED)
    decide(decided, cast.director, at=OPENED + HOUR)
    lapsing = ask(cast.manager, cast.dach, at=OPENED)
    assert run(OPENED + 14 * DAY) == (0, 0)
    services.expire_due(OPENED + 14 * DAY)
    assert ChangeRequest.objects.get(pk=lapsing.pk).state == RequestState.EXPIRED


def test_it_runs_by_itself() -> None:
    assert "approvals.services.remind_and_escalate" in {schedule.run for schedule in SCHEDULES}
