"""The matching queue: bills that wait, and what each of their lines may belong to."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from django.db.models import OuterRef, QuerySet, Subquery, Sum

from accounts.models import User
from budgets.choices import BillKind, BillState
from budgets.models import Bill, BillLine, OrderLine
from budgets.rules.fx import Quote
from budgets.rules.matching import Offer, Sought, Suggestion, likeliest, suggest
from budgets.selectors.bills.openorders import offers
from budgets.selectors.bills.rates import bill_rate
from core.errors import Invalid
from core.money import convert

WAITING = (BillState.TO_MATCH, BillState.HELD)


def bills_visible(user: User) -> QuerySet[Bill]:
    """Bills in sight with their sum (``total_micros``) and everything a list shows."""
    total = BillLine.objects.filter(bill=OuterRef("pk")).values("bill")
    sums = total.annotate(total=Sum("amount_micros")).values("total")
    rows = Bill.objects.for_user(user).annotate(total_micros=Subquery(sums))
    return rows.select_related("vendor", "team", "owner", "entered_by", "corrects")


def waiting_bills(user: User) -> QuerySet[Bill]:
    """The matching queue, what waits longest first."""
    return bills_visible(user).filter(state__in=WAITING).order_by("entered_at", "pk")


def suggestions(bill: Bill, user: User) -> dict[int, list[Suggestion]]:
    """Position of each line of a bill -> the order lines it may belong to, the likeliest first."""
    lines = list(bill.lines.select_related("bill").order_by("position"))
    if bill.vendor is None or bill.kind != BillKind.INVOICE:
        return {line.position: [] for line in lines}
    known = offers(user, bill.vendor)
    rates = _rates(bill, {offer.currency for offer in known})
    return {
        line.position: likeliest(
            one for rate in rates for one in suggest(_sought(line, rate), known)
        )
        for line in lines
    }


def _rates(bill: Bill, currencies: set[str]) -> list[Quote]:
    """The bill's rate to each currency of its vendor's orders; those without a rate are left out."""
    found = []
    for currency in sorted(currencies | {bill.currency}):
        with suppress(Invalid):
            found.append(bill_rate(bill.currency, currency, bill.dated))
    return found


def _sought(line: BillLine, rate: Quote) -> Sought:
    """A line of a bill in the currency of a rate."""
    bill = line.bill
    return Sought(
        vendor=bill.vendor_id or 0,
        currency=rate.quote,
        micros=convert(line.amount, rate.rate, rate.quote).micros,
        month=line.month,
        text=f"{bill.number} {bill.note} {line.description}",
        rate_name=rate.name if rate.quote != bill.currency else "",
    )


def exact_matches(bill: Bill, user: User) -> list[tuple[int, OrderLine]]:
    """(position, order line) of every line when each has one exact match; else nothing."""
    best = {place: _exact(found) for place, found in suggestions(bill, user).items()}
    keys = [offer.key for offer in best.values() if offer]
    if len(keys) < len(best) or len(set(keys)) < len(keys):
        return []
    found = OrderLine.objects.select_related(
        "order", "budget_line__fiscal_year", "campaign_line"
    ).in_bulk(keys)
    return [(place, found[offer.key]) for place, offer in best.items() if offer]


def _exact(found: Sequence[Suggestion]) -> Offer | None:
    return next((one.offer for one in found if one.is_exact), None)


def exact_bills(user: User) -> list[Bill]:
    """Waiting invoices, each line of which has exactly one order."""
    rows = waiting_bills(user).filter(kind=BillKind.INVOICE, state=BillState.TO_MATCH)
    return [bill for bill in rows if exact_matches(bill, user)]
