"""Deciding: who may, once, on exactly what was shown, with a reason where one is due."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from approvals import services
from approvals.choices import Outcome, RequestState, StepState
from approvals.models import ChangeRequest, Contributor, Decision, Step
from approvals.selectors import contributors, history, standing, waiting_for
from core.errors import Conflict, Invalid, NotAllowed
from core.models import OutboxItem
from tests.approvals.actions import AT, ask, decide, execute, turn
from tests.cast import Cast


@pytest.mark.feature("9.1")
def test_a_small_change_is_decided_by_the_director_and_carried_out(
    cast: Cast, told: list[tuple[str, str]]
) -> None:
    request = ask(cast.manager, cast.dach, name="DACH and Benelux")
    assert (cast.director.name, "decide") in told
    assert (cast.other_director.name, "decide") not in told
    approved = decide(request, cast.director)
    assert approved.state == RequestState.APPROVED
    assert OutboxItem.objects.get(kind="approvals.execute").key == f"execute:{request.pk}:1"
    done = execute(approved)
    assert done.state == RequestState.EXECUTED
    cast.dach.refresh_from_db()
    assert cast.dach.name == "DACH and Benelux"
    assert (cast.manager.name, "executed") in told
    assert [event.action for event in history(request)][::-1] == [
        "request.created",
        "request.submitted",
        "request.approved",
        "request.executed",
    ]


@pytest.mark.feature("9.1", "2.5")
def test_above_the_first_threshold_the_director_recommends_and_an_executive_decides(
    cast: Cast,
) -> None:
    request = ask(cast.manager, cast.dach, units=5_001)
    with pytest.raises(NotAllowed, match="above what you may decide") as refused:
        decide(request, cast.director)
    assert refused.value.code == "above_limit"
    decide(request, cast.director, Outcome.RECOMMEND, reason="Good idea.")
    assert ChangeRequest.objects.get().state == RequestState.OPEN
    with pytest.raises((Conflict, NotAllowed)):
        decide(request, cast.director, Outcome.RECOMMEND)
    assert decide(request, cast.executive).state == RequestState.APPROVED


@pytest.mark.feature("9.1", "2.5")
def test_above_the_second_threshold_two_different_people_decide_in_order(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach, units=50_001)
    with pytest.raises(NotAllowed):
        decide(request, cast.auditor)
    assert decide(request, cast.executive).state == RequestState.OPEN
    assert list(turn(request)) == ["auditor"]
    with pytest.raises(NotAllowed):
        decide(request, cast.executive2)
    assert decide(request, cast.auditor).state == RequestState.APPROVED


@pytest.mark.feature("2.5", "9.6")
@pytest.mark.parametrize(
    ("who", "small", "medium"),
    [
        ("executive", True, True),
        ("director", True, False),
        ("other_director", False, False),
        ("manager", False, False),
        ("uk_manager", False, False),
        ("analyst", False, False),
        ("admin", False, False),
        ("auditor", False, False),
        ("nobody", False, False),
    ],
)
def test_the_server_refuses_a_decision_beyond_role_scope_or_limit(
    cast: Cast, who: str, small: bool, medium: bool
) -> None:
    for units, allowed in ((5_000, small), (50_000, medium)):
        request = ask(cast.manager, cast.dach, units=units)
        if allowed:
            assert decide(request, getattr(cast, who)).state == RequestState.APPROVED
            continue
        with pytest.raises(NotAllowed):
            decide(request, getattr(cast, who))
        assert ChangeRequest.objects.get(pk=request.pk).state == RequestState.OPEN
        assert not Decision.objects.filter(step__request=request).exists()


def test_a_superuser_has_no_more_rights_than_the_role_gives(cast: Cast) -> None:
    User.objects.filter(pk=cast.admin.pk).update(is_superuser=True, is_staff=True)
    with pytest.raises(NotAllowed):
        decide(ask(cast.manager, cast.dach), cast.admin)


def test_nobody_decides_their_own(cast: Cast) -> None:
    request = ask(cast.director, cast.dach)
    with pytest.raises(NotAllowed, match="took part") as refused:
        decide(request, cast.director)
    assert refused.value.code == "own_request"
    assert decide(request, cast.executive).state == RequestState.APPROVED


def test_nobody_decides_what_was_made_with_their_help(cast: Cast) -> None:
    request = services.request_create(
        user=cast.manager,
        kind="test.rename",
        payload={"team": cast.dach.pk, "name": "x", "units": 1},
        title="With help",
        reason="Because.",
        evidence={},
        at=AT,
        touched_by=[(cast.director, "imported for")],
    )
    assert contributors(request) == {cast.manager.pk, cast.director.pk}
    with pytest.raises(NotAllowed, match="took part"):
        decide(request, cast.director)


def test_the_database_itself_refuses_a_contributors_decision(cast: Cast) -> None:
    request = ask(cast.director, cast.dach)
    step = Step.objects.get(request=request)

    def say(user: User) -> Decision:
        with transaction.atomic():
            return Decision.objects.create(
                step=step,
                user=user,
                outcome=Outcome.APPROVE,
                content_hash=request.content_hash,
                policy_id=request.policy_id or 0,
                at=AT,
            )

    with pytest.raises(IntegrityError, match="approvals_no_own_decision"):
        say(cast.director)
    assert say(cast.executive).pk
    with pytest.raises(IntegrityError, match="approvals_no_own_decision"), transaction.atomic():
        Contributor.objects.create(request=request, user=cast.executive, how="edited", at=AT)
    with pytest.raises(IntegrityError):
        say(cast.executive)


def test_the_database_itself_refuses_a_second_step_by_the_same_person(cast: Cast) -> None:
    request = decide(ask(cast.manager, cast.dach, units=60_000), cast.executive)
    step = Step.objects.get(request=request, state=StepState.CURRENT)
    with pytest.raises(IntegrityError, match="approvals_person_decides_once"), transaction.atomic():
        Decision.objects.create(
            step=step,
            user=cast.executive,
            outcome=Outcome.APPROVE,
            content_hash=request.content_hash,
            policy_id=request.policy_id or 0,
            at=AT,
        )


@pytest.mark.parametrize("outcome", [Outcome.REJECT, Outcome.CHANGES])
def test_a_refusal_needs_a_reason(cast: Cast, outcome: str) -> None:
    request = ask(cast.manager, cast.dach)
    with pytest.raises(Invalid, match="Say why"):
        decide(request, cast.director, outcome, reason="  ")
    assert not Decision.objects.exists()


def test_a_rejection_is_final(cast: Cast, told: list[tuple[str, str]]) -> None:
    request = ask(cast.manager, cast.dach)
    rejected = decide(request, cast.director, Outcome.REJECT, reason="The old name is known.")
    assert rejected.state == RequestState.REJECTED
    assert rejected.outcome_note == "The old name is known."
    assert (cast.manager.name, "rejected") in told
    with pytest.raises(Conflict, match="rejected"):
        decide(request, cast.executive)
    with pytest.raises(Conflict):
        services.request_edit(
            request=request, user=cast.manager, payload=request.payload, reason="again", at=AT
        )
    with pytest.raises(IntegrityError, match="approvals_decided_is_final"), transaction.atomic():
        ChangeRequest.objects.filter(pk=request.pk).update(state=RequestState.OPEN)


def test_the_second_of_two_decisions_changes_nothing(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach)
    decide(request, cast.director)
    for user in (cast.director, cast.executive):
        with pytest.raises(Conflict, match="nothing was changed"):
            decide(request, user)
    assert Decision.objects.count() == 1


def test_one_decides_only_what_one_was_shown(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach)
    shown = request.content_hash
    edited = services.request_edit(
        request=request,
        user=cast.manager,
        payload={**request.payload, "units": 200},
        reason="More.",
        at=AT,
    )
    assert edited.content_hash != shown
    with pytest.raises(Conflict, match="changed since you opened it"):
        decide(request, cast.director, content_hash=shown)


def test_an_approval_of_what_moved_meanwhile_is_refused_but_a_rejection_is_not(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach)
    cast.dach.name = "Renamed by somebody else"
    cast.dach.save()
    with pytest.raises(Conflict, match="has moved since"):
        decide(request, cast.director)
    rejected = decide(request, cast.director, Outcome.REJECT, reason="Overtaken.")
    assert rejected.state == RequestState.REJECTED


def test_what_lapsed_cannot_be_decided_even_before_the_clock_ends_it(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach)
    with pytest.raises(Conflict, match="lapsed"):
        decide(request, cast.director, at=AT + timedelta(days=14))
    assert standing(cast.director, request, now=AT).decide
    assert not standing(cast.director, request, now=AT + timedelta(days=14)).decide


def test_losing_the_role_acts_at_once(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach)
    cast.director.memberships.all().delete()
    with pytest.raises(NotAllowed):
        decide(request, cast.director)


def test_the_inbox_holds_what_waits_for_me(cast: Cast) -> None:
    small, large = ask(cast.manager, cast.dach), ask(cast.manager, cast.dach, units=60_000)
    own = ask(cast.director, cast.dach)

    def inbox(user: User) -> list[ChangeRequest]:
        return waiting_for(User.objects.get(pk=user.pk), now=AT)

    assert inbox(cast.director) == [small]
    assert set(inbox(cast.executive)) == {small, large, own}
    assert inbox(cast.auditor) == []
    assert inbox(cast.manager) == inbox(cast.other_director) == inbox(cast.admin) == []
    decide(large, cast.executive)
    assert inbox(cast.auditor) == [large]
    assert set(inbox(cast.executive2)) == {small, own}
