"""The matching queue: one bill at a time, with the orders it may belong to and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.permissions import gate, person
from budgets.forms.bills import ReasonForm
from budgets.models import Bill
from budgets.rules.matching import NAMED, Suggestion
from budgets.rules.month_names import month_name
from budgets.selectors.bills import exact_bills, suggestions, waiting_bills
from budgets.selectors.bills.shown import ShownLine, shown_lines
from budgets.selectors.sections import section_tabs
from budgets.services.bills import ENTERS, TO_ENTER, is_second, may_pass, may_work, why_waiting
from budgets.views.bills.places import Places
from budgets.views.bills.remedies import Refusal, blanket_links
from core import clock, formats
from core.money import Money
from core.pages import invalid, page
from core.parts import Need

SHOWN = 12


@dataclass(frozen=True, slots=True)
class Option:
    """An order line that can be accepted for a bill line; only a likely one is chosen beforehand."""

    value: str
    label: str
    reasons: str
    is_exact: bool
    is_likely: bool


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A line of the bill with what it may be for."""

    shown: ShownLine
    options: Sequence[Option]
    current: str


@gate(*ENTERS, to=TO_ENTER)
@require_safe
def matching(request: HttpRequest) -> HttpResponse:
    """The bill that waits longest, or the one of ``?bill=``."""
    wanted = request.GET.get("bill", "")
    return queue_page(request, person(request), int(wanted) if wanted.isdecimal() else 0)


def queue_page(
    request: HttpRequest, user: User, wanted: int, refused: Refusal | None = None
) -> HttpResponse:
    """The queue at the bill of a number; with ``refused`` why that one was not posted."""
    rows = list(waiting_bills(user))
    chosen = next((row for row in rows if row.pk == wanted), rows[0] if rows else None)
    exact = exact_bills(user) if rows else []
    context = {
        "title": _title(len(rows)),
        "sections": section_tabs(user, "budgets:bills"),
        "waiting": [_need(row) for row in rows[:SHOWN]],
        "more": max(0, len(rows) - SHOWN),
        "exact": len(exact),
        "refused": refused,
        "live": "bills",
        "crumbs": [("Budgets", reverse("budgets:centre")), ("Matching", "")],
        **(_chosen(user, chosen, rows) if chosen else {"bill": None}),
    }
    return (invalid if refused else page)(request, "budgets/matching.html", context)


def _title(count: int) -> str:
    if not count:
        return "Every bill is matched"
    return (
        "1 bill waits for a second look" if count == 1 else f"{count} bills wait for a second look"
    )


def _need(row: Bill) -> Need:
    total = Money(getattr(row, "total_micros", 0) or 0, row.currency)
    return Need(
        title=f"{row} of {row.vendor or row.owner}",
        url=f"{reverse('budgets:matching')}?bill={row.pk}",
        icon="file-check",
        meta=f"{row.get_state_display()} · {formats.ago(row.entered_at, clock.now())}",
        stake=formats.money(total),
        tone=row.state_tone,
    )


def _chosen(user: User, bill: Bill, rows: Sequence[Bill]) -> dict[str, Any]:
    places, found = Places(user, bill.vendor), suggestions(bill, user)
    numbers = [row.pk for row in rows]
    after = numbers[(numbers.index(bill.pk) + 1) % len(numbers)]
    before = numbers[numbers.index(bill.pk) - 1]
    here = reverse("budgets:matching")
    return {
        "bill": bill,
        "because": why_waiting([bill])[bill.pk],
        "total": Money(getattr(bill, "total_micros", 0) or 0, bill.currency),
        "lines": [_line(one, found.get(one.line.position, [])) for one in shown_lines(bill)],
        "places": places.choices,
        "months": places.months,
        "form": ReasonForm(),
        "blankets": blanket_links(user, bill),
        "may_match": may_work(user, bill.team, bill.owner_id),
        "may_pass": bill.state == "held" and may_pass(user, bill),
        "is_own": not is_second(user, bill),
        "next_url": f"{here}?bill={after}" if len(numbers) > 1 else "",
        "previous_url": f"{here}?bill={before}" if len(numbers) > 1 else "",
    }


def _line(shown: ShownLine, found: Sequence[Suggestion]) -> QueueLine:
    return QueueLine(shown, [_option(one, index) for index, one in enumerate(found)], _now(shown))


def _option(one: Suggestion, index: int) -> Option:
    left = formats.money_exact(Money(one.offer.open, one.offer.currency))
    label = f"{one.offer.reference} {one.offer.text}, {month_name(one.offer.month)}: {left} open"
    likely = index == 0 and (one.is_exact or one.points >= NAMED)
    return Option(f"o{one.offer.key}", label, " · ".join(one.reasons), one.is_exact, likely)


def _now(shown: ShownLine) -> str:
    """What the line is for as it was entered."""
    line = shown.line
    if line.order_line_id:
        return f"o{line.order_line_id}"
    if line.budget_line_id:
        return f"b{line.budget_line_id}" + (
            f"/{line.campaign_line_id}" if line.campaign_line_id else ""
        )
    return ""
