"""A step for everybody waits for those who were asked when it opened and still may, and for nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts import services as people
from accounts.choices import Role
from accounts.models import Membership, User
from approvals import services
from approvals.choices import Outcome, RequestState, StepState
from approvals.models import ChangeRequest, Step
from approvals.selectors import history
from core.errors import NotAllowed
from tests.approvals.actions import AT, ask, decide, execute
from tests.approvals.policies import AUDITOR, in_force
from tests.cast import Cast
from tests.sign_in import signed_in

pytestmark = pytest.mark.feature("9.1")

EVERYBODY = {"roles": ["director", "executive"], "act": "decide_small", "needed": 0}


@pytest.fixture
def asked(cast: Cast) -> ChangeRequest:
    """Waits for the director and both executives."""
    in_force(EVERYBODY)
    return ask(cast.manager, cast.dach)


def step_of(request: ChangeRequest) -> Step:
    return Step.objects.filter(request=request).latest("revision", "order")


def leave(cast: Cast, user: User) -> None:
    people.person_deactivate(
        user=User.objects.get(pk=user.pk), by=cast.admin, at=AT, reason="Left."
    )


def newcomer(cast: Cast, name: str = "Ines Falk") -> User:
    user = User.objects.create_user(f"{name.split(maxsplit=1)[0].lower()}@tarnfell.test", name)
    people.membership_give(user=user, team=cast.europe, role=Role.DIRECTOR, by=cast.admin, at=AT)
    return user


def seats_of(request: ChangeRequest) -> list[int]:
    seats = step_of(request).seats
    assert seats
    return list(seats)


def stands(request: ChangeRequest) -> str:
    return ChangeRequest.objects.get(pk=request.pk).state


def test_who_comes_later_has_no_seat(cast: Cast, asked: ChangeRequest) -> None:
    late = newcomer(cast)
    with pytest.raises(NotAllowed, match="those who were asked when this step began"):
        decide(asked, late)
    assert late.pk not in seats_of(asked)
    for person in (cast.director, cast.executive, cast.executive2):
        decide(asked, person)
    assert stands(asked) == RequestState.APPROVED


def test_the_seat_of_who_leaves_ends_and_is_not_waited_for(
    cast: Cast, asked: ChangeRequest
) -> None:
    leave(cast, cast.executive2)
    assert step_of(asked).needed == 2
    assert cast.executive2.pk not in seats_of(asked)
    decide(asked, cast.director)
    assert decide(asked, cast.executive).state == RequestState.APPROVED
    assert execute(asked).state == RequestState.EXECUTED


def test_who_leaves_last_lets_it_pass_when_all_others_approved(
    cast: Cast, asked: ChangeRequest, told: list[tuple[str, str]]
) -> None:
    decide(asked, cast.director)
    decide(asked, cast.executive)
    leave(cast, cast.executive2)
    assert stands(asked) == RequestState.APPROVED
    trail = [event.action for event in history(asked)]
    assert trail[:2] == ["request.approved", "request.seats_changed"]
    assert (cast.manager.name, "approved") in told
    assert execute(asked).state == RequestState.EXECUTED


def test_the_word_of_who_leaves_does_not_count(cast: Cast, asked: ChangeRequest) -> None:
    decide(asked, cast.executive2)
    leave(cast, cast.executive2)
    decide(asked, cast.director)
    assert stands(asked) == RequestState.OPEN
    decide(asked, cast.executive)
    assert stands(asked) == RequestState.APPROVED
    assert execute(asked).state == RequestState.EXECUTED


def test_nobody_left_is_never_an_approval(cast: Cast, told: list[tuple[str, str]]) -> None:
    in_force({"roles": ["director"], "act": "decide_small", "needed": 0})
    asked = ask(cast.manager, cast.dach)
    assert step_of(asked).seats == [cast.director.pk]
    people.membership_take(membership=cast.director.memberships.get(), by=cast.admin, at=AT)
    step = step_of(asked)
    assert (step.state, step.seats, step.needed) == (StepState.CURRENT, [], 1)
    assert stands(asked) == RequestState.OPEN
    late = newcomer(cast)
    services.remind_and_escalate(AT + timedelta(minutes=1))
    assert step_of(asked).seats == [late.pk]
    assert (late.name, "decide") in told
    assert decide(asked, late).state == RequestState.APPROVED


def test_a_word_that_no_longer_counts_approves_nothing_by_itself(cast: Cast) -> None:
    in_force({"roles": ["director"], "act": "decide_small", "needed": 0}, AUDITOR)
    Membership.objects.create(user=cast.nobody, team=cast.europe, role=Role.DIRECTOR)
    asked = ask(cast.manager, cast.dach)
    decide(asked, cast.director)
    for user in (cast.director, cast.nobody):
        people.membership_take(membership=user.memberships.get(), by=cast.admin, at=AT)
    assert step_of(asked).state == StepState.WAITING
    first = Step.objects.get(request=asked, order=1)
    assert (first.state, first.seats) == (StepState.CURRENT, [])


def test_a_lower_limit_ends_a_seat_at_the_next_look(cast: Cast, asked: ChangeRequest) -> None:
    decide(asked, cast.executive)
    decide(asked, cast.executive2)
    people.membership_limit(
        membership=cast.director.memberships.get(), limit_micros=1, by=cast.admin, at=AT,
        reason="Less.",
    )  # fmt: skip
    services.remind_and_escalate(AT + timedelta(minutes=1))
    assert stands(asked) == RequestState.APPROVED


def test_any_one_of_many_is_not_touched(cast: Cast) -> None:
    in_force({**EVERYBODY, "needed": 1})
    asked = ask(cast.manager, cast.dach)
    assert step_of(asked).seats is None
    assert decide(asked, newcomer(cast)).state == RequestState.APPROVED


def test_a_rejection_by_one_of_them_ends_it(cast: Cast, asked: ChangeRequest) -> None:
    decide(asked, cast.director)
    assert decide(asked, cast.executive, Outcome.REJECT, reason="No.").state == "rejected"


def test_the_page_says_that_all_of_them_are_needed(cast: Cast, asked: ChangeRequest) -> None:
    decide(asked, cast.executive)
    page = signed_in(cast.manager).get(asked.get_absolute_url()).content.decode()
    assert "All 3 who were asked" in page
    assert "1 of 3 approved: Greta Holm" in page


def test_the_last_executive_who_can_decide_stays_until_it_is_decided(cast: Cast) -> None:
    in_force({"roles": ["executive"], "act": "decide_large"})
    asked = ask(cast.manager, cast.dach)
    leave(cast, cast.executive2)
    with pytest.raises(Exception, match=f"{asked.reference} waits for an executive") as refused:
        leave(cast, cast.executive)
    assert "name another executive first" in str(refused.value)
    decide(asked, cast.executive)
    leave(cast, cast.executive)


def test_an_executive_goes_while_a_director_may_decide_it(cast: Cast, asked: ChangeRequest) -> None:
    leave(cast, cast.executive)
    leave(cast, cast.executive2)
    assert step_of(asked).seats == [cast.director.pk]
