"""Bills over the API: entered, matched, posted, held, voided; accruals; what is behind a line's month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.permissions import person
from budgets.api.serializers import bills as shapes
from budgets.api.serializers.orders import AttachmentIn, AttachmentOut
from budgets.forms.bills import BillFilter
from budgets.models import Bill, BudgetLine, HoldingEntry
from budgets.selectors.bills import bills_visible, exact_bills, suggestions
from budgets.selectors.bills.shown import ShownLine, entries_of, shown_lines
from budgets.selectors.line_detail import MonthShown, documents, line_months
from budgets.services import bills
from budgets.services.attachments import attachment_add
from budgets.services.bills import ENTERS, PASSES
from core import clock
from core.api import read
from core.money import Money


def _bill(request: Request, pk: int) -> Bill:
    return _told([get_object_or_404(bills_visible(person(request)), pk=pk)])[0]


def _told(rows: Sequence[Bill]) -> list[Bill]:
    """The bills with their sums, and why they wait as their orders stand now."""
    because = bills.why_waiting(rows)
    for row in rows:
        row.held_because = because[row.pk]
    return [_with_total(row) for row in rows]


def _with_total(bill: Bill) -> Bill:
    """The bill with its sum as the answer shows it."""
    micros = getattr(bill, "total_micros", None)
    if micros is None:
        micros = sum(bill.lines.values_list("amount_micros", flat=True))
    bill.total = Money(micros, bill.currency)  # type: ignore[attr-defined]
    return bill


def _micros(amount: Any, currency: str) -> int:
    return Money.parse(amount, currency).micros


class Bills(generics.ListAPIView[Bill]):
    """Invoices, credit notes, expenses and accruals in sight; enter one.

    An invoice that approved orders cover is posted at once, anything else waits for somebody
    other than who entered it.
    """

    acts = {"GET": Act.VIEW_MONEY, "POST": ENTERS}
    serializer_class = shapes.BillOut
    filterset_class = BillFilter
    queryset = Bill.objects.none()

    def get_queryset(self) -> QuerySet[Bill]:
        return bills_visible(person(self.request))

    def paginate_queryset(self, queryset: Any) -> Any:
        rows = super().paginate_queryset(queryset)
        return rows if rows is None else _told(rows)

    @extend_schema(
        request=shapes.BillIn,
        responses={201: shapes.BillOut},
        examples=[
            OpenApiExample(
                "An invoice for an order",
                value={
                    "kind": "invoice", "number": "R-2026-118", "vendor": 1, "team": 1, "owner": 1,
                    "currency": "EUR", "dated": "2026-11-12",
                    "lines": [{"amount": "1200.00", "month": "2026-11", "order_line": 1}],
                },
                request_only=True,
            )
        ],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        data = read(shapes.BillIn, request)
        rows = [dict(row) for row in data.pop("lines")]
        lines = [
            bills.LineIn(amount_micros=_micros(row.pop("amount"), data["currency"]), **row)
            for row in rows
        ]
        given = bills.BillIn(lines=lines, **data)
        made = bills.bill_enter(user=person(request), given=given, at=clock.now())
        return Response(shapes.BillOut(_with_total(made)).data, status=201)


class BillDetail(APIView):
    """One bill with its lines and what it wrote to the commitment ledger."""

    acts = {"GET": Act.VIEW_MONEY}

    @extend_schema(responses=shapes.BillDetailOut)
    def get(self, request: Request, pk: int) -> Response:
        bill = _bill(request, pk)
        shown = {
            "bill": bill,
            "lines": [_line(one) for one in shown_lines(bill)],
            "entries": [_entry(entry) for entry in entries_of(bill)],
        }
        return Response(shapes.BillDetailOut(shown).data)


def _line(one: ShownLine) -> dict[str, Any]:
    line, beside = one.line, one.beside
    return {
        "position": line.position,
        "description": line.description,
        "order_line": line.order_line_id,
        "order": line.order_line.order.reference if line.order_line else "",
        "budget_line": line.budget_line_id,
        "campaign_line": line.campaign_line_id,
        "month": line.month,
        "amount": line.amount,
        "borne": one.borne,
        "rate": line.rate,
        "rate_name": line.rate_name,
        "fx_difference": one.fx_difference,
        "used": line.used if line.order_line else None,
        "used_rate": line.order_rate,
        "used_rate_name": line.order_rate_name,
        "is_whole_month": line.is_whole_month,
        "imported": beside and beside.imported,
        "billed": beside and beside.billed,
        "counts": beside and beside.counts,
    }


def _entry(entry: HoldingEntry) -> dict[str, Any]:
    currency = entry.holding.budget_line.currency
    return {
        "budget_line": entry.holding.budget_line_id,
        "campaign_line": entry.holding.campaign_line_id,
        "month": entry.holding.month,
        "committed": Money(entry.committed_micros, currency),
        "accrued": Money(entry.accrued_micros, currency),
        "billed": Money(entry.billed_micros, currency),
        "at": entry.at,
        "who": entry.actor_name,
        "why": entry.reason,
    }


class BillSuggestions(APIView):
    """The order lines that the lines of a bill may belong to, the likeliest first, with the reasons."""

    acts = {"GET": ENTERS}

    @extend_schema(responses=shapes.SuggestionOut(many=True))
    def get(self, request: Request, pk: int) -> Response:
        bill = _bill(request, pk)
        found = [
            {
                "line": position,
                "order_line": one.offer.key,
                "order": one.offer.reference,
                "open": Money(one.offer.open, one.offer.currency),
                "month": one.offer.month,
                "reasons": list(one.reasons),
                "is_exact": one.is_exact,
            }
            for position, rows in suggestions(bill, person(request)).items()
            for one in rows
        ]
        return Response(shapes.SuggestionOut(found, many=True).data)


class BillFiles(APIView):
    """The scans and receipts kept with a bill; keep another one."""

    acts = {"GET": Act.VIEW_MONEY, "POST": ENTERS}

    @extend_schema(responses=AttachmentOut(many=True))
    def get(self, request: Request, pk: int) -> Response:
        rows = _bill(request, pk).attachments.select_related("added_by")
        return Response(AttachmentOut(rows, many=True).data)

    @extend_schema(request={"multipart/form-data": AttachmentIn}, responses={201: AttachmentOut})
    def post(self, request: Request, pk: int) -> Response:
        bill, upload = _bill(request, pk), read(AttachmentIn, request)["file"]
        kept = attachment_add(target=bill, user=person(request), upload=upload, at=clock.now())
        return Response(AttachmentOut(kept).data, status=201)


class BillMatch(APIView):
    """Say what the lines of a waiting bill are for, and post it.

    Beyond the spending check of its budget line the bill is held: then ``state`` says so.
    """

    acts = {"POST": ENTERS}

    @extend_schema(request=shapes.MatchesIn, responses=shapes.BillOut)
    def post(self, request: Request, pk: int) -> Response:
        rows = [dict(row) for row in read(shapes.MatchesIn, request)["matches"]]
        matches = [bills.Match(position=row.pop("line"), **row) for row in rows]
        done = bills.bill_match(
            bill=_bill(request, pk), user=person(request), matches=matches, at=clock.now()
        )
        return Response(shapes.BillOut(_with_total(done)).data)


class BillsAccept(APIView):
    """Post every waiting invoice of which each line has exactly one order."""

    acts = {"POST": ENTERS}

    @extend_schema(request=None, responses=shapes.AcceptedOut)
    def post(self, request: Request) -> Response:
        user = person(request)
        done = bills.bills_accept_exact(user=user, bills=exact_bills(user), at=clock.now())
        shown = {
            "posted": [bill.pk for bill in done.posted],
            "left": [{"bill": bill.pk, "why": why} for bill, why in done.left],
        }
        return Response(shapes.AcceptedOut(shown).data)


class BillDispute(APIView):
    """Hold a bill because something about it is wrong."""

    acts = {"POST": ENTERS}

    @extend_schema(request=shapes.BillReasonIn, responses=shapes.BillOut)
    def post(self, request: Request, pk: int) -> Response:
        reason = read(shapes.BillReasonIn, request)["reason"]
        done = bills.bill_dispute(
            bill=_bill(request, pk), user=person(request), comment=reason, at=clock.now()
        )
        return Response(shapes.BillOut(_with_total(done)).data)


class BillPass(APIView):
    """Post a held bill although its budget line has too little; finance or a director."""

    acts = {"POST": PASSES}

    @extend_schema(request=shapes.BillReasonIn, responses=shapes.BillOut)
    def post(self, request: Request, pk: int) -> Response:
        reason = read(shapes.BillReasonIn, request)["reason"]
        done = bills.bill_pass(
            bill=_bill(request, pk), user=person(request), reason=reason, at=clock.now()
        )
        return Response(shapes.BillOut(_with_total(done)).data)


class BillVoid(APIView):
    """Take a bill back; a posted one by entries that undo it."""

    acts = {"POST": ENTERS}

    @extend_schema(request=shapes.BillReasonIn, responses=shapes.BillOut)
    def post(self, request: Request, pk: int) -> Response:
        reason = read(shapes.BillReasonIn, request)["reason"]
        done = bills.bill_void(
            bill=_bill(request, pk), user=person(request), reason=reason, at=clock.now()
        )
        return Response(shapes.BillOut(_with_total(done)).data)


class Accruals(APIView):
    """Count a part of an order as used in a month before its invoice comes."""

    acts = {"POST": ENTERS}

    @extend_schema(request=shapes.AccrualIn, responses={201: shapes.BillOut})
    def post(self, request: Request) -> Response:
        data = read(shapes.AccrualIn, request)
        currency = data["order_line"].order.currency
        made = bills.accrue(
            user=person(request),
            amount_micros=_micros(data.pop("amount"), currency),
            at=clock.now(),
            **data,
        )
        return Response(shapes.BillOut(_with_total(made)).data, status=201)


class AccrualReverse(APIView):
    """End an accrual before its invoice comes; the answer is its reversal."""

    acts = {"POST": ENTERS}

    @extend_schema(request=shapes.BillReasonIn, responses={201: shapes.BillOut})
    def post(self, request: Request, pk: int) -> Response:
        reason = read(shapes.BillReasonIn, request)["reason"]
        made = bills.accrual_reverse(
            bill=_bill(request, pk), user=person(request), reason=reason, at=clock.now()
        )
        return Response(shapes.BillOut(_with_total(made)).data, status=201)


class LineMonthsDetail(APIView):
    """The months of a budget line with the orders, bills and reported spend that make each number."""

    acts = {"GET": Act.VIEW_MONEY}

    @extend_schema(responses=shapes.MonthDetailOut(many=True))
    def get(self, request: Request, pk: int) -> Response:
        rows = BudgetLine.objects.for_user(person(request)).select_related("fiscal_year")
        line = get_object_or_404(rows, pk=pk)
        found = [_month(line, one) for one in line_months(line)]
        return Response(shapes.MonthDetailOut(found, many=True).data)


def _month(line: BudgetLine, one: MonthShown) -> dict[str, Any]:
    return {
        "month": one.month.key,
        **dict(one.figures),
        "parts": [
            {
                "campaign_line": part.campaign_line.pk if part.campaign_line else None,
                "imported": part.imported,
                "billed": part.billed,
                "held": part.held,
                "open": part.open,
                "actual": part.actual,
                "why": part.why,
            }
            for part in one.parts
        ],
        "documents": documents(line, one.month.key) if one.parts else [],
    }
