"""Budgets over the API: years, lines, and the plan by month."""

from __future__ import annotations

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
from approvals.models import ChangeRequest
from budgets import services
from budgets.api.serializers import lines as shapes
from budgets.forms import LineFilter
from budgets.models import BudgetLine, FiscalYear
from budgets.selectors import LineMonths, MonthTable, cell_history, line_month_table
from budgets.services.moves import month_of
from core import clock
from core.api import AS_OF, read
from core.known import answer_as_known
from core.money import Money


def _line(request: Request, pk: int) -> BudgetLine:
    rows = BudgetLine.objects.for_user(person(request)).select_related(
        "fiscal_year", "team", "owner", "channel"
    )
    return get_object_or_404(rows, pk=pk)


class Years(generics.ListAPIView[FiscalYear]):
    """Fiscal years whose books are open; open another."""

    acts = {"GET": Act.VIEW_MONEY, "POST": services.OPENS_YEARS}
    serializer_class = shapes.YearOut
    filter_backends = ()
    queryset = FiscalYear.objects.all()

    @extend_schema(request=shapes.YearIn, responses={201: shapes.YearOut})
    def post(self, request: Request) -> Response:
        data = read(shapes.YearIn, request)
        year = services.year_open(user=person(request), at=clock.now(), **data)
        return Response(shapes.YearOut(year).data, status=201)


class YearMonths(APIView):
    """Planned, reserved, committed, actual and available of every visible line by month."""

    acts = {"GET": Act.VIEW_MONEY}

    @extend_schema(parameters=[AS_OF], responses=shapes.MonthTableOut)
    @answer_as_known
    def get(self, request: Request, year: int) -> Response:
        found = get_object_or_404(FiscalYear, year=year)
        table = line_month_table(person(request), found)
        return Response(shapes.MonthTableOut(_table(table)).data)


def _table(table: MonthTable) -> dict[str, Any]:
    return {
        "fiscal_year": table.year.year,
        "as_of": table.as_of,
        "gaps": table.gaps,
        "lines": [_months(line) for line in table.lines],
    }


def _months(line: LineMonths) -> dict[str, Any]:
    months = [
        {
            "month": key,
            "planned": c.planned,
            "reserved": c.reserved,
            "committed": c.committed,
            "actual": c.actual,
            "available": c.available,
        }
        for key, c in line.cells.items()
    ]
    return {"line": line.line.pk, "name": line.line.name, "months": months}


class Lines(generics.ListAPIView[BudgetLine]):
    """Budget lines in sight; make one."""

    acts = {"GET": Act.VIEW_MONEY, "POST": Act.DRAFT_REQUEST}
    serializer_class = shapes.LineOut
    filterset_class = LineFilter
    queryset = BudgetLine.objects.none()

    def get_queryset(self) -> QuerySet[BudgetLine]:
        rows = BudgetLine.objects.for_user(person(self.request))
        joined = rows.select_related("fiscal_year", "team", "owner", "channel")
        return joined.prefetch_related("campaign_lines")

    @extend_schema(request=shapes.LineIn, responses={201: shapes.LineOut})
    def post(self, request: Request) -> Response:
        fields = {"campaign_lines": []} | read(shapes.LineIn, request)
        made = services.line_create(user=person(request), at=clock.now(), **fields)
        return Response(shapes.LineOut(made).data, status=201)


class LineDetail(APIView):
    """One budget line; change its name, owner, account or what it pays for."""

    acts = {"GET": Act.VIEW_MONEY, "PUT": Act.DRAFT_REQUEST}

    @extend_schema(responses=shapes.LineOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(shapes.LineOut(_line(request, pk)).data)

    @extend_schema(request=shapes.LineChange, responses=shapes.LineOut)
    def put(self, request: Request, pk: int) -> Response:
        line = _line(request, pk)
        fields = read(shapes.LineChange, request)
        changed = services.line_change(line=line, user=person(request), at=clock.now(), **fields)
        return Response(shapes.LineOut(changed).data)


class LinePlan(APIView):
    """The history of a line's month; change its planned amount.

    Giving out free money of the line is done at once, everything else becomes a request.
    """

    acts = {"GET": Act.VIEW_MONEY, "POST": Act.DRAFT_REQUEST}

    @extend_schema(responses=shapes.ChangeOut(many=True))
    def get(self, request: Request, pk: int, month: str) -> Response:
        line = _line(request, pk)
        month_of(line, month)
        rows = [
            {
                "at": change.transaction.at,
                "who": change.transaction.actor_name,
                "why": change.transaction.reason,
                "change": change.change,
                "after": change.after,
                "request": change.transaction.request_id,
            }
            for change in cell_history(line, month)
        ]
        return Response(shapes.ChangeOut(rows, many=True).data)

    @extend_schema(
        request=shapes.PlanIn,
        responses=shapes.PlanOut,
        examples=[
            OpenApiExample(
                "Give out free money",
                value={"campaign_line": 1, "amount": "160000.00", "reason": "Peak"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, pk: int, month: str) -> Response:
        line = _line(request, pk)
        fields = read(shapes.PlanIn, request)
        part = fields["campaign_line"]
        made = services.plan_edit(
            user=person(request),
            line=line,
            part=get_object_or_404(line.campaign_lines.all(), pk=part) if part else None,
            month=month,
            amount_micros=Money.parse(fields["amount"], line.currency).micros,
            reason=fields["reason"],
            at=clock.now(),
        )
        asked = made.pk if isinstance(made, ChangeRequest) else None
        return Response(shapes.PlanOut({"done": asked is None, "request": asked}).data)
