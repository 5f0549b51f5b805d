"""Where the running month ends, over the API: the rows of the pacing page."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.choices import Act
from accounts.permissions import person
from budgets.api.serializers import pacing as shapes
from budgets.forms.pacing import PacingFilter
from budgets.models import BudgetLine
from budgets.selectors import LineLanding, act_words, lines_of_month, why_silent
from core import known
from core.api import AS_OF
from core.known import answer_as_known
from core.models import Organisation


class Pacing(generics.GenericAPIView[BudgetLine]):
    """Every visible line's running month: where it ends and how likely that misses its plan."""

    acts = {"GET": Act.VIEW_MONEY}
    serializer_class = shapes.LandingOut
    filterset_class = PacingFilter
    pagination_class = None
    queryset = BudgetLine.objects.none()

    def get_queryset(self) -> QuerySet[BudgetLine]:
        month = Organisation.current().calendar.month_of(known.today())
        return lines_of_month(person(self.request), month)

    @extend_schema(parameters=[AS_OF], responses=shapes.LandingOut(many=True))
    @answer_as_known
    def get(self, request: Request) -> Response:
        month = Organisation.current().calendar.month_of(known.today())
        found = PacingFilter(request.query_params, self.get_queryset(), request=request)
        rows = [_row(one) for one in found.lines(known.today(), month) if one.plan]
        return Response(shapes.LandingOut(rows, many=True).data)


def _chance(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(value)).quantize(Decimal("0.0001"))


def _row(found: LineLanding) -> dict[str, Any]:
    one = found.landing
    amounts = ("p10", "p50", "p90", "leftover", "overspend")
    known = one.reason is None
    return {
        "line": found.line.pk,
        "name": found.line.name,
        "month": found.month.key,
        "planned": found.plan,
        "spent": found.money(one.spent),
        "promised": found.money(one.certain),
        **{name: found.money(getattr(one, name)) if known else None for name in amounts},
        "chance_over": _chance(one.chance_over),
        "chance_under": _chance(one.chance_under),
        "act": act_words(found),
        "days_missing": one.days_missing,
        "days_of_history": one.n,
        "through": found.through,
        "reason": why_silent(found),
    }
