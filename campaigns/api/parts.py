"""The parts of campaigns over the API: lines, creatives, audiences, the optimisation log."""

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
from campaigns.api.views import campaign_of
from campaigns.models import AdAccount, Audience, Channel, Optimisation
from campaigns.selectors import ad_accounts_for, audiences_for
from core import clock
from core.api import read

CHANGE = OpenApiExample(
    "A lower bid",
    value={
        "kind": "bid",
        "what": "Target CPA in Search",
        "old_value": "€30.00",
        "new_value": "€28.00",
        "hypothesis": "Demand is strong enough.",
        "made_on": "2026-11-20",
        "expected_metric": "cpa",
        "expected_low": "-3.00",
        "expected_high": "-1.00",
    },
    request_only=True,
)


class Channels(APIView):
    """The channels, in their fixed order."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(responses=shapes.ChannelOut(many=True))
    def get(self, request: Request) -> Response:  # noqa: ARG002
        return Response(shapes.ChannelOut(Channel.objects.all(), many=True).data)


class AdAccounts(generics.ListAPIView[AdAccount]):
    """Accounts at advertising platforms that lines may belong to."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}
    serializer_class = shapes.AdAccountOut
    filter_backends = ()
    queryset = AdAccount.objects.none()

    def get_queryset(self) -> QuerySet[AdAccount]:
        return ad_accounts_for(person(self.request))


class Audiences(generics.ListAPIView[Audience]):
    """Whom campaigns are for; describe an audience once for a team."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "POST": Act.DRAFT_REQUEST}
    serializer_class = shapes.AudienceOut
    filter_backends = ()
    queryset = Audience.objects.none()

    def get_queryset(self) -> QuerySet[Audience]:
        return audiences_for(person(self.request))

    @extend_schema(request=shapes.AudienceIn, responses={201: shapes.AudienceOut})
    def post(self, request: Request) -> Response:
        data = read(shapes.AudienceIn, request)
        made = services.audience_create(user=person(request), at=clock.now(), **data)
        return Response(shapes.AudienceOut(made).data, status=201)


class Lines(APIView):
    """The lines of a campaign; add one."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "POST": Act.DRAFT_REQUEST}

    @extend_schema(responses=shapes.CampaignLineOut(many=True))
    def get(self, request: Request, pk: int) -> Response:
        return Response(shapes.CampaignLineOut(campaign_of(request, pk).lines, many=True).data)

    @extend_schema(request=shapes.CampaignLineIn, responses={201: shapes.CampaignLineOut})
    def post(self, request: Request, pk: int) -> Response:
        campaign, data = campaign_of(request, pk), read(shapes.CampaignLineIn, request)
        made = services.line_create(campaign=campaign, user=person(request), at=clock.now(), **data)
        return Response(shapes.CampaignLineOut(made).data, status=201)


class LineDetail(APIView):
    """Change a line; its currency and ad account stay."""

    acts = {"PATCH": Act.DRAFT_REQUEST}

    @extend_schema(request=shapes.CampaignLineChange, responses=shapes.CampaignLineOut)
    def patch(self, request: Request, pk: int, line_pk: int) -> Response:
        line = get_object_or_404(campaign_of(request, pk).lines.all(), pk=line_pk)
        data = read(shapes.CampaignLineChange, request)
        changed = services.line_edit(line=line, user=person(request), at=clock.now(), **data)
        return Response(shapes.CampaignLineOut(changed).data)


class Creatives(APIView):
    """The asset plan of a campaign; add a creative."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "POST": Act.DRAFT_REQUEST}

    @extend_schema(responses=shapes.CreativeOut(many=True))
    def get(self, request: Request, pk: int) -> Response:
        rows = campaign_of(request, pk).creatives.all()
        return Response(shapes.CreativeOut(rows, many=True).data)

    @extend_schema(request=shapes.CreativeIn, responses={201: shapes.CreativeOut})
    def post(self, request: Request, pk: int) -> Response:
        campaign, data = campaign_of(request, pk), read(shapes.CreativeIn, request)
        made = services.creative_save(
            campaign=campaign, user=person(request), at=clock.now(), **data
        )
        return Response(shapes.CreativeOut(made).data, status=201)


class CreativeDetail(APIView):
    """Change a creative of the asset plan."""

    acts = {"PATCH": Act.DRAFT_REQUEST}

    @extend_schema(request=shapes.CreativeChange, responses=shapes.CreativeOut)
    def patch(self, request: Request, pk: int, creative_pk: int) -> Response:
        campaign = campaign_of(request, pk)
        known = get_object_or_404(campaign.creatives.all(), pk=creative_pk)
        data = read(shapes.CreativeChange, request)
        changed = services.creative_save(
            campaign=campaign, creative=known, user=person(request), at=clock.now(), **data
        )
        return Response(shapes.CreativeOut(changed).data)


class Optimisations(generics.ListAPIView[Optimisation]):
    """The optimisation log of a campaign; log a change."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "POST": Act.DRAFT_REQUEST}
    serializer_class = shapes.OptimisationOut
    queryset = Optimisation.objects.none()
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Optimisation]:
        if getattr(self, "swagger_fake_view", False):
            return Optimisation.objects.none()
        entries = campaign_of(self.request, self.kwargs["pk"]).optimisations
        return entries.select_related("line", "campaign").prefetch_related("campaign__lines")

    @extend_schema(
        request=shapes.OptimisationIn, responses={201: shapes.OptimisationOut}, examples=[CHANGE]
    )
    def post(self, request: Request, pk: int) -> Response:
        campaign, data = campaign_of(request, pk), read(shapes.OptimisationIn, request)
        line = data.pop("line", None)
        entry = services.optimisation_log(
            campaign=campaign,
            line=get_object_or_404(campaign.lines.all(), pk=line) if line else None,
            user=person(request),
            at=clock.now(),
            **data,
        )
        return Response(shapes.OptimisationOut(entry).data, status=201)


class OptimisationUndo(APIView):
    """Say that a logged change was taken back; the entry stays."""

    acts = {"POST": Act.DRAFT_REQUEST}

    @extend_schema(request=shapes.TakenBackIn, responses=shapes.OptimisationOut)
    def post(self, request: Request, pk: int, optimisation_pk: int) -> Response:
        entries = campaign_of(request, pk).optimisations
        entry = get_object_or_404(entries.all(), pk=optimisation_pk)
        reason = read(shapes.TakenBackIn, request)["reason"]
        services.optimisation_undo(
            optimisation=entry, user=person(request), reason=reason, at=clock.now()
        )
        return Response(shapes.OptimisationOut(entries.get(pk=entry.pk)).data)
