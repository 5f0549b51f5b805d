"""One bill: its lines, what they bear and why, what it wrote, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import gate, person
from budgets.choices import BillKind, BillState
from budgets.forms.bills import ReasonForm
from budgets.models import Bill
from budgets.selectors.bills import WAITING, bills_visible
from budgets.selectors.bills.shown import entries_of, shown_lines
from budgets.selectors.sections import section_tabs
from budgets.services.attachments import may_attach
from budgets.services.bills import ENTERS, TO_ENTER, may_pass, may_void, may_work, why_waiting
from budgets.services.bills.reversing import standing_accruals
from budgets.views.attachments import keep_upload
from budgets.views.bills.remedies import Refusal
from budgets.views.bills.tables import EntryTable
from core import clock, formats
from core.models import Event
from core.money import Money
from core.pages import invalid, page
from core.parts import Entry, Fact

HISTORY = 40


def bill_of(user: User, pk: int) -> Bill:
    """The bill, if the person sees it; else 404."""
    return get_object_or_404(bills_visible(user), pk=pk)


@gate(Act.VIEW_MONEY)
@require_safe
def bill(request: HttpRequest, pk: int) -> HttpResponse:
    return bill_page(request, bill_of(person(request), pk))


def bill_page(
    request: HttpRequest,
    shown: Bill,
    form: ReasonForm | None = None,
    refused: Refusal | None = None,
) -> HttpResponse:
    """The page of a bill; with a refused ``form`` or ``refused`` what was wrong about it."""
    user = person(request)
    total = Money(getattr(shown, "total_micros", 0) or 0, shown.currency)
    context = {
        "title": f"{shown}, {formats.money_exact(total)}",
        "bill": shown,
        "because": why_waiting([shown])[shown.pk],
        "facts": _facts(shown),
        "lines": shown_lines(shown),
        "entries": EntryTable(request, entries_of(shown), export=False, prefixed=True),
        "history": _history(shown),
        "files": shown.attachments.select_related("added_by"),
        "may_attach": may_attach(user, shown),
        "corrected_by": shown.corrected_by.all(),
        "form": form or ReasonForm(),
        "refused": refused,
        "sections": section_tabs(user, "budgets:bills"),
        "live": f"bill:{shown.pk}",
        "crumbs": [
            ("Budgets", reverse("budgets:centre")),
            ("Bills", reverse("budgets:bills")),
            (str(shown), ""),
        ],
        **_may(user, shown),
    }
    answer = invalid if refused or (form and form.is_bound) else page
    return answer(request, "budgets/bill.html", context)


def _may(user: User, shown: Bill) -> dict[str, bool]:
    """What the person can do with the bill now."""
    works = may_work(user, shown.team, shown.owner_id)
    waits = shown.state in WAITING
    stands = standing_accruals().filter(pk=shown.pk).exists()
    return {
        "may_match": works and waits,
        "may_pass": shown.state == BillState.HELD and may_pass(user, shown),
        "may_credit": works and shown.kind == BillKind.INVOICE and shown.state == BillState.POSTED,
        "may_reverse": works and stands,
        "may_void": (works and waits)
        or (shown.state == BillState.POSTED and not shown.corrects_id and may_void(user, shown))
        or (shown.state == BillState.POSTED and shown.kind == BillKind.CREDIT and may_void(user, shown)),
    }  # fmt: skip


def _facts(shown: Bill) -> Sequence[Fact]:
    today = clock.today()
    facts = [
        Fact("State", shown.get_state_display(), tone=shown.state_tone),
        Fact("From", str(shown.vendor or shown.owner)),
        Fact("Dated", formats.day(shown.dated, today)),
        Fact("Team", str(shown.team)),
        Fact("Looked after by", person=shown.owner.name),
        Fact("Entered by", person=shown.entered_by.name if shown.entered_by else "Adroit"),
    ]
    if shown.due_on:
        label = "Ends on" if shown.kind == BillKind.ACCRUAL else "Due"
        facts.insert(3, Fact(label, formats.day(shown.due_on, today)))
    if shown.corrects:
        facts.append(Fact("About", str(shown.corrects), url=shown.corrects.get_absolute_url()))
    return facts


_WORDS = {
    "bill.entered": "Entered",
    "bill.matched": "Matched",
    "bill.posted": "Posted",
    "bill.held": "Held",
    "bill.void": "Voided",
    "accrual.entered": "Accrued",
    "accrual.reversed": "Reversal posted",
    "attachment.added": "File added",
}


def _history(shown: Bill) -> list[Entry]:
    rows = Event.objects.filter(subject_type=shown._meta.label_lower, subject_id=str(shown.pk))
    return [_entry(event) for event in rows.order_by("-id")[:HISTORY]]


def _entry(event: Event) -> Entry:
    told: Any = event.after or {}
    because = told.get("because", "") if isinstance(told, dict) else ""
    return Entry(
        title=_WORDS.get(event.action, event.action),
        when=formats.moment(timezone.localtime(event.at), clock.today()),
        who=event.actor_name,
        text=event.reason or because,
    )


@gate(*ENTERS, to=TO_ENTER)
@require_POST
def bill_attach(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a scan or receipt with a bill."""
    return keep_upload(request, bill_of(person(request), pk))
