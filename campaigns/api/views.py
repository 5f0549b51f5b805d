"""Campaigns over the API, with the filters of the page."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.permissions import person
from campaigns import services
from campaigns.api import serializers as shapes
from campaigns.models import Campaign, CampaignQuerySet, Optimisation
from campaigns.selectors import CampaignFilter, campaigns_with_parts
from core import clock


def _campaign(request: Request, pk: int) -> Campaign:
    return get_object_or_404(campaigns_with_parts(person(request)), pk=pk)


class Campaigns(generics.ListAPIView[Campaign]):
    """List campaigns; create a draft."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "POST": Act.DRAFT_REQUEST}
    serializer_class = shapes.CampaignOut
    filterset_class = CampaignFilter
    queryset = Campaign.objects.none()

    def get_queryset(self) -> CampaignQuerySet:
        return campaigns_with_parts(person(self.request))

    @extend_schema(request=shapes.CampaignIn, responses={201: shapes.CampaignOut})
    def post(self, request: Request) -> Response:
        data = shapes.CampaignIn(data=request.data)
        data.is_valid(raise_exception=True)
        made = services.campaign_create(user=person(request), at=clock.now(), **data.validated_data)
        return Response(shapes.CampaignOut(made).data, status=201)


class CampaignDetail(APIView):
    """One campaign with its lines; change it."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "PATCH": Act.DRAFT_REQUEST}

    @extend_schema(responses=shapes.CampaignOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(shapes.CampaignOut(_campaign(request, pk)).data)

    @extend_schema(request=shapes.CampaignChange, responses=shapes.CampaignOut)
    def patch(self, request: Request, pk: int) -> Response:
        data = shapes.CampaignChange(data=request.data)
        data.is_valid(raise_exception=True)
        changed = services.campaign_edit(
            campaign=_campaign(request, pk),
            user=person(request),
            at=clock.now(),
            **data.validated_data,
        )
        return Response(shapes.CampaignOut(changed).data)


class CampaignMove(APIView):
    """Take one step of the life cycle; 409 with what is missing when it is not possible."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "POST": Act.PAUSE_CAMPAIGN}

    @extend_schema(responses=shapes.TransitionOut(many=True))
    def get(self, request: Request, pk: int) -> Response:
        steps = _campaign(request, pk).transitions.all()
        return Response(shapes.TransitionOut(steps, many=True).data)

    @extend_schema(request=shapes.MoveIn, responses=shapes.CampaignOut)
    def post(self, request: Request, pk: int) -> Response:
        data = shapes.MoveIn(data=request.data)
        data.is_valid(raise_exception=True)
        moved = services.campaign_move(
            campaign=_campaign(request, pk),
            by=person(request),
            at=clock.now(),
            **data.validated_data,
        )
        return Response(shapes.CampaignOut(moved).data)


class Optimisations(generics.ListAPIView[Optimisation]):
    """The optimisation log of a campaign; log a change."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "POST": Act.DRAFT_REQUEST}
    serializer_class = shapes.OptimisationOut
    queryset = Optimisation.objects.none()
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Optimisation]:
        if getattr(self, "swagger_fake_view", False):
            return Optimisation.objects.none()
        return _campaign(self.request, self.kwargs["pk"]).optimisations.all()

    @extend_schema(request=shapes.OptimisationIn, responses={201: shapes.OptimisationOut})
    def post(self, request: Request, pk: int) -> Response:
        campaign = _campaign(request, pk)
        data = shapes.OptimisationIn(data=request.data)
        data.is_valid(raise_exception=True)
        fields = dict(data.validated_data)
        line = fields.pop("line", None)
        entry = services.optimisation_log(
            campaign=campaign,
            line=get_object_or_404(campaign.lines.all(), pk=line) if line else None,
            user=person(request),
            at=clock.now(),
            **fields,
        )
        return Response(shapes.OptimisationOut(entry).data, status=201)
