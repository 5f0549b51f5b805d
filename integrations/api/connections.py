"""Connected accounts over the API. Credentials go in and never come out."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.permissions import person
from core import clock
from core.api import read
from integrations.api import connection_shapes as shapes
from integrations.choices import SyncKind
from integrations.forms.connections import ConnectionFilter, OrderFilter
from integrations.models import Connection, PlatformOrder, SyncRun
from integrations.selectors import connections_for, orders_for, syncs_for
from integrations.services import connections as services

SEE = (Act.VIEW_CAMPAIGNS, Act.WRITE_CREDENTIALS)


def _connection(request: Request, pk: int) -> Any:
    return get_object_or_404(connections_for(person(request)), pk=pk)


def _sync(request: Request, pk: int) -> SyncRun:
    return get_object_or_404(syncs_for(person(request)), pk=pk)


def _order(request: Request, pk: int) -> PlatformOrder:
    return get_object_or_404(orders_for(person(request)), pk=pk)


class Connections(generics.ListAPIView[Connection]):
    """Connected accounts by name; connect another one."""

    acts = {"GET": SEE, "POST": Act.WRITE_CREDENTIALS}
    serializer_class = shapes.ConnectionOut
    filterset_class = ConnectionFilter
    queryset = Connection.objects.none()

    def get_queryset(self) -> QuerySet[Connection]:
        return connections_for(person(self.request))

    @extend_schema(request=shapes.ConnectIn, responses={201: shapes.ConnectionOut})
    def post(self, request: Request) -> Response:
        data = read(shapes.ConnectIn, request)
        made = services.connection_create(user=person(request), at=clock.now(), **data)
        return Response(shapes.ConnectionOut(_connection(request, made.pk)).data, status=201)


class ConnectionDetail(APIView):
    """One account; change how it is read."""

    acts = {"GET": SEE, "PATCH": Act.WRITE_CREDENTIALS}

    @extend_schema(responses=shapes.ConnectionOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(shapes.ConnectionOut(_connection(request, pk)).data)

    @extend_schema(request=shapes.ConnectionIn, responses=shapes.ConnectionOut)
    def patch(self, request: Request, pk: int) -> Response:
        held = _connection(request, pk)
        changes = read(shapes.ConnectionIn, request)
        services.connection_change(held, user=person(request), at=clock.now(), changes=changes)
        return Response(shapes.ConnectionOut(_connection(request, pk)).data)


class Credentials(APIView):
    """Replace the credentials as a whole; nothing gives them back."""

    acts = {"PUT": Act.WRITE_CREDENTIALS}

    @extend_schema(request=shapes.CredentialsIn, responses={204: None})
    def put(self, request: Request, pk: int) -> Response:
        held = _connection(request, pk)
        secrets = read(shapes.CredentialsIn, request)["secrets"]
        services.credentials_set(held, secrets=secrets, user=person(request), at=clock.now())
        return Response(status=204)


class ConnectionTest(APIView):
    """Ask the platform one question."""

    acts = {"POST": Act.WRITE_CREDENTIALS}

    @extend_schema(request=None, responses=shapes.ConnectedAccountOut)
    def post(self, request: Request, pk: int) -> Response:
        platform = services.platform_of(_connection(request, pk), clock=clock.now)
        found = services.connection_test(platform, user=person(request), at=clock.now())
        return Response(shapes.ConnectedAccountOut(found).data)


class ConnectionPause(APIView):
    """Let an account rest, or go on with it."""

    acts = {"POST": Act.WRITE_CREDENTIALS}

    @extend_schema(request=shapes.PauseIn, responses=shapes.ConnectionOut)
    def post(self, request: Request, pk: int) -> Response:
        held = _connection(request, pk)
        paused = read(shapes.PauseIn, request)["paused"]
        services.connection_pause(held, user=person(request), at=clock.now(), paused=paused)
        return Response(shapes.ConnectionOut(_connection(request, pk)).data)


class Syncs(generics.ListAPIView[SyncRun]):
    """The syncs of an account, newest first; ask for one, from a day on for the past."""

    acts = {"GET": SEE, "POST": Act.UPLOAD_IMPORT}
    serializer_class = shapes.SyncOut
    filter_backends = ()
    queryset = SyncRun.objects.none()

    def get_queryset(self) -> QuerySet[SyncRun]:
        held = _connection(self.request, self.kwargs["pk"])
        return syncs_for(person(self.request)).filter(connection=held)

    @extend_schema(request=shapes.SyncIn, responses={201: shapes.SyncOut})
    def post(self, request: Request, pk: int) -> Response:
        held = _connection(request, pk)
        since = read(shapes.SyncIn, request).get("since")
        kind = SyncKind.BACKFILL if since else SyncKind.MANUAL
        user, now = person(request), clock.now()
        run = services.sync_ask(held, kind=kind, at=now, user=user, since=since)
        return Response(shapes.SyncOut(run).data, status=201)


class SyncDetail(APIView):
    """How far a sync is, or how it ended."""

    acts = {"GET": SEE}

    @extend_schema(responses=shapes.SyncOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(shapes.SyncOut(_sync(request, pk)).data)


class SyncStop(APIView):
    """Stop at the next page."""

    acts = {"POST": Act.UPLOAD_IMPORT}

    @extend_schema(request=None, responses=shapes.SyncOut)
    def post(self, request: Request, pk: int) -> Response:
        services.sync_stop(_sync(request, pk), user=person(request), at=clock.now())
        return Response(shapes.SyncOut(_sync(request, pk)).data)


class SyncGoOn(APIView):
    """Go on with a sync that failed or was stopped, where it was."""

    acts = {"POST": Act.UPLOAD_IMPORT}

    @extend_schema(request=None, responses=shapes.SyncOut)
    def post(self, request: Request, pk: int) -> Response:
        services.sync_go_on(_sync(request, pk), user=person(request), at=clock.now())
        return Response(shapes.SyncOut(_sync(request, pk)).data)


class Orders(generics.ListAPIView[PlatformOrder]):
    """Approved changes on their way to platforms, newest first; ask for one."""

    acts = {"GET": Act.VIEW_MONEY, "POST": Act.SUBMIT_REQUEST}
    serializer_class = shapes.PlatformOrderOut
    filterset_class = OrderFilter
    queryset = PlatformOrder.objects.none()

    def get_queryset(self) -> QuerySet[PlatformOrder]:
        return orders_for(person(self.request))

    @extend_schema(request=shapes.PlatformOrderIn, responses={201: shapes.AskedOut})
    def post(self, request: Request) -> Response:
        data = read(shapes.PlatformOrderIn, request)
        asked = services.change_request(user=person(request), at=clock.now(), **data)
        return Response(shapes.AskedOut(asked).data, status=201)


class OrderDetail(APIView):
    """One order with what became of it."""

    acts = {"GET": Act.VIEW_MONEY}

    @extend_schema(responses=shapes.PlatformOrderOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(shapes.PlatformOrderOut(_order(request, pk)).data)


class OrderRetry(APIView):
    """Try an order again that needs a person; the platform's value is read first."""

    acts = {"POST": Act.PAUSE_CAMPAIGN}

    @extend_schema(request=None, responses=shapes.PlatformOrderOut)
    def post(self, request: Request, pk: int) -> Response:
        services.order_retry(_order(request, pk), user=person(request), at=clock.now())
        return Response(shapes.PlatformOrderOut(_order(request, pk)).data)


class OrderSettle(APIView):
    """Say that an order is done by hand, or not wanted any more."""

    acts = {"POST": Act.PAUSE_CAMPAIGN}

    @extend_schema(request=shapes.SettleIn, responses=shapes.PlatformOrderOut)
    def post(self, request: Request, pk: int) -> Response:
        order, said = _order(request, pk), read(shapes.SettleIn, request)
        services.order_settle(order, user=person(request), at=clock.now(), **said)
        return Response(shapes.PlatformOrderOut(_order(request, pk)).data)
