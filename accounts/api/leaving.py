"""Sign-ins of one's own, and what somebody who leaves hands over."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import services
from accounts.choices import SIGNED_IN, Act
from accounts.models import User
from accounts.permissions import person
from accounts.selectors import SignIn, active_people_for, people_for, sign_ins
from core import clock
from core.api import Seen, read


class SignInOut(serializers.Serializer[SignIn]):
    """A browser in which one is signed in."""

    id = serializers.IntegerField()
    where = serializers.CharField()
    browser = serializers.CharField()
    since = serializers.DateTimeField()
    is_current = serializers.BooleanField()


class SignIns(APIView):
    """Where I am signed in; end every sign-in but the one that asks."""

    acts = {"GET": SIGNED_IN, "DELETE": SIGNED_IN}

    @extend_schema(responses=SignInOut(many=True))
    def get(self, request: Request) -> Response:
        found = sign_ins(person(request), current_key=_key(request))
        return Response([SignInOut(one).data for one in found])

    @extend_schema(operation_id="me_sign_ins_end_others", responses={204: None})
    def delete(self, request: Request) -> Response:
        user = person(request)
        services.sessions_end(user=user, by=user, at=clock.now(), but=_key(request))
        return Response(status=204)


class SignInDetail(APIView):
    """End one of my sign-ins."""

    acts = {"DELETE": SIGNED_IN}

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        user = person(request)
        if not services.sessions_end(user=user, by=user, at=clock.now(), only=pk):
            raise Http404
        return Response(status=204)


def _key(request: Request) -> str:
    """The key of the session that asks; a token has none."""
    return getattr(request.session, "session_key", None) or ""


class HeldOut(serializers.Serializer[Any]):
    """What a person holds of one kind; what ``closes`` ends with them and needs no colleague."""

    kind = serializers.CharField(source="kind.key")
    text = serializers.CharField()
    names = serializers.ListField(child=serializers.CharField())
    closes = serializers.BooleanField(source="kind.closes")


class HandoverIn(serializers.Serializer[Any]):
    """Which kind, and who takes it."""

    kind = serializers.CharField(max_length=40)
    to = Seen(User, active_people_for, required=False, allow_null=True, default=None)


class Handover(APIView):
    """What somebody holds who may leave, kind by kind; hand one kind over."""

    acts = {"GET": Act.INVITE_USER, "POST": Act.INVITE_USER}

    @extend_schema(responses=HeldOut(many=True))
    def get(self, request: Request, pk: int) -> Response:
        someone = get_object_or_404(people_for(person(request)), pk=pk)
        return Response(HeldOut(services.held_by(someone), many=True).data)

    @extend_schema(
        request=HandoverIn,
        responses=HeldOut(many=True),
        examples=[
            OpenApiExample("To a colleague", {"kind": "campaigns", "to": 7}, request_only=True)
        ],
    )
    def post(self, request: Request, pk: int) -> Response:
        by, data = person(request), read(HandoverIn, request)
        someone = get_object_or_404(people_for(by), pk=pk)
        services.hand_over(user=someone, by=by, at=clock.now(), **data)
        return Response(HeldOut(services.held_by(someone), many=True).data)
