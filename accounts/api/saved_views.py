"""Saved views of lists over the API."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import services
from accounts.choices import LISTS, SIGNED_IN
from accounts.forms import SavedViewFilter
from accounts.models import SavedView, Team
from accounts.permissions import person
from accounts.selectors import default_view, deleted_views_of, open_teams_for, saved_views_for
from core import clock
from core.api import Seen, read

RUNNING = OpenApiExample(
    "Live campaigns by spend",
    value={
        "page": "reporting:campaigns",
        "name": "Live, dearest first",
        "query": "status=live&sort=-spend",
        "team": 4,
    },
    request_only=True,
)


class ViewOut(serializers.ModelSerializer[SavedView]):
    """A list with its filters, order and columns; ``team`` is whom it is shared with."""

    owner_name = serializers.CharField(source="user.name", read_only=True)
    is_default = serializers.SerializerMethodField()

    class Meta:
        model = SavedView
        fields = ["id", "page", "name", "query", "team", "user", "owner_name", "is_default"]

    def get_is_default(self, view: SavedView) -> bool:
        """Whether the caller's list opens with it."""
        return default_view(person(_request(self)), view.page) == view


def _request(shape: ViewOut) -> HttpRequest:
    request: HttpRequest = shape.context["request"]
    return request


class ViewIn(serializers.Serializer[SavedView]):
    """A view to keep."""

    page = serializers.ChoiceField(choices=list(LISTS.items()))
    name = serializers.CharField(max_length=80)
    query = serializers.CharField(required=False, allow_blank=True, default="", max_length=4_000)
    team = Seen(Team, open_teams_for, required=False, allow_null=True, default=None)


class ViewChange(serializers.Serializer[SavedView]):
    """Rename, share, change filters; ``is_default`` opens the list with it, for the caller only."""

    name = serializers.CharField(max_length=80, required=False)
    query = serializers.CharField(required=False, allow_blank=True, max_length=4_000)
    team = Seen(Team, open_teams_for, required=False, allow_null=True)
    is_default = serializers.BooleanField(required=False)


def _answer(request: Request, view: SavedView, status: int = 200) -> Response:
    return Response(ViewOut(view, context={"request": request}).data, status=status)


class Views(generics.ListAPIView[SavedView]):
    """One's own saved views and those shared with one's teams; keep one."""

    acts = {"GET": SIGNED_IN, "POST": SIGNED_IN}
    serializer_class = ViewOut
    filterset_class = SavedViewFilter
    queryset = SavedView.objects.none()

    def get_queryset(self) -> QuerySet[SavedView]:
        return saved_views_for(person(self.request))

    @extend_schema(request=ViewIn, responses={201: ViewOut}, examples=[RUNNING])
    def post(self, request: Request) -> Response:
        data = read(ViewIn, request)
        made = services.view_keep(user=person(request), at=clock.now(), **data)
        return _answer(request, made, 201)


class ViewDetail(APIView):
    """One view; change, choose or delete it."""

    acts = {"GET": SIGNED_IN, "PATCH": SIGNED_IN, "DELETE": SIGNED_IN}

    def _view(self, request: Request, pk: int) -> SavedView:
        return get_object_or_404(saved_views_for(person(request)), pk=pk)

    @extend_schema(responses=ViewOut)
    def get(self, request: Request, pk: int) -> Response:
        return _answer(request, self._view(request, pk))

    @extend_schema(request=ViewChange, responses=ViewOut)
    def patch(self, request: Request, pk: int) -> Response:
        view, data = self._view(request, pk), read(ViewChange, request)
        user, at, chosen = person(request), clock.now(), data.pop("is_default", None)
        if data:
            kept = {"name": view.name, "query": view.query, "team": view.team}
            view = services.view_keep(user=user, page=view.page, at=at, view=view, **kept | data)
        if chosen is not None and chosen != (default_view(user, view.page) == view):
            services.view_default(user=user, page=view.page, view=view if chosen else None, at=at)
        return _answer(request, view)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        services.view_delete(view=self._view(request, pk), user=person(request), at=clock.now())
        return Response(status=204)


class ViewUndelete(APIView):
    """Bring a deleted view back."""

    acts = {"POST": SIGNED_IN}

    @extend_schema(request=None, responses=ViewOut)
    def post(self, request: Request, pk: int) -> Response:
        user = person(request)
        view = get_object_or_404(deleted_views_of(user), pk=pk)
        return _answer(request, services.view_undelete(view=view, user=user, at=clock.now()))
