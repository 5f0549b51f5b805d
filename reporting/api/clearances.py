"""Up to which classification roles export, over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import SIGNED_IN, Act, Role
from accounts.permissions import person, require
from core import clock
from core.api import read
from core.classification import Level
from reporting.selectors.clearances import clearances
from reporting.services.clearances import clearance_ask


class ClearanceOut(serializers.Serializer[Any]):
    """A role and the highest classification it may export."""

    role = serializers.ChoiceField(choices=Role.choices)
    highest = serializers.ChoiceField(choices=Level.choices)


class ClearanceIn(ClearanceOut):
    """What is asked for, and why."""

    reason = serializers.CharField(max_length=2000)


class ClearanceAsked(serializers.Serializer[None]):
    """The change request that an executive confirms."""

    request = serializers.IntegerField()


class Clearances(APIView):
    """Who may take which documents away; ask for a change."""

    acts = {"GET": SIGNED_IN, "POST": Act.EDIT_ROLE}

    @extend_schema(responses=ClearanceOut(many=True))
    def get(self, request: Request) -> Response:  # noqa: ARG002
        rows = [{"role": role, "highest": level} for role, level in clearances().items()]
        return Response(ClearanceOut(rows, many=True).data)

    @extend_schema(request=ClearanceIn, responses={201: ClearanceAsked})
    def post(self, request: Request) -> Response:
        user = person(request)
        require(user, Act.EDIT_ROLE)
        made = clearance_ask(user=user, at=clock.now(), **read(ClearanceIn, request))
        return Response({"request": made.pk}, status=201)
