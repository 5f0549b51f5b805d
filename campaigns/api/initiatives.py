"""Initiatives over the API: milestones and campaigns; the numbers come from the query by campaign."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import person
from accounts.selectors import active_people_for, open_teams_for
from campaigns import services
from campaigns.models import Campaign, Initiative, Milestone
from campaigns.selectors import InitiativeFilter, initiatives_for
from core import clock
from core.api import Seen, read

NEW = OpenApiExample(
    "Enter a market",
    value={
        "name": "Enter Austria",
        "team": 4,
        "owner": 7,
        "goal": "Be known in Vienna and Graz before the season.",
        "due_on": "2027-03-31",
        "campaigns": [12, 15],
    },
    request_only=True,
)


class MilestoneOut(serializers.ModelSerializer[Milestone]):
    class Meta:
        model = Milestone
        fields = ["id", "name", "due_on", "done_on"]


class MilestoneIn(serializers.Serializer[Milestone]):
    """A dated step."""

    name = serializers.CharField(max_length=200)
    due_on = serializers.DateField()
    done_on = serializers.DateField(required=False, allow_null=True)


class MilestoneChange(MilestoneIn):
    """Changes to a step; ``done_on`` says when it was reached."""

    name = serializers.CharField(max_length=200, required=False)
    due_on = serializers.DateField(required=False)


class InitiativeOut(serializers.ModelSerializer[Initiative]):
    """``campaigns`` are those in the caller's sight."""

    owner_name = serializers.CharField(source="owner.name", read_only=True)
    milestones = MilestoneOut(many=True, read_only=True)
    campaigns: serializers.PrimaryKeyRelatedField[Campaign] = serializers.PrimaryKeyRelatedField(
        many=True, read_only=True
    )

    class Meta:
        model = Initiative
        fields = [
            "id", "name", "team", "owner", "owner_name", "goal", "due_on", "milestones",
            "campaigns",
        ]  # fmt: skip


class InitiativeIn(serializers.Serializer[Initiative]):
    """Something a team undertakes."""

    name = serializers.CharField(max_length=200)
    team = Seen(Team, open_teams_for)
    owner = Seen(User, active_people_for)
    goal = serializers.CharField(required=False, allow_blank=True, default="")
    due_on = serializers.DateField(required=False, allow_null=True, default=None)
    campaigns = Seen(Campaign, Campaign.objects.for_user, many=True, required=False, default=list)


class InitiativeChange(serializers.Serializer[Initiative]):
    """Changes; ``add`` and ``remove`` say which campaigns carry it from now on."""

    name = serializers.CharField(max_length=200, required=False)
    owner = Seen(User, active_people_for, required=False)
    goal = serializers.CharField(required=False, allow_blank=True)
    due_on = serializers.DateField(required=False, allow_null=True)
    add = Seen(Campaign, Campaign.objects.for_user, many=True, required=False, default=list)
    remove = Seen(Campaign, Campaign.objects.for_user, many=True, required=False, default=list)


def _rows(request: Request) -> QuerySet[Initiative]:
    user = person(request)
    seen = Prefetch("campaigns", Campaign.objects.for_user(user))
    return initiatives_for(user).prefetch_related("milestones", seen)


def _initiative(request: Request, pk: int) -> Initiative:
    return get_object_or_404(_rows(request), pk=pk)


def _answer(request: Request, pk: int, status: int = 200) -> Response:
    return Response(InitiativeOut(_initiative(request, pk)).data, status=status)


class Initiatives(generics.ListAPIView[Initiative]):
    """Initiatives in sight; begin one."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "POST": Act.DRAFT_REQUEST}
    serializer_class = InitiativeOut
    filterset_class = InitiativeFilter
    queryset = Initiative.objects.none()

    def get_queryset(self) -> QuerySet[Initiative]:
        return _rows(self.request)

    @extend_schema(request=InitiativeIn, responses={201: InitiativeOut}, examples=[NEW])
    def post(self, request: Request) -> Response:
        data, user, at = read(InitiativeIn, request), person(request), clock.now()
        campaigns = data.pop("campaigns")
        made = services.initiative_save(user=user, at=at, **data)
        services.initiative_campaigns(initiative=made, user=user, at=at, add=campaigns)
        return _answer(request, made.pk, 201)


class InitiativeDetail(APIView):
    """One initiative; change it and its campaigns; take it off the list."""

    acts = {
        "GET": Act.VIEW_CAMPAIGNS,
        "PATCH": Act.DRAFT_REQUEST,
        "DELETE": Act.DRAFT_REQUEST,
    }

    @extend_schema(responses=InitiativeOut)
    def get(self, request: Request, pk: int) -> Response:
        return _answer(request, pk)

    @extend_schema(request=InitiativeChange, responses=InitiativeOut)
    def patch(self, request: Request, pk: int) -> Response:
        found, data = _initiative(request, pk), read(InitiativeChange, request)
        user, at = person(request), clock.now()
        add, remove = data.pop("add"), data.pop("remove")
        services.initiative_save(initiative=found, user=user, at=at, **data)
        services.initiative_campaigns(initiative=found, user=user, at=at, add=add, remove=remove)
        return _answer(request, pk)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        services.initiative_delete(
            initiative=_initiative(request, pk), user=person(request), at=clock.now()
        )
        return Response(status=204)


class Milestones(APIView):
    """Add a milestone."""

    acts = {"POST": Act.DRAFT_REQUEST}

    @extend_schema(request=MilestoneIn, responses={201: MilestoneOut})
    def post(self, request: Request, pk: int) -> Response:
        found, data = _initiative(request, pk), read(MilestoneIn, request)
        made = services.milestone_save(
            initiative=found, user=person(request), at=clock.now(), **data
        )
        return Response(MilestoneOut(made).data, status=201)


class MilestoneDetail(APIView):
    """Change a milestone, or take it away."""

    acts = {"PATCH": Act.DRAFT_REQUEST, "DELETE": Act.DRAFT_REQUEST}

    def _milestone(self, request: Request, pk: int, milestone_pk: int) -> Milestone:
        return get_object_or_404(_initiative(request, pk).milestones.all(), pk=milestone_pk)

    @extend_schema(request=MilestoneChange, responses=MilestoneOut)
    def patch(self, request: Request, pk: int, milestone_pk: int) -> Response:
        known = self._milestone(request, pk, milestone_pk)
        data = read(MilestoneChange, request)
        changed = services.milestone_save(
            initiative=known.initiative, milestone=known, user=person(request), at=clock.now(),
            **data,
        )  # fmt: skip
        return Response(MilestoneOut(changed).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int, milestone_pk: int) -> Response:
        known = self._milestone(request, pk, milestone_pk)
        services.milestone_remove(milestone=known, user=person(request), at=clock.now())
        return Response(status=204)
