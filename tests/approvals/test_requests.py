"""Writing, changing, sending, withdrawing and lapsing of requests; what the trail says of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from approvals import services
from approvals.choices import Outcome, RequestState, StepState
from approvals.models import ChangeRequest, Contributor, Decision
from approvals.selectors import contributors, history, requests_visible
from core.errors import Conflict, Invalid, NotAllowed
from core.money import MICROS
from tests.approvals.actions import AT, RENAME, ask, decide, turn
from tests.cast import Cast


def edit(request: ChangeRequest, user: object, **changes: object) -> ChangeRequest:
    stored = ChangeRequest.objects.get(pk=request.pk)
    return services.request_edit(
        request=stored,
        user=user,  # type: ignore[arg-type]
        payload={**stored.payload, **changes},
        reason="Better so.",
        at=AT + timedelta(hours=1),
    )


def test_numbers_count_up_and_are_what_people_read(cast: Cast) -> None:
    first, second = ask(cast.manager, cast.dach), ask(cast.manager, cast.dach)
    assert (first.reference, second.reference) == ("CR-1001", "CR-1002")


@pytest.mark.feature("9.1")
def test_a_change_of_content_voids_the_approvals_given_so_far(
    cast: Cast, told: list[tuple[str, str]]
) -> None:
    request = ask(cast.manager, cast.dach, units=60_000)
    decide(request, cast.executive)
    edited = edit(request, cast.manager, units=70_000)
    assert edited.revision == 2
    assert list(turn(edited)) == ["executive"]
    assert not edited.steps.filter(revision=1).exclude(state=StepState.VOID).exists()
    assert (cast.executive.name, "reopened") in told
    newest = history(edited)[0]
    assert newest.action == "request.edited"
    assert newest.after is not None
    assert newest.after["void_approvals_of"] == [cast.executive.name]
    assert Decision.objects.filter(step__revision=1).count() == 1


def test_an_edit_can_send_it_to_others(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach, units=100)
    assert list(turn(request)) == ["director", "executive"]
    edit(request, cast.manager, units=6_000)
    assert list(turn(request)) == ["executive"]


def test_request_changes_then_edit_then_approve(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach)
    sent_back = decide(request, cast.director, Outcome.CHANGES, reason="Say which region.")
    assert (sent_back.state, sent_back.outcome_note) == (RequestState.CHANGES, "Say which region.")
    with pytest.raises(Conflict):
        decide(request, cast.executive)
    edit(request, cast.manager, name="DACH Süd")
    assert decide(request, cast.director).state == RequestState.APPROVED


@pytest.mark.parametrize("who", ["director", "uk_manager", "executive", "analyst", "admin"])
def test_only_who_asked_changes_a_sent_request(cast: Cast, who: str) -> None:
    request = ask(cast.manager, cast.dach)
    with pytest.raises(NotAllowed):
        edit(request, getattr(cast, who), units=1)
    assert ChangeRequest.objects.get().revision == 1


def test_a_director_may_help_with_a_draft_and_then_does_not_decide_it(cast: Cast) -> None:
    draft = ask(cast.manager, cast.dach, submit=False)
    edit(draft, cast.director, units=200)
    services.request_submit(request=draft, user=cast.manager, at=AT)
    assert contributors(ChangeRequest.objects.get()) == {cast.manager.pk, cast.director.pk}
    with pytest.raises(NotAllowed, match="took part"):
        decide(draft, cast.director)
    assert decide(draft, cast.executive).state == RequestState.APPROVED


def test_a_draft_is_measured_again_when_it_is_sent(cast: Cast) -> None:
    draft = ask(cast.manager, cast.dach, units=100, submit=False)
    ChangeRequest.objects.filter(pk=draft.pk).update(
        payload={**draft.payload, "units": 9_000}, due_at=None
    )
    sent = services.request_submit(request=draft, user=cast.manager, at=AT)
    assert sent.own_micros == 9_000 * MICROS
    assert sent.due_at == AT + timedelta(days=14)
    with pytest.raises(Conflict, match="already sent"):
        services.request_submit(request=draft, user=cast.manager, at=AT)


@pytest.mark.parametrize(
    "who", ["executive", "analyst", "admin", "auditor", "nobody", "uk_manager"]
)
def test_who_may_not_draft_cannot_ask(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        ask(getattr(cast, who), cast.dach)
    assert not ChangeRequest.objects.exists()


def test_a_request_says_why_and_what(cast: Cast) -> None:
    with pytest.raises(Invalid, match="needs a name"):
        ask(cast.manager, cast.dach, name="")
    for title, reason in (("", "because"), ("Rename", " ")):
        with pytest.raises(Invalid):
            services.request_create(
                user=cast.manager,
                kind=RENAME,
                payload={"team": cast.dach.pk, "name": "x"},
                title=title,
                reason=reason,
                evidence={},
                at=AT,
            )
    with pytest.raises(Invalid, match="not a kind"):
        ask(cast.manager, cast.dach, kind="test.unknown")


@pytest.mark.feature("9.1")
def test_withdrawing_is_for_who_asked_and_ends_it(cast: Cast, told: list[tuple[str, str]]) -> None:
    request = ask(cast.manager, cast.dach)
    with pytest.raises(NotAllowed):
        services.request_withdraw(request=request, user=cast.director, reason="", at=AT)
    gone = services.request_withdraw(request=request, user=cast.manager, reason="Too late.", at=AT)
    assert gone.state == RequestState.WITHDRAWN
    assert (cast.director.name, "withdrawn") in told
    with pytest.raises(Conflict):
        decide(request, cast.director)


def test_what_is_approved_cannot_be_withdrawn_or_changed(cast: Cast) -> None:
    request = decide(ask(cast.manager, cast.dach), cast.director)
    with pytest.raises(Conflict):
        services.request_withdraw(request=request, user=cast.manager, reason="", at=AT)
    with pytest.raises(Conflict):
        edit(request, cast.manager, units=1)


def test_after_14_days_it_lapses_and_says_so(cast: Cast, told: list[tuple[str, str]]) -> None:
    request = ask(cast.manager, cast.dach)
    assert services.expire_due(AT + timedelta(days=13, hours=23)) == {"expired": 0}
    assert services.expire_due(AT + timedelta(days=14)) == {"expired": 1}
    assert services.expire_due(AT + timedelta(days=15)) == {"expired": 0}
    request.refresh_from_db()
    assert request.state == RequestState.EXPIRED
    assert (cast.manager.name, "expired") in told
    assert history(request)[0].actor_kind == "system"


def test_comments_are_kept_and_make_nobody_a_contributor(
    cast: Cast, told: list[tuple[str, str]]
) -> None:
    request = ask(cast.manager, cast.dach)
    services.request_comment(request=request, user=cast.director, text=" Which market? ", at=AT)
    services.request_comment(request=request, user=cast.manager, text="All three.", at=AT)
    assert [comment.text for comment in request.comments.all()] == ["Which market?", "All three."]
    assert (cast.manager.name, "comment") in told
    assert (cast.director.name, "comment") in told
    assert set(Contributor.objects.values_list("user", flat=True)) == {cast.manager.pk}
    assert decide(request, cast.director).state == RequestState.APPROVED
    with pytest.raises(Invalid, match="empty"):
        services.request_comment(request=request, user=cast.director, text=" ", at=AT)


@pytest.mark.feature("9.6")
def test_requests_are_seen_by_the_teams_people_and_by_who_asked(cast: Cast) -> None:
    dach, uk = ask(cast.manager, cast.dach), ask(cast.uk_manager, cast.uk)
    draft = ask(cast.director, cast.europe, submit=False)
    seen = {
        name: set(requests_visible(getattr(cast, name)))
        for name in ("executive", "auditor", "director", "manager", "analyst", "admin",
                     "other_director", "nobody")
    }  # fmt: skip
    assert seen == {
        "executive": {dach, uk},
        "auditor": {dach, uk},
        "director": {dach, uk, draft},
        "manager": {dach},
        "analyst": {dach, uk},
        "admin": set(),
        "other_director": set(),
        "nobody": set(),
    }
