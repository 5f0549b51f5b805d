"""What becomes of a recommendation: declined, asked for, carried out, turned down, or out of date."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import require
from approvals.models import ChangeRequest
from budgets.selectors import local_day
from core import events, formats
from core.errors import Conflict, Invalid
from core.events import AUTOMATION
from insights.models import Finding, Recommendation
from insights.services.verdicts import MATURE, SETTLE, WINDOW

State = Recommendation.State
# What was carried out is left alone until its effect can be measured.
MEASURED_AFTER = timedelta(days=SETTLE + WINDOW + MATURE)
OVER = "Its finding is over."
LAPSED = "Nobody took it up in time."


@transaction.atomic
def recommendation_dismiss(
    *, recommendation: Recommendation, user: User, reason: str, at: datetime
) -> None:
    """Decline a recommendation, with a reason that is kept beside it."""
    require(user, Act.DRAFT_REQUEST, team=recommendation.team, owner_id=user.pk)
    if not reason.strip():
        raise Invalid("Say why, so that the next one can be better.", where="reason")
    _close(recommendation, State.DISMISSED, user, reason)
    record(recommendation, "recommendation.dismissed", at, user=user, reason=reason)


@transaction.atomic
def recommendation_proposed(
    *, recommendation: Recommendation, user: User, request_id: int, at: datetime
) -> None:
    """Note that a request was made of it; a second request of the same one is refused."""
    _close(recommendation, State.PROPOSED, user, "", request_id)
    record(recommendation, "recommendation.proposed", at, user=user)


def note_request(request: ChangeRequest, action: str, at: datetime) -> None:
    """Follow a request that was made of a recommendation, whatever page it was made on.

    Raises ``Conflict`` when somebody has dealt with the recommendation already.
    """
    if action == "request.submitted":
        _note_sent(request, at)
        return
    ended = {
        "request.executed": _done,
        "request.rejected": _turned_down,
        "request.withdrawn": _free_again,
        "request.expired": _free_again,
        "request.stale": _free_again,
    }.get(action)
    if ended is None:
        return
    proposed = Recommendation.objects.select_for_update().filter(request_id=request.pk)
    for advice in proposed.filter(state=State.PROPOSED):
        ended(advice, request, at)


def _note_sent(request: ChangeRequest, at: datetime) -> None:
    number, person = request.payload.get("recommendation"), request.requested_by
    if not isinstance(number, int):
        return
    found = Recommendation.objects.for_user(person).filter(pk=number).first()
    if found:
        recommendation_proposed(recommendation=found, user=person, request_id=request.pk, at=at)


def _done(advice: Recommendation, request: ChangeRequest, at: datetime) -> None:
    ready = formats.day(local_day(at + MEASURED_AFTER), weekday=False)
    _settle(advice, State.DONE, f"Carried out with {request.reference}; measured from {ready}.", at)


def _turned_down(advice: Recommendation, request: ChangeRequest, at: datetime) -> None:
    why = request.outcome_note or "No reason was given."
    _settle(advice, State.DISMISSED, f"{request.reference} was rejected: {why}", at)


def _free_again(advice: Recommendation, request: ChangeRequest, at: datetime) -> None:
    """The move was not made and nobody said that it is wrong: it can be asked for again in time."""
    why = f"{request.reference} ended as {request.get_state_display().lower()}."
    finding = advice.finding
    is_over = at >= advice.expires_at or (finding is not None and finding.ended_at is not None)
    rival = Recommendation.objects.filter(
        finding=finding, action=advice.action, state=State.OPEN
    ).exists()
    _settle(advice, State.EXPIRED if is_over or rival else State.OPEN, why, at)


def _settle(advice: Recommendation, state: str, reason: str, at: datetime) -> None:
    before, advice.state, advice.state_reason = advice.state, state, reason
    advice.save(update_fields=["state", "state_reason"])
    actions = {State.DONE: "done", State.DISMISSED: "dismissed", State.OPEN: "reopened"}
    action = actions.get(State(state), "expired")
    record(advice, f"recommendation.{action}", at, reason=reason, before=before)


def advice_expire(*, at: datetime) -> int:
    """End open advice whose finding is over or whose time has passed."""
    over = Q(finding__ended_at__isnull=False)
    rows = Recommendation.objects.filter(over | Q(expires_at__lte=at), state=State.OPEN)
    found = list(rows.select_related("finding", "team"))
    for advice in found:
        ended = advice.finding is not None and advice.finding.ended_at is not None
        with transaction.atomic():
            _settle(advice, State.EXPIRED, OVER if ended else LAPSED, at)
    return len(found)


def why_wait(finding: Finding, at: datetime) -> str:
    """Why no new advice is made for a finding although its cause goes on; "" when it is."""
    latest = finding.recommendations.exclude(state__in=[State.OPEN, State.EXPIRED]).first()
    if latest is None:
        return ""
    if latest.state == State.PROPOSED:
        return "what was advised waits for a decision."
    if latest.state == State.DISMISSED:
        quiet = latest.expires_at > at
        until = formats.day(local_day(latest.expires_at), weekday=False)
        return f"the last one was declined; it is looked at anew on {until}." if quiet else ""
    executed = ChangeRequest.objects.filter(pk=latest.request_id or 0).values_list("executed_at", flat=True).first()  # fmt: skip
    if executed is None or at >= executed + MEASURED_AFTER:
        return ""
    ready = formats.day(local_day(executed + MEASURED_AFTER), weekday=False)
    return f"an advised move was carried out, and its effect is measured from {ready}."


def _close(
    recommendation: Recommendation,
    state: str,
    user: User,
    reason: str,
    request_id: int | None = None,
) -> None:
    changed = Recommendation.objects.filter(pk=recommendation.pk, state=State.OPEN).update(
        state=state, state_by=user, state_reason=reason, request_id=request_id
    )
    if not changed:
        raise Conflict("Somebody has already dealt with this recommendation.")


def record(
    recommendation: Recommendation,
    action: str,
    at: datetime,
    *,
    user: User | None = None,
    reason: str = "",
    before: str = "",
) -> None:
    """An entry of the trail about a recommendation."""
    events.record(
        actor=user.as_actor() if user else AUTOMATION,
        action=action,
        subject=recommendation,
        at=at,
        before={"state": before} if before else None,
        after={"title": recommendation.title},
        reason=reason,
        team_path=recommendation.team.path,
    )
