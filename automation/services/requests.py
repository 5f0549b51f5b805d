"""What people hear of change requests: the inbox message, and the mail with its confirm link."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse

from accounts.models import User
from accounts.permissions import sees_money
from approvals.choices import Notice, Outcome, RequestState
from approvals.models import ChangeRequest
from approvals.selectors import current_steps, people_for_step
from approvals.services import STANDS, confirm_url
from automation.models import Notification
from automation.services.notifications import notify
from core import formats
from core.models import Organisation
from core.money import Money

# Who may decide again is asked anew; that it was opened again is news for all others.
ASKING = (Notice.DECIDE, Notice.REMINDER, Notice.DELEGATED)
# These may come again for the same revision.
REPEATED = (Notice.COMMENT, Notice.MENTION, Notice.REMINDER, Notice.ESCALATED)
TITLES = {
    Notice.DECIDE: "Please decide: {title}",
    Notice.REOPENED: "Needs a new decision: {title}",
    Notice.STEP_APPROVED: "One step further: {title}",
    Notice.APPROVED: "Approved: {title}",
    Notice.REJECTED: "Rejected: {title}",
    Notice.CHANGES: "Changes requested: {title}",
    Notice.EXECUTED: "Carried out: {title}",
    Notice.STALE: "No longer possible: {title}",
    Notice.WITHDRAWN: "Withdrawn: {title}",
    Notice.RECALLED: "Pulled back to be changed: {title}",
    Notice.EXPIRED: "Lapsed without a decision: {title}",
    Notice.COMMENT: "New comment: {title}",
    Notice.MENTION: "You were mentioned: {title}",
    Notice.REMINDER: "Still waits for your decision: {title}",
    Notice.ESCALATED: "Overdue, nobody has decided: {title}",
    Notice.DELEGATED: "You decide for somebody: {title}",
}


def on_request(request: ChangeRequest, person: User, notice: Notice, at: datetime) -> None:
    """Write the message of one notice to one person; a repeat of the same notice is one message."""
    asks = notice in ASKING
    notify(
        user=person,
        key=_key(request, notice, at),
        title=TITLES[notice].format(title=request.title),
        body=request.reason if asks else request.outcome_note or request.reason,
        url=_path(request, person, asks),
        button="See before and after, then decide" if asks else "Open the request",
        facts=_facts(request, person),
        at=at,
    )


# In which states a notice still tells the truth; the others are true for ever.
FITS: dict[str, tuple[str, ...]] = {
    Notice.DECIDE: (RequestState.OPEN,),
    Notice.REMINDER: (RequestState.OPEN,),
    Notice.ESCALATED: (RequestState.OPEN,),
    Notice.DELEGATED: (RequestState.OPEN,),
    Notice.REOPENED: (RequestState.OPEN,),
    Notice.STEP_APPROVED: (RequestState.OPEN, RequestState.APPROVED, RequestState.EXECUTED),
    Notice.APPROVED: (RequestState.APPROVED, RequestState.EXECUTED, RequestState.STALE),
    Notice.CHANGES: (RequestState.CHANGES,),
}
# What people said is news until the request was taken back; that it was taken back is news to
# those who had heard of it.
TALK = (Notice.COMMENT, Notice.MENTION)
TAKEN_BACK = (Notice.WITHDRAWN, Notice.RECALLED)
KEY = re.compile(r"request:(\d+):(\d+):(\w+)")


def no_longer_fits(notification: Notification, now: datetime) -> str:
    """Why the mail of a notice is not sent any more; "" when it still tells the truth."""
    parts = KEY.match(notification.key)
    if parts is None:
        return ""
    request = ChangeRequest.objects.filter(pk=int(parts[1])).first()
    if request is None:
        return "The request is gone."
    if parts[3] in TAKEN_BACK and not _heard_of(request, notification):
        return f"{notification.user} had no mail about {request.reference} before."
    if parts[3] in TALK and request.state == RequestState.WITHDRAWN:
        return f"{request.reference} {STANDS[RequestState.WITHDRAWN]}."
    if parts[3] not in FITS:
        return ""
    if request.revision != int(parts[2]):
        return f"{request.reference} was changed since."
    if request.state not in FITS[parts[3]]:
        return f"{request.reference} {STANDS[RequestState(request.state)]}."
    if parts[3] == Notice.DECIDE and not _is_asked(request, notification.user, now):
        return f"{request.reference} no longer waits for {notification.user}."
    return ""


def _is_asked(request: ChangeRequest, person: User, now: datetime) -> bool:
    return any(person in people_for_step(step, request, at=now) for step in current_steps(request))


def _heard_of(request: ChangeRequest, notification: Notification) -> bool:
    """Whether a mail about the request reached the person before."""
    earlier = Notification.objects.filter(
        user=notification.user, key__startswith=f"request:{request.pk}:", pk__lt=notification.pk
    )
    return earlier.filter(mailed_at__isnull=False).exists()


def on_message(person: User, **message: Any) -> None:
    """Write news that belong to no one request: a delegation that was made or has ended."""
    notify(user=person, **message)


def _key(request: ChangeRequest, notice: Notice, at: datetime) -> str:
    moment = f":{at.timestamp():.3f}" if notice in REPEATED else ""
    return f"request:{request.pk}:{request.revision}:{notice}{moment}"


def _path(request: ChangeRequest, person: User, asks: bool) -> str:
    """Where the message leads: a link for deciding lands on a page that asks for confirmation."""
    if asks:
        return confirm_url(request, person)
    return reverse("approvals:request", args=[request.pk])


def _facts(request: ChangeRequest, person: User) -> dict[str, str]:
    facts = {"Request": request.reference, "Asked by": request.requested_by.name}
    if sees_money(person):
        facts["Amount"] = formats.money_exact(Money(request.own_micros, request.currency))
    if request.due_at:
        zone = Organisation.current().time_zone
        due = request.due_at.astimezone(ZoneInfo(zone))
        facts["Decide by"] = f"{formats.moment(due)} ({zone})"
    return facts | _decided_by(request)


def _decided_by(request: ChangeRequest) -> dict[str, str]:
    """The record names both: who decided, and for whom."""
    steps = request.steps.filter(revision=request.revision).prefetch_related(
        "decisions__user", "decisions__on_behalf_of"
    )
    words = [
        f"{d.user.name} for {d.on_behalf_of.name}" if d.on_behalf_of else d.user.name
        for step in steps
        for d in step.decisions.all()
        if d.outcome != Outcome.RECOMMEND
    ]
    return {"Decided by": ", ".join(words)} if words else {}
