"""Versions of a plan and targets from above over the API."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.permissions import person
from budgets.api.serializers import plans as shapes
from budgets.models import BudgetVersion, FiscalYear
from budgets.selectors.locks import lock_of
from budgets.selectors.topdown import TopDownTable, top_down_table
from budgets.selectors.versions import NOW, START, Difference, compare, point, versions_of
from budgets.services import OPENS_YEARS
from budgets.services.topdown import SETS_TARGETS, Spot, target_spread, targets_set
from budgets.services.versions import baseline_set, version_take
from core import clock
from core.api import read
from core.errors import Invalid
from core.models import Organisation
from core.money import MICROS


def text_parameter(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, str, description=description)


class Versions(APIView):
    """Versions of a year's plan and its lock; name the plan of this moment."""

    acts = {"GET": Act.VIEW_MONEY, "POST": OPENS_YEARS}

    @extend_schema(responses=shapes.BudgetVersionsOut)
    def get(self, request: Request, year: int) -> Response:  # noqa: ARG002
        found = get_object_or_404(FiscalYear, year=year)
        body = {"lock": lock_of(found), "versions": versions_of(found)}
        return Response(shapes.BudgetVersionsOut(body).data)

    @extend_schema(request=shapes.BudgetVersionIn, responses={201: shapes.BudgetVersionOut})
    def post(self, request: Request, year: int) -> Response:
        found = get_object_or_404(FiscalYear, year=year)
        data = read(shapes.BudgetVersionIn, request)
        made = version_take(user=person(request), year=found, at=clock.now(), **data)
        return Response(shapes.BudgetVersionOut(made).data, status=201)


class VersionBaseline(APIView):
    """Show variance against this version from now on."""

    acts = {"POST": OPENS_YEARS}

    @extend_schema(request=None, responses=shapes.BudgetVersionOut)
    def post(self, request: Request, pk: int) -> Response:
        version = get_object_or_404(BudgetVersion.objects.select_related("fiscal_year"), pk=pk)
        made = baseline_set(version=version, user=person(request), at=clock.now())
        return Response(shapes.BudgetVersionOut(made).data)


class VersionCompare(APIView):
    """Two points of a plan, cell by cell, with totals for each currency."""

    acts = {"GET": Act.VIEW_MONEY}

    @extend_schema(
        responses=shapes.ComparisonOut,
        parameters=[
            text_parameter("old", "`v3`, `baseline`, `now`, or `start`: before the first plan."),
            text_parameter("new", "The same; `now` when left out."),
            text_parameter("all", "`1` for amounts that do not differ too."),
        ],
    )
    def get(self, request: Request, year: int) -> Response:
        found = get_object_or_404(FiscalYear, year=year)
        old = point(found, request.query_params.get("old") or START)
        new = point(found, request.query_params.get("new") or NOW)
        result = compare(person(request), found, old, new)
        cells = result.cells if request.query_params.get("all") == "1" else result.changed()
        body = {
            "old": old.label,
            "new": new.label,
            "cells": [_difference(cell) for cell in cells],
            "totals": [_difference(total) for total in result.totals()],
        }
        return Response(shapes.ComparisonOut(body).data)


def _difference(cell: Difference) -> dict[str, Any]:
    return {
        "line": cell.line.pk if cell.line else None,
        "name": cell.label,
        "month": cell.month.key if cell.month else None,
        "old": cell.old,
        "new": cell.new,
        "change": cell.change,
    }


class Targets(APIView):
    """Targets from above beside the sums of lines; set several at once."""

    acts = {"GET": Act.VIEW_MONEY, "PUT": SETS_TARGETS}

    @extend_schema(
        responses=shapes.TopDownTableOut,
        parameters=[text_parameter("month", "A month such as `2026-11`; the year when left out.")],
    )
    def get(self, request: Request, year: int) -> Response:
        found = get_object_or_404(FiscalYear, year=year)
        table = top_down_table(person(request), found, _month(request, found))
        return Response(shapes.TopDownTableOut(_table(table)).data)

    @extend_schema(request=shapes.TopDownsIn, responses=shapes.ChangedAmountsOut)
    def put(self, request: Request, year: int) -> Response:
        found = get_object_or_404(FiscalYear, year=year)
        amounts = {
            _spot(found, row): None if row["amount"] is None else int(row["amount"] * MICROS)
            for row in read(shapes.TopDownsIn, request)["targets"]
        }
        count = targets_set(user=person(request), amounts=amounts, at=clock.now())
        return Response(shapes.ChangedAmountsOut({"changed": count}).data)


class TargetSpread(APIView):
    """Share a target out over teams, channels or months; the parts sum to it."""

    acts = {"POST": SETS_TARGETS}

    @extend_schema(request=shapes.TopDownSpreadIn, responses=shapes.ChangedAmountsOut)
    def post(self, request: Request, year: int) -> Response:
        found = get_object_or_404(FiscalYear, year=year)
        data = read(shapes.TopDownSpreadIn, request)
        made = target_spread(
            user=person(request),
            spot=_spot(found, data),
            over=data["over"],
            by=data["by"],
            percents=data.get("percents"),
            at=clock.now(),
        )
        return Response(shapes.ChangedAmountsOut({"changed": len(made)}).data)


def _spot(year: FiscalYear, data: dict[str, Any]) -> Spot:
    return Spot(year, data["team"], data["channel"], data["month"])


def _month(request: Request, year: FiscalYear) -> str:
    month = request.query_params.get("month", "")
    known = {period.key for period in Organisation.current().calendar.months(year.year)}
    if month and month not in known:
        raise Invalid(f"{month} is not a month of {year}.", where="month")
    return month


def _table(table: TopDownTable) -> dict[str, Any]:
    channels = [channel.key if channel else None for channel in table.channels]
    return {
        "fiscal_year": table.year.year,
        "month": table.month,
        "currency": table.currency,
        "gaps": table.gaps,
        "targets": [
            {
                "team": row.team.pk if row.team else None,
                "channel": channel,
                "target": cell.target,
                "planned": cell.planned,
                "difference": cell.difference,
            }
            for row in table.rows
            for channel, cell in zip(channels, row.cells, strict=True)
        ],
    }
