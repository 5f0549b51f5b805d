"""The kill switch and the features over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.permissions import person
from automation import services
from core import clock, features
from core.api import read
from core.errors import Invalid
from core.models import Organisation


class FeatureOut(serializers.Serializer[Any]):
    """A feature that can be switched."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    text = serializers.CharField()
    level = serializers.IntegerField(help_text="1 by hand, 2 advice, 3 with approval, 4 by itself")
    is_on = serializers.SerializerMethodField()

    def get_is_on(self, feature: features.Feature) -> bool:
        return features.is_on(feature.key)


class AutomationOut(serializers.Serializer[Organisation]):
    """Whether things happen by themselves now."""

    stopped_at = serializers.DateTimeField(allow_null=True)
    stopped_by = serializers.CharField()
    stopped_because = serializers.CharField()
    features = serializers.SerializerMethodField()

    @extend_schema_field(FeatureOut(many=True))
    def get_features(self, _: Organisation) -> object:
        return FeatureOut(features.known(), many=True).data


class SwitchIn(serializers.Serializer[None]):
    """``stop`` acts at once; ``release`` asks a second person."""

    do = serializers.ChoiceField(choices=["stop", "release"])
    reason = serializers.CharField(max_length=2000, required=False, default="")


class FeatureIn(serializers.Serializer[None]):
    """``off`` acts at once; ``on`` asks a second person."""

    do = serializers.ChoiceField(choices=["on", "off"])
    reason = serializers.CharField(max_length=2000)


class SwitchAsked(serializers.Serializer[None]):
    """The change request that was made, if one is needed."""

    request = serializers.IntegerField(allow_null=True)


class Automation(APIView):
    """What happens by itself: see whether it is stopped, stop it, ask to start it again."""

    acts = {
        "GET": Act.VIEW_CAMPAIGNS,
        "POST": (Act.KILL_SWITCH_ON, Act.KILL_SWITCH_OFF),
    }

    @extend_schema(responses=AutomationOut)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        return Response(AutomationOut(Organisation.current()).data)

    @extend_schema(operation_id="automation_switch", request=SwitchIn, responses=SwitchAsked)
    def post(self, request: Request) -> Response:
        data, user, now = read(SwitchIn, request), person(request), clock.now()
        if data["do"] == "stop":
            services.everything_stop(user=user, reason=data["reason"], at=now)
            return Response({"request": None})
        made = services.release_ask(user=user, reason=data["reason"], at=now)
        return Response({"request": made.pk})


class FeatureSwitching(APIView):
    """Switch a feature off at once, or ask that it is switched on."""

    acts = {"POST": (Act.ACTIVATE_RULE, Act.DRAFT_RULE)}

    @extend_schema(operation_id="automation_feature", request=FeatureIn, responses=SwitchAsked)
    def post(self, request: Request, key: str) -> Response:
        data, user, now = read(FeatureIn, request), person(request), clock.now()
        if not data["reason"].strip():
            raise Invalid("Say why.", where="reason")
        if data["do"] == "off":
            services.feature_off(user=user, key=key, reason=data["reason"], at=now)
            return Response({"request": None})
        made = services.feature_ask(user=user, key=key, reason=data["reason"], at=now)
        return Response({"request": made.pk})
