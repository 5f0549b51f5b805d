"""Scenarios over the API: make, change, compare by reading several, adopt."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.permissions import person, require
from analytics.projection import Projection
from budgets.api.serializers import plans as shapes
from budgets.models import Scenario, ScenarioLine
from budgets.rules.case import read_case
from budgets.selectors.outlook import Outlook, history, outlooks
from budgets.selectors.scenarios import ScenarioRow, plan_of_scenario, scenario_rows
from budgets.services import scenarios as services
from core import clock
from core.api import read
from core.errors import Invalid
from core.money import MICROS, Money


def _rows(request: Request) -> QuerySet[Scenario]:
    rows = Scenario.objects.for_user(person(request))
    return rows.select_related("fiscal_year", "team", "owner")


def _own(request: Request, pk: int) -> Scenario:
    found = get_object_or_404(_rows(request), pk=pk)
    require(person(request), Act.DRAFT_REQUEST, team=found.team, owner_id=found.owner_id)
    return found


class Scenarios(generics.ListAPIView[Scenario]):
    """Scenarios in sight, the newest change first; make one."""

    acts = {"GET": Act.VIEW_MONEY, "POST": Act.DRAFT_REQUEST}
    serializer_class = shapes.ScenarioOut
    filter_backends = ()
    queryset = Scenario.objects.none()

    def get_queryset(self) -> QuerySet[Scenario]:
        return _rows(self.request)

    @extend_schema(request=shapes.ScenarioIn, responses={201: shapes.ScenarioOut})
    def post(self, request: Request) -> Response:
        data = read(shapes.ScenarioIn, request)
        made = services.scenario_create(user=person(request), at=clock.now(), **data)
        return Response(shapes.ScenarioOut(made).data, status=201)


class ScenarioDetail(APIView):
    """A scenario with its amounts and what it may bring."""

    acts = {"GET": Act.VIEW_MONEY}

    @extend_schema(responses=shapes.ScenarioWholeOut)
    def get(self, request: Request, pk: int) -> Response:
        found = get_object_or_404(_rows(request), pk=pk)
        rows = scenario_rows(found)
        plan = plan_of_scenario(found, rows)
        past = history(person(request), found.team, clock.today())
        body = {
            "scenario": found,
            "total": plan.total,
            "lines": [_line(row) for row in rows],
            "expected": [_outlook(one) for one in outlooks(plan, past)],
        }
        return Response(shapes.ScenarioWholeOut(body).data)


def _line(row: ScenarioRow) -> dict[str, Any]:
    line = row.line
    return {
        "id": line.pk,
        "name": line.name,
        "budget_line": line.budget_line_id,
        "team": line.team_id,
        "channel": line.channel.key,
        "cells": [{"month": m.key, "amount": a} for m, a in row.cells if a is not None],
    }


def _outlook(one: Outlook) -> dict[str, Any]:
    return {
        "channel": one.channel,
        "planned": one.planned,
        "revenue": _range(one.revenue),
        "conversions": _range(one.conversions),
        "months_of_history": one.revenue.n,
        "why": one.why,
    }


def _range(found: Projection) -> dict[str, Any]:
    levels = {"low": found.low, "mid": found.mid, "high": found.high}
    return {
        name: None if value is None else Money(round(value), "EUR").rounded()
        for name, value in levels.items()
    }


class ScenarioCells(APIView):
    """Set amounts of a draft scenario."""

    acts = {"PUT": Act.DRAFT_REQUEST}

    @extend_schema(request=shapes.ScenarioCellsIn, responses=shapes.ChangedAmountsOut)
    def put(self, request: Request, pk: int) -> Response:
        found = _own(request, pk)
        cells = read(shapes.ScenarioCellsIn, request)["cells"]
        amounts = {(cell["line"], cell["month"]): int(cell["amount"] * MICROS) for cell in cells}
        count = services.cells_set(
            scenario=found, user=person(request), amounts=amounts, at=clock.now()
        )
        return Response(shapes.ChangedAmountsOut({"changed": count}).data)


class ScenarioTool(APIView):
    """Grow amounts, move them by months, or share out a total as last year spent it."""

    acts = {"POST": Act.DRAFT_REQUEST}

    @extend_schema(request=shapes.ScenarioToolIn, responses=shapes.ChangedAmountsOut)
    def post(self, request: Request, pk: int) -> Response:
        found, data = _own(request, pk), read(shapes.ScenarioToolIn, request)
        common: dict[str, Any] = {
            "scenario": found,
            "user": person(request),
            "channel": data["channel"],
            "team": data["team"],
            "at": clock.now(),
        }
        count = _use(data, common)
        return Response(shapes.ChangedAmountsOut({"changed": count}).data)


def _use(data: dict[str, Any], common: dict[str, Any]) -> int:
    needed = {"grow": ["percent"], "shift": ["by"], "spread": ["total", "currency"]}[data["tool"]]
    for name in needed:
        if name not in data:
            raise Invalid(f"{data['tool']} needs {name}.", where=name)
    months = data.get("months", ())
    if data["tool"] == "grow":
        return services.growth_apply(percent=data["percent"], months=months, **common)
    if data["tool"] == "shift":
        return services.months_shift(by=data["by"], **common)
    total = Money(int(data["total"] * MICROS), data["currency"])
    return services.total_spread(total=total, months=months, **common)


class ScenarioLines(APIView):
    """Add a line to a draft scenario."""

    acts = {"POST": Act.DRAFT_REQUEST}

    @extend_schema(request=shapes.ScenarioLineIn, responses={201: shapes.ScenarioLineOut})
    def post(self, request: Request, pk: int) -> Response:
        found, data = _own(request, pk), read(shapes.ScenarioLineIn, request)
        made = services.line_add(scenario=found, user=person(request), at=clock.now(), **data)
        return Response(shapes.ScenarioLineOut(_line(ScenarioRow(made, []))).data, status=201)


class ScenarioLineDetail(APIView):
    """Take a line out of a draft scenario; its budget line stays."""

    acts = {"DELETE": Act.DRAFT_REQUEST}

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        line = get_object_or_404(ScenarioLine, pk=pk)
        _own(request, line.scenario_id)
        services.line_remove(line=line, user=person(request), at=clock.now())
        return Response(status=204)


class ScenarioAdopt(APIView):
    """Make the lines a scenario lacks and one request that brings the plan to it, once."""

    acts = {"POST": Act.DRAFT_REQUEST}

    @extend_schema(request=shapes.ScenarioAdoptIn, responses=shapes.ScenarioAdoptionOut)
    def post(self, request: Request, pk: int) -> Response:
        found, data = _own(request, pk), read(shapes.ScenarioAdoptIn, request)
        done = services.scenario_adopt(
            scenario=found,
            user=person(request),
            reason=data["reason"],
            send=data["send"],
            case=read_case(data),
            at=clock.now(),
        )
        body = {
            "request": done.request.pk,
            "lines_made": [line.pk for line in done.made],
            "stays": done.staying,
        }
        return Response(shapes.ScenarioAdoptionOut(body).data)


class ScenarioArchive(APIView):
    """Put a scenario away; it stays readable."""

    acts = {"POST": Act.DRAFT_REQUEST}

    @extend_schema(request=None, responses=shapes.ScenarioOut)
    def post(self, request: Request, pk: int) -> Response:
        done = services.scenario_archive(
            scenario=_own(request, pk), user=person(request), at=clock.now()
        )
        return Response(shapes.ScenarioOut(done).data)
