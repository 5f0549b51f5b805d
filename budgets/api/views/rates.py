"""Exchange rates over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.permissions import person
from budgets.api.serializers import rates as shapes
from budgets.forms import RateFilter
from budgets.models import FxRate
from budgets.rules.rate_files import Wanted, read_rate_file
from budgets.rules.rate_rows import read_rate
from budgets.selectors.rate_checks import checked_rows
from budgets.services.rates import rates_ask
from core import clock
from core.api import read
from core.errors import Invalid


class Rates(generics.ListAPIView[FxRate]):
    """Exchange rates in force; ask for one (finance), which a second person confirms."""

    acts = {"GET": Act.VIEW_MONEY, "POST": Act.CHANGE_FX}
    serializer_class = shapes.RateOut
    filterset_class = RateFilter
    queryset = FxRate.objects.all()

    @extend_schema(request=shapes.RateIn, responses={201: shapes.RatesAsked})
    def post(self, request: Request) -> Response:
        data = read(shapes.RateIn, request)
        reason = data.pop("reason")
        rows = [read_rate(data)]
        made = rates_ask(user=person(request), rows=rows, reason=reason, at=clock.now())
        return Response(shapes.RatesAsked(made).data, status=201)


class RateFile(APIView):
    """Look at a file of rates; with a reason, send all of them for confirmation."""

    acts = {"POST": Act.CHANGE_FX}

    @extend_schema(request=shapes.RateFileIn, responses=shapes.RateFileOut)
    def post(self, request: Request) -> Response:
        data = read(shapes.RateFileIn, request)
        wanted = Wanted(data["kind"], data["source"], data["since"])
        rows = checked_rows(read_rate_file(data["content"].encode(), wanted))
        shown: dict[str, Any] = {"rows": rows, "request": None}
        if data["reason"].strip():
            if any(row.problem for row in rows):
                raise Invalid(
                    "Some lines of the file cannot be entered, so nothing was sent.",
                    where="content",
                    details=[
                        {"where": f"line {row.line}", "message": row.problem}
                        for row in rows
                        if row.problem
                    ],
                )
            found = [row.row for row in rows if row.row]
            made = rates_ask(
                user=person(request), rows=found, reason=data["reason"], at=clock.now()
            )
            shown["request"] = made.pk
        return Response(shapes.RateFileOut(shown).data)
