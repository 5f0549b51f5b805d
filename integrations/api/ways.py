"""Ways in over the API: drop folders, mail addresses and fetched URLs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import may, person
from accounts.selectors import active_people_for, open_teams_for
from core import clock
from core.api import Seen
from integrations.api.serializers import Answers
from integrations.choices import Every, WayKind
from integrations.models import Source, WayIn
from integrations.models.ways import LONGEST_LOOKBACK
from integrations.selectors import way_place, ways_for
from integrations.services import ways as services

Values = Mapping[str, Any]


def _sources(user: User) -> QuerySet[Source]:
    return Source.objects.for_user(user).filter(is_active=True)


class WayOut(serializers.ModelSerializer[WayIn]):
    """A way in. ``place`` is empty for a mail address that is not the caller's to know."""

    place = serializers.SerializerMethodField()

    class Meta:
        model = WayIn
        fields = [
            "id", "kind", "name", "team", "source", "responsible", "settings", "senders", "place",
            "every", "hour", "lookback_days", "is_active", "last_at", "last_word", "last_failed",
        ]  # fmt: skip
        extra_kwargs = {"settings": {"read_only": True}, "senders": {"read_only": True}}

    def get_place(self, way: WayIn) -> str:
        user = person(self.context["request"])
        own = may(user, Act.UPLOAD_IMPORT, team=way.team, owner_id=way.responsible_id)
        return way_place(way) if own or way.kind != WayKind.MAIL else ""


class WayEditIn(serializers.Serializer[Values]):
    """What can be said about a way; what its kind has not is left alone."""

    name = serializers.CharField(max_length=120)
    responsible = Seen(User, active_people_for)
    source = Seen(Source, _sources, required=False, allow_null=True, default=None)  # type: ignore[assignment]
    settings = Answers(required=False, default=dict)
    senders = serializers.ListField(
        child=serializers.CharField(max_length=254), required=False, default=list
    )
    url = serializers.CharField(max_length=2_000, required=False, allow_blank=True, default="")
    every = serializers.ChoiceField(choices=Every.choices, required=False, default=Every.DAILY)
    hour = serializers.IntegerField(min_value=0, max_value=23, required=False, default=6)
    lookback_days = serializers.IntegerField(
        min_value=1, max_value=LONGEST_LOOKBACK, required=False, default=7
    )

    def given(self) -> services.WayInput:
        said = {k: v for k, v in self.validated_data.items() if k not in ("kind", "team")}
        return services.WayInput(**said)


class WayNewIn(WayEditIn):
    kind = serializers.ChoiceField(choices=WayKind.choices)
    team = Seen(Team, open_teams_for)


class WaySwitchIn(serializers.Serializer[Values]):
    is_active = serializers.BooleanField()


class TakenOut(serializers.Serializer[services.Taken]):
    """What became of a file: ``is_in`` when nobody needs to look at it."""

    name = serializers.CharField()
    is_in = serializers.BooleanField()
    word = serializers.CharField()
    run = serializers.IntegerField(source="run.pk", read_only=True, allow_null=True, default=None)


def _way(request: Request, pk: int) -> WayIn:
    return get_object_or_404(ways_for(person(request)), pk=pk)


class Ways(generics.ListAPIView[WayIn]):
    """List ways in; make one."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "POST": Act.UPLOAD_IMPORT}
    serializer_class = WayOut
    filter_backends = ()
    queryset = WayIn.objects.none()

    def get_queryset(self) -> QuerySet[WayIn]:
        return ways_for(person(self.request)).order_by("name", "pk")

    @extend_schema(request=WayNewIn, responses={201: WayOut})
    def post(self, request: Request) -> Response:
        data = WayNewIn(data=request.data, context={"request": request})
        data.is_valid(raise_exception=True)
        made = services.way_create(
            kind=data.validated_data["kind"],
            team=data.validated_data["team"],
            given=data.given(),
            user=person(request),
            at=clock.now(),
        )
        return Response(WayOut(made, context={"request": request}).data, status=201)


class WayDetail(APIView):
    """One way in; say everything about it anew."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "PUT": Act.UPLOAD_IMPORT}

    @extend_schema(responses=WayOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(WayOut(_way(request, pk), context={"request": request}).data)

    @extend_schema(request=WayEditIn, responses=WayOut)
    def put(self, request: Request, pk: int) -> Response:
        data = WayEditIn(data=request.data, context={"request": request})
        found = _way(request, pk)
        data.is_valid(raise_exception=True)
        made = services.way_edit(found, given=data.given(), user=person(request), at=clock.now())
        return Response(WayOut(made, context={"request": request}).data)


class WaySwitch(APIView):
    """Close a way, or open it again."""

    acts = {"POST": Act.UPLOAD_IMPORT}

    @extend_schema(request=WaySwitchIn, responses=WayOut)
    def post(self, request: Request, pk: int) -> Response:
        found = _way(request, pk)
        data = WaySwitchIn(data=request.data)
        data.is_valid(raise_exception=True)
        services.way_switch(found, user=person(request), at=clock.now(), **data.validated_data)
        return Response(WayOut(_way(request, pk), context={"request": request}).data)


class WayTake(APIView):
    """Look into a drop folder, or fetch a URL, now."""

    acts = {"POST": Act.UPLOAD_IMPORT}

    @extend_schema(request=None, responses=TakenOut(many=True))
    def post(self, request: Request, pk: int) -> Response:
        found, user = _way(request, pk), person(request)
        taken = services.way_take_now(found, user=user, today=clock.today(), at=clock.now())
        shown: Any = taken  # its stubs know single objects only
        return Response(TakenOut(shown, many=True).data)
