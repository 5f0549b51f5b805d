"""Many planned amounts, and many budget lines, over the API."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.permissions import person
from budgets.api.serializers import cells as shapes
from budgets.forms.history import ChangeFilter
from budgets.models import FiscalYear, LedgerTransaction
from budgets.rules.cells import read_cells
from budgets.selectors.plan_history import plan_changes
from budgets.selectors.plan_rows import as_content, plan_rows
from budgets.services.bulk_edit import plan_edit_many, preview_bulk
from budgets.services.line_bulk import lines_change
from core import clock
from core.api import read
from core.errors import Invalid


class Cells(APIView):
    """The plan of a fiscal year by line and month; change many amounts together.

    What only gives out free money of a line is done at once, all the rest becomes one request.
    A cell that somebody changed since it was read is refused, and with it all others.
    """

    acts = {"GET": Act.VIEW_MONEY, "POST": Act.DRAFT_REQUEST}

    @extend_schema(
        parameters=[OpenApiParameter("year", int, description="Fiscal year, such as 2026.")],
        responses=shapes.PlanRowsOut,
    )
    def get(self, request: Request) -> Response:
        asked = request.query_params.get("year", "")
        if not asked.isdecimal():
            raise Invalid("Say which fiscal year.", where="year", remedy="Add ?year=2026.")
        year = get_object_or_404(FiscalYear, year=int(asked))
        return Response(as_content(plan_rows(person(request), year, today=clock.today())))

    @extend_schema(
        request=shapes.CellsIn,
        responses=shapes.CellsOut,
        examples=[
            OpenApiExample(
                "Raise December",
                value={
                    "cells": [
                        {
                            "line": 1,
                            "month": "2026-12",
                            "campaign_line": None,
                            "amount": "165000.00",
                            "version": 3,
                        }
                    ],
                    "reason": "Peak weeks",
                    "dry_run": False,
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        data = read(shapes.CellsIn, request)
        cells, user, now = (
            read_cells([dict(row) for row in data["cells"]]),
            person(request),
            clock.now(),
        )
        if data["dry_run"]:
            plan = preview_bulk(user, cells, at=now).plan
            return Response(_out(plan.given, len(plan.moves), None, done=False))
        done = plan_edit_many(user=user, cells=cells, reason=data["reason"], at=now)
        asked = done.asked.pk if done.asked else None
        return Response(_out(done.plan.given, len(done.plan.moves), asked, done=asked is None))


def _out(at_once: int, asked: int, request: int | None, *, done: bool) -> dict[str, object]:
    content = {"done": done, "at_once": at_once, "asked": asked, "request": request}
    return dict(shapes.CellsOut(content).data)


class LinesChange(APIView):
    """Give many budget lines another owner, account in the books or cost centre, all or none."""

    acts = {"POST": Act.DRAFT_REQUEST}

    @extend_schema(request=shapes.LinesIn, responses=shapes.LinesOut)
    def post(self, request: Request) -> Response:
        data = read(shapes.LinesIn, request)
        count = lines_change(
            ids=[line.pk for line in data["lines"]],
            user=person(request),
            owner=data.get("owner"),
            gl_code=data.get("gl_code"),
            cost_centre=data.get("cost_centre"),
            at=clock.now(),
        )
        return Response(shapes.LinesOut({"changed": count}).data)


class History(generics.ListAPIView[LedgerTransaction]):
    """Changes of plans, newest first: who, when, why, and what they did to lines in sight."""

    acts = {"GET": Act.VIEW_MONEY}
    serializer_class = shapes.PlanChangeOut
    filterset_class = ChangeFilter
    queryset = LedgerTransaction.objects.none()

    def get_queryset(self) -> QuerySet[LedgerTransaction]:
        return plan_changes(person(self.request))
