"""The one query, the registry and targets over the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.permissions import person, sees_money
from core import clock, known
from core.api import AS_OF, read
from core.known import answer_as_known
from metrics.api import serializers as shapes
from metrics.forms import TargetFilter
from metrics.models import Target
from metrics.rules.registry import METRICS
from metrics.selectors import (
    DIMENSIONS,
    as_plain,
    in_force,
    query,
    target_progress,
    targets_visible,
)
from metrics.selectors.asking import MAX_ROWS, OWN, question
from metrics.services import target_edit, target_retire, target_set

ANSWER = {
    "columns": [
        {"key": "campaign", "label": "Campaign", "unit": "", "currency": None, "direction": "", "formula": ""},
        {"key": "spend", "label": "Spend", "unit": "money", "currency": "EUR", "direction": "none", "formula": "Sum of spend"},
        {"key": "roas", "label": "ROAS", "unit": "ratio", "currency": None, "direction": "up", "formula": "Revenue ÷ Spend"},
    ],
    "rows": [{"campaign": "Winter Layers", "campaign_id": 12, "spend": "17516.00", "roas": "4.26"}],
    "totals": {"spend": "17516.00", "roas": "4.26"},
    "row_count": 1,
    "period": {"key": "2026-10", "first_day": "2026-10-01", "last_day": "2026-10-31"},
    "currency": "EUR",
    "rates": [],
    "refused": {},
    "notes": [],
    "data": {"first_day": "2026-10-01", "last_day": "2026-10-31"},
    "as_of": "2026-11-20T06:00:00+00:00",
    "known_at": "2026-11-20T06:00:00+00:00",
    "batches": [{"id": 7, "label": "google.csv", "known_at": "2026-11-20T06:00:00+00:00"}],
}  # fmt: skip


def _text(name: str, said: str, *, required: bool = False) -> OpenApiParameter:
    return OpenApiParameter(name, str, required=required, description=said)


PARAMETERS = [
    _text("metrics", "Keys of metrics with commas: spend,roas", required=True),
    _text("by", "Dimensions with commas: campaign,month, also segment:placement"),
    _text("period", "2026-10, 2026-Q3, FY2026, last-28d, 2026-04..2026-06", required=True),
    _text("as_of", "What was known at a moment, or at the end of a day"),
    _text("currency", "Amounts in this currency, at the registered rates"),
    _text("compare", "previous, year or a period"),
    _text("order", "Keys with commas, - first for descending"),
    OpenApiParameter("limit", int, description=f"Rows, at most {MAX_ROWS}"),
    OpenApiParameter("mature", bool, description="Young days as they are expected when final"),
    *(
        OpenApiParameter(key, str, many=True, description=f"Only these: number or name of a {key}")
        for key, dimension in DIMENSIONS.items()
        if not dimension.is_time and key not in OWN
    ),
]


class Query(APIView):
    """Any metric by any split, as every page asks.

    Every dimension (and ``segment:<attribute>``) is also a filter: a number or a name,
    repeated for several. Amounts and fractions are decimal text with their currency named.
    """

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(
        parameters=PARAMETERS,
        responses=OpenApiTypes.OBJECT,
        examples=[OpenApiExample("Spend and ROAS by campaign", ANSWER, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        asked = question(request.query_params, today=clock.today())
        result = query(viewer=person(request), **asked)
        return Response(as_plain(result))


class Metrics(APIView):
    """The registry: every metric with formula, unit, direction and place in the tree."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(responses=shapes.MetricOut(many=True))
    def get(self, request: Request) -> Response:
        money = sees_money(person(request))
        visible = (metric for metric in METRICS.values() if money or not metric.is_money)
        return Response([shapes.MetricOut(metric).data for metric in visible])


def _progress(targets: Sequence[Target]) -> Any:
    return target_progress(targets, today=known.today(), mature=True)


def _target(request: Request, pk: int) -> Target:
    return get_object_or_404(targets_visible(person(request)), pk=pk)


def _one(request: Request, pk: int, status: int = 200) -> Response:
    return Response(shapes.TargetOut(_progress([_target(request, pk)])[0]).data, status=status)


class Targets(generics.GenericAPIView[Any]):
    """List targets with their progress; set one."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "POST": Act.DRAFT_REQUEST}
    serializer_class = shapes.TargetOut
    filterset_class = TargetFilter
    queryset = Target.objects.none()

    def get_queryset(self) -> QuerySet[Target]:
        if getattr(self, "swagger_fake_view", False):
            return Target.objects.none()
        return targets_visible(person(self.request)).filter(in_force())

    @extend_schema(parameters=[AS_OF], responses=shapes.TargetOut(many=True))
    @answer_as_known
    def get(self, request: Request) -> Response:  # noqa: ARG002
        # Progress is worked out for this page of the list alone.
        found = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response([shapes.TargetOut(p).data for p in _progress(found)])

    @extend_schema(
        request=shapes.TargetIn,
        responses={201: shapes.TargetOut},
        examples=[
            OpenApiExample(
                "ROAS of a campaign",
                {
                    "metric": "roas",
                    "team": 4,
                    "campaign": 12,
                    "value": "4.2",
                    "first_day": "2026-10-01",
                    "last_day": "2026-12-31",
                    "owner": 7,
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        fields = read(shapes.TargetIn, request)
        made = target_set(user=person(request), at=clock.now(), **fields)
        return _one(request, made.pk, status=201)


class TargetDetail(APIView):
    """One target with its progress; change it."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "PATCH": Act.DRAFT_REQUEST}

    @extend_schema(parameters=[AS_OF], responses=shapes.TargetOut)
    @answer_as_known
    def get(self, request: Request, pk: int) -> Response:
        return _one(request, pk)

    @extend_schema(request=shapes.TargetChange, responses=shapes.TargetOut)
    def patch(self, request: Request, pk: int) -> Response:
        target, data = _target(request, pk), read(shapes.TargetChange, request)
        target_edit(target=target, user=person(request), at=clock.now(), **data)
        return _one(request, pk)


class TargetRetire(APIView):
    """Take a target out of force; it stays on record."""

    acts = {"POST": Act.DRAFT_REQUEST}

    @extend_schema(request=shapes.RetireIn, responses=shapes.TargetOut)
    def post(self, request: Request, pk: int) -> Response:
        target, data = _target(request, pk), read(shapes.RetireIn, request)
        target_retire(target=target, user=person(request), at=clock.now(), **data)
        return _one(request, pk)
