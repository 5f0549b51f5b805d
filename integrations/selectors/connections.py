"""Reading connections: what of them is healthy, late, or waits for somebody."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can, may
from approvals.models import ChangeRequest
from core import formats
from core.needs import Waiting
from core.parts import Need
from integrations.choices import OPEN_SYNCS, ConnectionState, OrderState, SyncState
from integrations.models import Connection, PlatformOrder, SyncRun

ORDER_TONES = {
    OrderState.DONE: "good",
    OrderState.NEEDS_PERSON: "bad",
    OrderState.SENT: "warn",
}


def connections_for(user: User) -> QuerySet[Connection]:
    """The connections the person may see, each with its latest sync and what waits for a person."""
    runs = SyncRun.objects.filter(connection=OuterRef("pk")).order_by("-id")
    good = runs.filter(state=SyncState.DONE)
    stuck = Q(orders__state=OrderState.NEEDS_PERSON)
    return (
        Connection.objects.for_user(user)
        .select_related("team", "source__ad_account")
        .annotate(
            synced_at=Subquery(good.values("finished_at")[:1]),
            latest_state=Subquery(runs.values("state")[:1]),
            stuck_orders=Count("orders", filter=stuck),
        )
        .order_by("name", "pk")
    )


def syncs_for(user: User) -> QuerySet[SyncRun]:
    """The syncs of connections the person may see."""
    seen = Connection.objects.for_user(user).values("pk")
    return SyncRun.objects.filter(connection__in=seen).select_related(
        "connection__team", "connection__source", "asked_by"
    )


def orders_for(user: User) -> QuerySet[PlatformOrder]:
    """The orders the person may see, newest first."""
    return PlatformOrder.objects.for_user(user).select_related(
        "connection", "line__campaign__team", "line__ad_account"
    )


def health(connection: Any, now: datetime) -> tuple[str, str]:
    """A word for a connection of ``connections_for`` and its tone."""
    if connection.state != ConnectionState.ACTIVE:
        tone = "bad" if connection.state == ConnectionState.SIGN_IN else "neutral"
        return connection.get_state_display(), tone
    if connection.latest_state in OPEN_SYNCS:
        return "Syncing", "accent"
    if connection.error:
        return "Failed", "bad"
    if connection.synced_at is None:
        return "Not synced yet", "neutral"
    late = (now - connection.synced_at).total_seconds() > 2 * connection.every_hours * 3600
    return ("Late", "warn") if late else ("Healthy", "good")


def connections_in_need(user: Any, now: datetime) -> list[Waiting]:  # noqa: ARG001
    """Connections that ask for a new sign-in, for whoever may enter credentials."""
    if not can(user, Act.WRITE_CREDENTIALS):
        return []
    found = Connection.objects.for_user(user).filter(state=ConnectionState.SIGN_IN)
    return [
        Waiting(
            Need(
                f"Sign in again: {held}",
                reverse("integrations:connection", args=[held.pk]),
                "plug-connected",
                meta="nothing new comes in until then",
                tone="bad",
            )
        )
        for held in found[:5]
    ]


def orders_in_need(user: Any, now: datetime) -> list[Waiting]:
    """Orders that could not be carried out, for whoever could make the change by hand."""
    found = orders_for(user).filter(state=OrderState.NEEDS_PERSON)[:20]
    mine = [
        order
        for order in found
        if may(
            user, Act.PAUSE_CAMPAIGN, team=order.line.campaign.team,
            owner_id=order.line.campaign.owner_id,
        )
    ]  # fmt: skip
    return [
        Waiting(
            Need(
                f"{order.get_kind_display()} of {order.line} did not arrive",
                reverse("integrations:order", args=[order.pk]),
                "alert-triangle",
                meta=f"ordered {formats.ago(order.asked_at, now)}",
                tone="bad",
            )
        )
        for order in mine[:5]
    ]


def orders_of(user: User, request: ChangeRequest) -> list[Need]:
    """What a carried out request sent to platforms, with how it went."""
    return [
        Need(
            f"{order.get_kind_display()} of {order.line}: {order.wanted}",
            reverse("integrations:order", args=[order.pk]),
            "bolt",
            meta=f"{order.connection} · {order.get_state_display().lower()}",
        )
        for order in orders_for(user).filter(request_id=request.pk)
    ]
