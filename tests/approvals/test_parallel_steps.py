"""Steps side by side, any, all and quorum, and advice that decides nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import User
from approvals import services
from approvals.choices import Outcome, RequestState, StepState
from approvals.models import ChangeRequest, Step
from approvals.selectors import current_steps, history, standing, waiting_for
from core.errors import Conflict, NotAllowed
from tests.approvals.actions import AT, ask, decide, execute
from tests.approvals.policies import AUDITOR, DIRECTOR, EXECUTIVE, advice, beside, in_force
from tests.cast import Cast
from tests.sign_in import signed_in

pytestmark = pytest.mark.feature("9.1")


def running(request: ChangeRequest) -> list[list[str]]:
    return [step.roles for step in current_steps(ChangeRequest.objects.get(pk=request.pk))]


def waits(user: User) -> list[ChangeRequest]:
    return waiting_for(User.objects.get(pk=user.pk), now=AT)


def test_side_by_side_each_decides_their_own_and_the_last_word_finishes(
    cast: Cast, told: list[tuple[str, str]]
) -> None:
    in_force(EXECUTIVE, beside(AUDITOR))
    request = ask(cast.manager, cast.dach)
    assert running(request) == [["executive"], ["auditor"]]
    assert (cast.auditor.name, "decide") in told
    assert waits(cast.auditor) == waits(cast.executive) == [request]
    assert decide(request, cast.auditor).state == RequestState.OPEN
    assert running(request) == [["executive"]]
    assert waits(cast.auditor) == []
    with pytest.raises((Conflict, NotAllowed)):
        decide(request, cast.auditor)
    assert decide(request, cast.executive).state == RequestState.APPROVED
    assert execute(request).state == RequestState.EXECUTED


def test_one_rejection_beside_ends_it(cast: Cast) -> None:
    in_force(EXECUTIVE, beside(AUDITOR))
    request = ask(cast.manager, cast.dach)
    assert decide(request, cast.auditor, Outcome.REJECT, reason="No").state == "rejected"
    assert set(Step.objects.values_list("state", flat=True)) == {"rejected", "void"}


def test_the_next_place_opens_when_all_beside_are_approved(cast: Cast) -> None:
    in_force(EXECUTIVE, beside(DIRECTOR), AUDITOR)
    request = ask(cast.manager, cast.dach)
    decide(request, cast.director)
    assert running(request) == [["executive"]]
    decide(request, cast.executive)
    assert running(request) == [["auditor"]]
    assert decide(request, cast.auditor).state == RequestState.APPROVED


def test_a_quorum_takes_so_many_different_people(cast: Cast) -> None:
    in_force({**EXECUTIVE, "needed": 2})
    request = ask(cast.manager, cast.dach)
    assert decide(request, cast.executive).state == RequestState.OPEN
    with pytest.raises((Conflict, NotAllowed)):
        decide(request, cast.executive)
    page = signed_in(cast.manager).get(request.get_absolute_url()).content.decode()
    assert "1 of 2 approved: Greta Holm" in page
    assert decide(request, cast.executive2).state == RequestState.APPROVED
    assert execute(request).state == RequestState.EXECUTED


def test_everybody_are_those_who_may_when_it_opens(cast: Cast) -> None:
    in_force({"roles": ["director", "executive"], "act": "decide_small", "needed": 0})
    request = ask(cast.director, cast.dach)
    assert Step.objects.get(request=request).needed == 2
    decide(request, cast.executive)
    assert decide(request, cast.executive2).state == RequestState.APPROVED
    assert execute(request).state == RequestState.EXECUTED


def test_advice_passes_when_given_and_never_counts_as_approval(cast: Cast) -> None:
    in_force(advice(DIRECTOR), EXECUTIVE)
    request = ask(cast.manager, cast.dach)
    assert waits(cast.director) == [request]
    rights = standing(cast.director, request, now=AT)
    assert (rights.decide, rights.recommend) == (False, True)
    for person in (cast.director, cast.executive):
        with pytest.raises(Conflict, match="waits for advice"):
            decide(request, person)
    decide(request, cast.director, Outcome.RECOMMEND, reason="Good")
    assert running(request) == [["executive"]]
    assert decide(request, cast.executive).state == RequestState.APPROVED
    assert execute(request).state == RequestState.EXECUTED


def test_advice_that_does_not_come_holds_nothing_up_longer_than_its_hours(cast: Cast) -> None:
    in_force(advice(DIRECTOR, hours=2), EXECUTIVE)
    request = ask(cast.manager, cast.dach)
    due = Step.objects.get(request=request, decides=False).due_at
    assert due
    services.expire_due(due - timedelta(minutes=1))
    assert running(request) == [["director"]]
    services.expire_due(due)
    services.expire_due(due)
    assert running(request) == [["executive"]]
    assert [event.action for event in history(request)].count("request.advice_passed") == 1
    assert decide(request, cast.executive, at=due).state == RequestState.APPROVED


def test_advice_beside_a_decision_does_not_wait(cast: Cast) -> None:
    in_force(advice(DIRECTOR), beside(EXECUTIVE))
    request = ask(cast.manager, cast.dach)
    assert decide(request, cast.executive).state == RequestState.APPROVED
    assert Step.objects.get(request=request, decides=False).state == StepState.VOID
    assert execute(request).state == RequestState.EXECUTED


def test_the_page_and_the_api_show_all_that_run(cast: Cast) -> None:
    in_force(EXECUTIVE, beside(AUDITOR))
    request = ask(cast.manager, cast.dach)
    browser = signed_in(cast.manager)
    page = browser.get(request.get_absolute_url()).content.decode()
    assert "Step 1 of 1 waits for an executive and somebody of finance and audit" in page
    steps = browser.get(f"/api/v1/requests/{request.pk}/").json()["steps"]
    assert [(step["order"], step["lane"], step["state"]) for step in steps] == [
        (1, 1, "current"),
        (1, 2, "current"),
    ]
