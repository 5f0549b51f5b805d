"""Campaigns over the API, with the filters of the page."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.permissions import person
from campaigns import services
from campaigns.api import serializers as shapes
from campaigns.models import Campaign, CampaignQuerySet
from campaigns.selectors import CampaignFilter, campaigns_with_parts, edits_of
from core import clock
from core.api import read
from core.models import Event

MOVES = (Act.DRAFT_REQUEST, Act.PAUSE_CAMPAIGN, Act.RESUME_CAMPAIGN, Act.DECIDE_SMALL)
DRAFT = OpenApiExample(
    "A draft",
    value={
        "name": "Winter layers",
        "team": 4,
        "owner": 7,
        "objective": "sales",
        "flight_start": "2026-11-02",
        "flight_end": "2026-12-20",
        "markets": "DE, AT",
    },
    request_only=True,
)
PAUSE = OpenApiExample(
    "Pause it", value={"to": "paused", "reason": "The shop is down."}, request_only=True
)


def campaign_of(request: Request, pk: int) -> Campaign:
    """The campaign of an address, as far as the caller may see it."""
    return get_object_or_404(campaigns_with_parts(person(request)), pk=pk)


class Campaigns(generics.ListAPIView[Campaign]):
    """List campaigns; create a draft."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "POST": Act.DRAFT_REQUEST}
    serializer_class = shapes.CampaignOut
    filterset_class = CampaignFilter
    queryset = Campaign.objects.none()

    def get_queryset(self) -> CampaignQuerySet:
        return campaigns_with_parts(person(self.request))

    @extend_schema(
        request=shapes.CampaignIn, responses={201: shapes.WarnedCampaignOut}, examples=[DRAFT]
    )
    def post(self, request: Request) -> Response:
        data = read(shapes.CampaignIn, request)
        made = services.campaign_create(user=person(request), at=clock.now(), **data)
        return Response(shapes.WarnedCampaignOut(made).data, status=201)


class CampaignDetail(APIView):
    """One campaign with its lines; change it."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "PATCH": Act.DRAFT_REQUEST}

    @extend_schema(responses=shapes.CampaignOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(shapes.CampaignOut(campaign_of(request, pk)).data)

    @extend_schema(request=shapes.CampaignChange, responses=shapes.WarnedCampaignOut)
    def patch(self, request: Request, pk: int) -> Response:
        campaign, data = campaign_of(request, pk), read(shapes.CampaignChange, request)
        changed = services.campaign_edit(
            campaign=campaign, user=person(request), at=clock.now(), **data
        )
        return Response(shapes.WarnedCampaignOut(changed).data)


class CampaignClone(APIView):
    """Copy a campaign with its brief, audiences and lines as a draft, without history and numbers."""

    acts = {"POST": Act.DRAFT_REQUEST}

    @extend_schema(request=shapes.CloneIn, responses={201: shapes.WarnedCampaignOut})
    def post(self, request: Request, pk: int) -> Response:
        campaign, data = campaign_of(request, pk), read(shapes.CloneIn, request)
        copy = services.campaign_clone(
            campaign=campaign, user=person(request), at=clock.now(), **data
        )
        return Response(shapes.WarnedCampaignOut(copy).data, status=201)


class CampaignsBulk(APIView):
    """Give many campaigns a new owner, or move them; 409 and nothing changed when one refuses."""

    acts = {"POST": (Act.DRAFT_REQUEST, Act.PAUSE_CAMPAIGN)}

    @extend_schema(request=shapes.BulkIn, responses=shapes.BulkOut)
    def post(self, request: Request) -> Response:
        data = {"to": None} | read(shapes.BulkIn, request)
        count = services.campaigns_change(user=person(request), at=clock.now(), **data)
        return Response(shapes.BulkOut({"count": count}).data)


class CampaignMove(APIView):
    """Take one step of the life cycle; 409 with what is missing when it is not possible."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "POST": MOVES}

    @extend_schema(responses=shapes.TransitionOut(many=True))
    def get(self, request: Request, pk: int) -> Response:
        steps = campaign_of(request, pk).transitions.all()
        return Response(shapes.TransitionOut(steps, many=True).data)

    @extend_schema(request=shapes.MoveIn, responses=shapes.CampaignOut, examples=[PAUSE])
    def post(self, request: Request, pk: int) -> Response:
        campaign, data = campaign_of(request, pk), read(shapes.MoveIn, request)
        moved = services.campaign_move(
            campaign=campaign, by=person(request), at=clock.now(), **data
        )
        return Response(shapes.CampaignOut(moved).data)


class CampaignHistory(generics.ListAPIView[Event]):
    """When a campaign was created and edited, the newest first."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}
    serializer_class = shapes.HistoryOut
    filter_backends = ()
    queryset = Event.objects.none()

    def get_queryset(self) -> QuerySet[Event]:
        if getattr(self, "swagger_fake_view", False):
            return Event.objects.none()
        return edits_of(campaign_of(self.request, self.kwargs["pk"]))
