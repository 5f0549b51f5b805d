"""What waits for a second person: roles of weight, and how the books are kept."""

from __future__ import annotations

from calendar import month_name
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts import services
from accounts.choices import Act
from accounts.models import Proposal, User
from accounts.permissions import gate, person
from accounts.selectors import may_answer, proposals_for
from accounts.views.common import ADMIN_ACTS, settings_tabs
from core import clock, formats
from core.models import Organisation
from core.pages import page, redirect_to
from core.parts import Entry

BOOK_WORDS = {
    "reporting_currency": "Reporting currency",
    "fiscal_start_month": "The fiscal year starts in",
    "fiscal_pattern": "Months are",
}
TONES = {
    Proposal.State.CONFIRMED: "good",
    Proposal.State.REJECTED: "bad",
    Proposal.State.OPEN: "warn",
}


@gate(*ADMIN_ACTS)
@require_safe
def proposals(request: HttpRequest) -> HttpResponse:
    """What waits, and what was answered."""
    user = person(request)
    visible = proposals_for(user)
    waiting = [_row(user, one) for one in visible.filter(state=Proposal.State.OPEN)]
    mine = sum(row["may_answer"] for row in waiting)
    context = {
        "title": _title(len(waiting), mine),
        "tabs": settings_tabs(request, "proposals"),
        "waiting": waiting,
        "answered": [_entry(one) for one in visible.exclude(state=Proposal.State.OPEN)[:50]],
        "crumbs": [("Settings", reverse("accounts:settings")), ("Two-person changes", "")],
    }
    return page(request, "accounts/proposals.html", context)


def _title(count: int, mine: int) -> str:
    if not count:
        return "Nothing waits for a second person"
    changes = "1 change waits" if count == 1 else f"{count} changes wait"
    if mine == count:
        return f"{changes} for you"
    return f"{changes}, {mine} of them for you" if mine else f"{changes} for somebody else"


def _row(user: User, proposal: Proposal) -> dict[str, Any]:
    return {
        "proposal": proposal,
        "title": _subject(proposal),
        "by": f"Proposed by {proposal.proposed_by}, {formats.moment(proposal.proposed_at)}",
        "changes": book_changes(proposal.changes),
        "may_answer": may_answer(user, proposal),
        "is_mine": proposal.proposed_by_id == user.pk,
    }


def _subject(proposal: Proposal) -> str:
    if proposal.kind == Proposal.Kind.BOOKS:
        return str(proposal)
    return f"{proposal.get_kind_display()}: {proposal}"


def book_changes(changes: dict[str, Any]) -> list[tuple[str, str]]:
    """What a proposal changes about the books, as people read it: "January → April"."""
    current = Organisation.current()
    return [
        (
            BOOK_WORDS[name],
            f"{book_value(name, getattr(current, name))} → {book_value(name, value)}",
        )
        for name, value in changes.items()
    ]


def book_value(name: str, value: Any) -> str:
    """One value of the books in words."""
    if name == "fiscal_start_month":
        return str(month_name[value])
    if name == "fiscal_pattern":
        return Organisation.FiscalPattern(value).label
    return str(value)


def _entry(proposal: Proposal) -> Entry:
    decided = f", answered by {proposal.decided_by}" if proposal.decided_by else ""
    return Entry(
        title=_subject(proposal),
        when=formats.moment(proposal.decided_at or proposal.proposed_at),
        who=f"Proposed by {proposal.proposed_by}{decided}",
        text=proposal.answer or proposal.reason,
        tone=TONES.get(Proposal.State(proposal.state), "neutral"),
        chip=proposal.get_state_display(),
    )


def _proposal(request: HttpRequest, pk: int) -> Proposal:
    return get_object_or_404(proposals_for(person(request)), pk=pk)


def _back(request: HttpRequest, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect_to(request, reverse("accounts:proposals"))


@gate(Act.GIVE_HIGH_ROLE, Act.CHANGE_POLICY)
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    services.proposal_confirm(proposal=_proposal(request, pk), by=person(request), at=clock.now())
    return _back(request, "Confirmed, and in effect from now on.")


@gate(Act.GIVE_HIGH_ROLE, Act.CHANGE_POLICY)
@require_POST
def reject(request: HttpRequest, pk: int) -> HttpResponse:
    reason = request.POST.get("reason", "")
    services.proposal_reject(
        proposal=_proposal(request, pk), by=person(request), at=clock.now(), reason=reason
    )
    return _back(request, "Rejected. Nothing was changed.")


@gate(*ADMIN_ACTS)
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    services.proposal_withdraw(proposal=_proposal(request, pk), by=person(request), at=clock.now())
    return _back(request, "Withdrawn.")
