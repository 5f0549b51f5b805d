"""What people hear of change requests: the inbox message, and the mail with its confirm link."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.urls import reverse

from accounts.models import User
from accounts.permissions import sees_money
from approvals.choices import Notice
from approvals.models import ChangeRequest
from approvals.services import confirm_url
from automation.services.notifications import notify
from core import formats
from core.models import Organisation
from core.money import Money

# Who may decide again is asked anew; that it was opened again is news for all others.
ASKING = (Notice.DECIDE,)
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
    Notice.EXPIRED: "Lapsed without a decision: {title}",
    Notice.COMMENT: "New comment: {title}",
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


def _key(request: ChangeRequest, notice: Notice, at: datetime) -> str:
    moment = f":{at.timestamp():.3f}" if notice == Notice.COMMENT else ""
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
    return facts
