"""Alerts and messages over the API, with the filters of the page."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import SIGNED_IN, Act
from accounts.permissions import person
from automation import services
from automation.api.serializers import (
    AlertChange,
    AlertIn,
    AlertOut,
    NotificationOut,
    ReadIn,
    ReadOut,
)
from automation.forms import AlertFilter
from automation.models import Alert, AlertQuerySet, Notification
from automation.selectors import alerts_for
from core import clock
from core.api import read
from core.errors import Invalid


class Alerts(generics.ListAPIView[Alert]):
    """Alerts the person may see, the most urgent first; raise one by hand."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "POST": Act.VIEW_CAMPAIGNS}
    serializer_class = AlertOut
    filterset_class = AlertFilter
    queryset = Alert.objects.none()

    def get_queryset(self) -> AlertQuerySet:
        return alerts_for(person(self.request))

    @extend_schema(request=AlertIn, responses={201: AlertOut})
    def post(self, request: Request) -> Response:
        data = read(AlertIn, request)
        made = services.alert_raise(user=person(request), at=clock.now(), **data)
        return Response(AlertOut(made).data, status=201)


class AlertDetail(APIView):
    """One alert; acknowledge, assign or snooze it."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "POST": Act.VIEW_CAMPAIGNS}

    @extend_schema(responses=AlertOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(AlertOut(get_object_or_404(alerts_for(person(request)), pk=pk)).data)

    @extend_schema(operation_id="alerts_handle", request=AlertChange, responses=AlertOut)
    def post(self, request: Request, pk: int) -> Response:
        alert = get_object_or_404(alerts_for(person(request)), pk=pk)
        return Response(AlertOut(_handle(request, alert, read(AlertChange, request))).data)


def _handle(request: Request, alert: Alert, data: dict[str, object]) -> Alert:
    user, now = person(request), clock.now()
    if data["do"] == "acknowledge":
        return services.alert_acknowledge(alert=alert, user=user, at=now)
    needed = "owner" if data["do"] == "assign" else "until"
    if needed not in data:
        raise Invalid(f"“{data['do']}” needs “{needed}”.", where=needed)
    if data["do"] == "assign":
        return services.alert_assign(alert=alert, user=user, to=data["owner"], at=now)  # type: ignore[arg-type]
    return services.alert_snooze(
        alert=alert,
        user=user,
        until=data["until"],  # type: ignore[arg-type]
        reason=str(data["reason"]),
        at=now,
    )


class Notifications(generics.ListAPIView[Notification]):
    """The person's own messages, newest first."""

    acts = {"GET": SIGNED_IN}
    serializer_class = NotificationOut
    queryset = Notification.objects.none()
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Notification]:
        if getattr(self, "swagger_fake_view", False):
            return Notification.objects.none()
        return Notification.objects.filter(user=person(self.request))


class NotificationsRead(APIView):
    """Mark one message (``id``), or all of them, as read; says how many were unread."""

    acts = {"POST": SIGNED_IN}

    @extend_schema(request=ReadIn, responses=ReadOut)
    def post(self, request: Request) -> Response:
        data = read(ReadIn, request)
        count = services.notification_read(user=person(request), at=clock.now(), pk=data.get("id"))
        return Response(ReadOut({"count": count}).data)
