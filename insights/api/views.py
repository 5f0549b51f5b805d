"""Findings and recommendations over the API, with the filters of the page."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.permissions import person
from core import clock
from core.money import Money
from insights import services
from insights.api import serializers as shapes
from insights.forms import FindingFilter, RecommendationFilter
from insights.models import Finding, FindingQuerySet, Recommendation, RecommendationQuerySet
from insights.selectors import findings_for, recommendations_for

HALF = OpenApiExample(
    "Half of what was advised",
    value={"amount": "2000.00", "reason": "A smaller step before the holidays."},
    request_only=True,
)


def _advice(request: Request, pk: int) -> Recommendation:
    return get_object_or_404(recommendations_for(person(request)), pk=pk)


class Findings(generics.ListAPIView[Finding]):
    """What was noticed, newest first."""

    acts = {"GET": Act.VIEW_MONEY}
    serializer_class = shapes.FindingOut
    filterset_class = FindingFilter
    queryset = Finding.objects.none()

    def get_queryset(self) -> FindingQuerySet:
        return findings_for(person(self.request))


class FindingDetail(APIView):
    """One finding with its evidence."""

    acts = {"GET": Act.VIEW_MONEY}

    @extend_schema(responses=shapes.FindingOut)
    def get(self, request: Request, pk: int) -> Response:
        found = get_object_or_404(findings_for(person(request)), pk=pk)
        return Response(shapes.FindingOut(found).data)


class Recommendations(generics.ListAPIView[Recommendation]):
    """What is advised, newest first, and what became of it."""

    acts = {"GET": Act.VIEW_MONEY}
    serializer_class = shapes.RecommendationOut
    filterset_class = RecommendationFilter
    queryset = Recommendation.objects.none()

    def get_queryset(self) -> RecommendationQuerySet:
        return recommendations_for(person(self.request))


class RecommendationDetail(APIView):
    """One recommendation with its evidence."""

    acts = {"GET": Act.VIEW_MONEY}

    @extend_schema(responses=shapes.RecommendationOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(shapes.RecommendationOut(_advice(request, pk)).data)


class RecommendationPropose(APIView):
    """Ask for the move, with the amount as advised or as changed; 409 when it was dealt with."""

    acts = {"POST": Act.DRAFT_REQUEST}

    @extend_schema(request=shapes.ProposeIn, responses={201: shapes.ProposedOut}, examples=[HALF])
    def post(self, request: Request, pk: int) -> Response:
        advice = _advice(request, pk)
        data = shapes.ProposeIn(data=request.data)
        data.is_valid(raise_exception=True)
        amount = data.validated_data.get("amount")
        asked = services.recommendation_propose(
            recommendation=advice,
            user=person(request),
            amount=Money(advice.evidence["amount_micros"], advice.currency)
            if amount is None
            else Money.parse(amount, advice.currency),
            reason=data.validated_data["reason"],
            at=clock.now(),
        )
        return Response(shapes.ProposedOut(asked).data, status=201)


class RecommendationDismiss(APIView):
    """Decline a recommendation; the reason is kept beside it."""

    acts = {"POST": Act.DRAFT_REQUEST}

    @extend_schema(request=shapes.DismissIn, responses=shapes.RecommendationOut)
    def post(self, request: Request, pk: int) -> Response:
        advice = _advice(request, pk)
        data = shapes.DismissIn(data=request.data)
        data.is_valid(raise_exception=True)
        services.recommendation_dismiss(
            recommendation=advice,
            user=person(request),
            reason=data.validated_data["reason"],
            at=clock.now(),
        )
        return Response(shapes.RecommendationOut(_advice(request, pk)).data)
