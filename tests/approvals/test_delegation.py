"""Delegation: limits, whose name stands where, and how it ends (I5, I6, I7)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.models import Membership, User
from accounts.services import membership_take
from approvals import services
from approvals.choices import Outcome, RequestState
from approvals.models import ChangeRequest, Decision, Delegation, Policy, Step
from approvals.selectors import people_for_step, requests_visible, waiting_for
from core.errors import Conflict, Invalid, NotAllowed
from core.models import Event
from core.money import MICROS
from tests.approvals.actions import AT, ask, decide, execute
from tests.cast import Cast

DAY = timedelta(days=1)


def delegate(
    by: User, to: User, *, starts: datetime = AT, days: int = 7, cap: int | None = None
) -> Delegation:
    return services.delegation_create(
        user=by, delegate=to, starts_at=starts, ends_at=starts + days * DAY,
        cap_micros=None if cap is None else cap * MICROS, reason="On holiday", at=AT,
    )  # fmt: skip


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.feature("9.1")
def test_a_delegate_decides_and_the_record_names_both(
    cast: Cast, told: list[tuple[str, str]]
) -> None:
    request = ask(cast.manager, cast.dach, at=AT - DAY)
    with pytest.raises(NotAllowed):
        decide(request, cast.other_director)
    held = delegate(cast.director, cast.other_director)
    assert waiting_for(cast.other_director, now=AT) == [request]
    done = decide(request, cast.other_director)
    decision = Decision.objects.get()
    assert (decision.on_behalf_of, decision.delegation) == (cast.director, held)
    assert done.state == RequestState.APPROVED
    event = Event.objects.get(action="request.approved")
    assert event.after
    assert (event.actor_name, event.after["for"]) == ("Dana Cole", "Mara Lindqvist")
    later = ask(cast.manager, cast.dach, name="Another")
    assert ("Dana Cole", "decide") in told
    assert execute(done).state == RequestState.EXECUTED
    # What was decided stays in sight when the delegation is over; what waits does not.
    after = AT + 8 * DAY
    assert list(requests_visible(cast.other_director, at=after)) == [done]
    assert later in requests_visible(cast.other_director, at=AT)


@pytest.mark.parametrize(
    ("to", "days", "sentence"),
    [
        ("manager", 7, "neither an executive nor a marketing director"),
        ("auditor", 7, "neither an executive nor a marketing director"),
        ("analyst", 7, "neither an executive nor a marketing director"),
        ("director", 7, "yourself"),
        ("executive", 15, "14 days at most"),
        ("executive", 0, "before the start"),
    ],
)
def test_a_delegation_has_limits(cast: Cast, to: str, days: int, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        delegate(cast.director, getattr(cast, to), days=days)
    assert not Delegation.objects.exists()


def test_only_executives_and_directors_delegate_and_never_backwards(cast: Cast) -> None:
    for who in (cast.manager, cast.auditor, cast.admin, cast.nobody):
        with pytest.raises(NotAllowed):
            delegate(who, cast.director)
    with pytest.raises(Invalid, match="now or later"):
        delegate(cast.director, cast.executive, starts=AT - timedelta(hours=1))


def test_a_delegation_in_a_far_year_is_refused(cast: Cast) -> None:
    last_day = datetime(9999, 12, 30, 23, tzinfo=AT.tzinfo)
    with pytest.raises(Invalid, match="within two years"):
        delegate(cast.director, cast.executive, starts=last_day, days=1)
    assert not Delegation.objects.exists()


def test_a_cap_is_within_ones_own_limit_and_holds(cast: Cast) -> None:
    Membership.objects.filter(user=cast.director).update(limit_micros=3_000 * MICROS)
    director = User.objects.get(pk=cast.director.pk)
    with pytest.raises(Invalid, match="up to €3,000 yourself"):
        delegate(director, cast.other_director, cap=3_001)
    delegate(director, cast.other_director, cap=2_000)
    small = ask(cast.manager, cast.dach, units=2_000)
    large = ask(cast.manager, cast.dach, units=2_001)
    with pytest.raises(NotAllowed, match="above what Mara Lindqvist delegated"):
        decide(large, cast.other_director)
    assert decide(small, cast.other_director).state == RequestState.APPROVED


def test_a_delegation_is_one_deep_one_at_a_time_and_no_ring(cast: Cast) -> None:
    delegate(cast.director, cast.other_director)
    with pytest.raises(Conflict, match="You decide for Mara"):
        delegate(cast.other_director, cast.executive)
    with pytest.raises(Conflict, match="You decide for Mara"):
        delegate(cast.other_director, cast.director)
    with pytest.raises(Conflict, match="has delegated to Dana"):
        delegate(cast.executive, cast.director)
    with pytest.raises(Conflict, match="already decides for you"):
        delegate(cast.director, cast.executive)
    # After it is over each of them is fine.
    delegate(cast.other_director, cast.director, starts=AT + 8 * DAY)


@pytest.mark.parametrize(
    "change",
    [
        {"delegate": "manager"},
        {"ends_at": AT + 15 * DAY},
        {"delegate": "director"},
        {"starts_at": AT - DAY},
        {"delegator": "other_director", "delegate": "director"},
        {"cap_micros": 0},
    ],
)
def test_the_database_itself_refuses_what_no_service_makes(
    cast: Cast, change: dict[str, Any]
) -> None:
    delegate(cast.director, cast.other_director, starts=AT + 20 * DAY)
    fields: dict[str, Any] = {
        "delegator": "director", "delegate": "executive", "starts_at": AT,
        "ends_at": AT + 7 * DAY, "reason": "x", "made_at": AT,
    }  # fmt: skip
    if change.get("delegator"):
        fields |= {"starts_at": AT + 20 * DAY, "ends_at": AT + 21 * DAY}
    fields |= change
    people = {key: getattr(cast, fields.pop(key)) for key in ("delegator", "delegate")}
    with pytest.raises(IntegrityError), transaction.atomic():
        Delegation.objects.create(made_by=people["delegator"], **people, **fields)


def test_nobody_decides_for_a_contributor_or_what_they_touched(cast: Cast) -> None:
    delegate(cast.director, cast.other_director)
    own = ask(cast.director, cast.dach)
    with pytest.raises(NotAllowed, match="Mara Lindqvist took part"):
        decide(own, cast.other_director)
    assert waiting_for(cast.other_director, now=AT) == []
    touched = services.request_create(
        user=cast.manager, kind="test.rename", title="x", reason="x", evidence={}, at=AT,
        payload={"team": cast.dach.pk, "name": "x", "units": 1},
        touched_by=[(cast.other_director, "imported for")],
    )  # fmt: skip
    with pytest.raises(NotAllowed, match="You took part"):
        decide(touched, cast.other_director)


def test_one_person_is_not_two_steps(cast: Cast) -> None:
    """Neither may a delegate add a second word for somebody whose word stands."""
    Membership.objects.create(user=cast.other_director, team=cast.company, role=Role.EXECUTIVE)
    request = ask(cast.manager, cast.dach)
    Step.objects.filter(request=request).update(needed=3)
    delegate(cast.executive, cast.executive2)
    assert decide(request, cast.executive).state == RequestState.OPEN
    # By their own right, not for Greta, whose word stands.
    assert decide(request, cast.executive2).state == RequestState.OPEN
    assert {d.on_behalf_of for d in Decision.objects.all()} == {None}
    with pytest.raises(Conflict, match="already given"):
        decide(request, cast.executive2)


def test_the_delegator_does_not_decide_again_after_the_delegate_did(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach)
    Step.objects.filter(request=request).update(needed=2)
    held = delegate(cast.director, cast.other_director)
    assert decide(request, cast.other_director).state == RequestState.OPEN
    with pytest.raises(Conflict, match="already given"):
        decide(request, cast.director)
    services.delegation_end(delegation=held, user=cast.director, at=AT)
    another = delegate(cast.director, cast.executive)
    step, policy = Step.objects.get(request=request), Policy.objects.get()
    with pytest.raises(IntegrityError, match="approvals_one_voice"), transaction.atomic():
        Decision.objects.create(
            step=step, user=cast.executive, on_behalf_of=cast.director, delegation=another,
            outcome=Outcome.APPROVE, content_hash=request.content_hash, policy=policy, at=AT,
        )  # fmt: skip
    assert decide(request, cast.executive).state == RequestState.APPROVED


def test_acts_of_two_people_are_not_handed_on(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach)
    Step.objects.filter(request=request).update(act="change_policy", roles=["executive"])
    delegate(cast.executive, cast.director)
    with pytest.raises(NotAllowed):
        decide(request, cast.director)


@pytest.mark.parametrize("who", ["director", "other_director"])
def test_a_lost_role_ends_it_at_once_and_undoes_a_word_not_yet_carried_out(
    cast: Cast, who: str
) -> None:
    held = delegate(cast.director, cast.other_director)
    approved = decide(ask(cast.manager, cast.dach), cast.other_director)
    waiting = ask(cast.manager, cast.dach, name="Another")
    role = Membership.objects.get(user=getattr(cast, who))
    membership_take(membership=role, by=cast.admin, at=AT + DAY)
    held.refresh_from_db()
    assert held.ended_because.endswith("no longer holds a role that may decide.")
    assert Event.objects.filter(action="delegation.ended", subject_id=str(held.pk)).exists()
    with pytest.raises(NotAllowed):
        decide(waiting, cast.other_director, at=AT + DAY)
    assert execute(approved, at=AT + DAY).state == RequestState.OPEN


def test_rights_are_read_live_whoever_took_the_role(cast: Cast) -> None:
    """Without the event, a role deleted by hand still counts at once."""
    delegate(cast.director, cast.other_director)
    approved = decide(ask(cast.manager, cast.dach), cast.other_director)
    waiting = ask(cast.manager, cast.dach, name="Another")
    User.objects.filter(pk=cast.director.pk).update(is_active=False)
    with pytest.raises(NotAllowed):
        decide(waiting, cast.other_director)
    assert execute(approved).state == RequestState.OPEN


def test_a_delegation_that_ran_out_does_not_undo_a_word_given(cast: Cast) -> None:
    delegate(cast.director, cast.other_director, days=1)
    approved = decide(ask(cast.manager, cast.dach), cast.other_director)
    assert execute(approved, at=AT + 2 * DAY).state == RequestState.EXECUTED
    late = ask(cast.manager, cast.dach, name="Late")
    with pytest.raises(NotAllowed):
        decide(late, cast.other_director, at=AT + 2 * DAY)


@pytest.mark.feature("9.1")
def test_delegating_and_ending_on_the_page(cast: Cast) -> None:
    Membership.objects.filter(user=cast.director).update(limit_micros=4_000 * MICROS)
    page = browser(cast.director)
    form = page.get(reverse("approvals:delegate"))
    assert "You may decide up to €4,000 yourself" in form.content.decode()
    assert "Jonas Weber" not in form.content.decode()
    today = form.context["form"].initial["starts_on"]
    fields = {
        "delegate": cast.other_director.pk, "starts_on": today, "ends_on": today + 13 * DAY,
        "cap": "1,000", "reason": "Holiday",
    }  # fmt: skip
    late = page.post(reverse("approvals:delegate"), fields | {"ends_on": today + 14 * DAY})
    assert late.status_code == 422
    assert "14 days at most" in late.content.decode()
    assert page.post(reverse("approvals:delegate"), fields).status_code == 302
    held = Delegation.objects.get()
    assert held.cap_micros == 1_000 * MICROS
    assert "Dana Cole decides for you until" in page.get(reverse("approvals:away")).content.decode()
    theirs = browser(cast.other_director)
    assert "You decide for Mara Lindqvist" in theirs.get(reverse("approvals:away")).content.decode()
    request = ask(cast.manager, cast.dach, units=10, at=held.starts_at)
    shown = theirs.get(request.get_absolute_url()).content.decode()
    assert "You decide for Mara Lindqvist" in shown
    said = {"outcome": "approve", "content_hash": request.content_hash}
    theirs.post(reverse("approvals:request-decide", args=[request.pk]), said)
    shown = page.get(request.get_absolute_url()).content.decode()
    assert "Dana Cole for Mara Lindqvist · approved" in shown
    assert browser(cast.executive).post(
        reverse("approvals:delegation-end", args=[held.pk])
    ).status_code == 404  # fmt: skip
    assert page.post(reverse("approvals:delegation-end", args=[held.pk])).status_code == 302
    held.refresh_from_db()
    assert held.ended_because == "Ended early by Mara Lindqvist."
    step = Step.objects.get(request=request)
    assert cast.other_director not in people_for_step(
        step, ChangeRequest.objects.get(pk=request.pk), at=held.ended_at
    )


def test_delegating_over_the_api(cast: Cast) -> None:
    api, now = browser(cast.director), datetime.now(AT.tzinfo)
    body = {
        "delegate": cast.other_director.pk, "starts_at": (now + DAY).isoformat(),
        "ends_at": (now + 2 * DAY).isoformat(), "reason": "Fair",
    }  # fmt: skip
    made = api.post("/api/v1/delegations/", body, "application/json")
    assert (made.status_code, made.json()["delegate_name"]) == (201, "Dana Cole")
    again = api.post("/api/v1/delegations/", body, "application/json")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "one_at_a_time")
    low = api.post("/api/v1/delegations/", body | {"delegate": cast.manager.pk}, "application/json")
    assert low.status_code == 400
    ended = api.post(f"/api/v1/delegations/{made.json()['id']}/end/", {}, "application/json")
    assert ended.json()["ended_because"] == "Ended early by Mara Lindqvist."
    assert len(browser(cast.other_director).get("/api/v1/delegations/").json()) == 1
