"""Closing a month's performance: its figures are kept, and what comes later stands beside them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from psycopg import sql

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import require
from core import events, formats
from core.errors import Conflict
from core.events import Actor
from core.models import Organisation
from core.periods import Period
from metrics.choices import MEASURES, MONEY_MEASURES
from metrics.models import Batch, ClosedFigure, ClosedMonth
from metrics.selectors.query import query
from metrics.selectors.sql import sums
from metrics.services.locks import lock_teams

SPLIT = ("team", "channel", "source", "currency")


@transaction.atomic
def month_close(
    *, month: Period, at: datetime, user: User | None = None, actor: Actor, reason: str = ""
) -> ClosedMonth:
    """Keep what the month's facts say at ``at``; nothing changes or deletes it afterwards.

    ``user`` None: closed by what somebody else decided (the close of the books). Raises
    ``Conflict`` when the month is not over or was closed before. Loads wait meanwhile, so
    that every batch is either in the kept figures or a restatement of them.
    """
    if user:
        require(user, Act.CLOSE_PERIOD)
    lock_teams(Team.objects.values_list("pk", flat=True))
    _refuse_open(month, at)
    newest = Batch.objects.order_by("-pk").first()
    closed = ClosedMonth.objects.create(
        key=month.key,
        label=month.label,
        first_day=month.start,
        last_day=month.end,
        closed_at=at,
        closed_by_id=actor.id,
        closed_by_name=actor.name,
        reason=reason,
        last_batch=newest.pk if newest else 0,
    )
    kept = ClosedFigure.objects.bulk_create(_figures(closed, month))
    events.record(
        actor=actor,
        action="performance.closed",
        subject=closed,
        at=at,
        after={"month": month.key, "figures": len(kept), "last_batch": closed.last_batch},
        reason=reason,
        live=["facts"],
    )
    return closed


def month_close_once(*, month: Period, at: datetime, actor: Actor, reason: str = "") -> ClosedMonth:
    """The same where it may have happened before: the first close is the one that counts."""
    found = ClosedMonth.objects.filter(key=month.key).first()
    return found or month_close(month=month, at=at, actor=actor, reason=reason)


def _refuse_open(month: Period, at: datetime) -> None:
    today = at.astimezone(ZoneInfo(Organisation.current().time_zone)).date()
    if month.end >= today:
        raise Conflict(
            f"{month.label} is not over; it ends {formats.day(month.end)}.",
            code="not_over",
            where="month",
            remedy="Close it when its last day has passed and the platforms have reported it.",
        )
    before = ClosedMonth.objects.filter(key=month.key).first()
    if before:
        raise Conflict(
            f"{month.label} was closed by {before.closed_by_name} already.",
            code="already_closed",
            where="month",
            remedy="Its figures are kept; what changed since stands on its page.",
        )


def _figures(closed: ClosedMonth, month: Period) -> list[ClosedFigure]:
    answer = query(metrics=MEASURES, by=SPLIT, period=month, viewer=None)
    return [
        ClosedFigure(
            month=closed,
            team_id=row["team"],
            channel_id=row["channel"],
            source=row["source"],
            currency=row["currency"],
            **{measure: row[measure] for measure in MEASURES},
        )
        for row in answer.rows
    ]


def restatements_log(batch: Batch, actor: Actor, team_path: str) -> None:
    """One event for each closed month that a batch changed, with what it changed.

    Called in the transaction that wrote the batch.
    """
    if batch.first_day is None:
        return
    touched = ClosedMonth.objects.filter(
        first_day__lte=batch.last_day, last_day__gte=batch.first_day
    )
    for month in touched:
        if changes := _changes(batch, month):
            events.record(
                actor=actor,
                action="performance.restated",
                subject=month,
                at=batch.known_at,
                after={"batch": batch.pk, "label": batch.label, "changes": changes},
                team_path=team_path,
                live=["facts"],
            )


def _changes(batch: Batch, month: ClosedMonth) -> dict[str, Any]:
    """What a batch changed of a month: counts, and amounts under the currency they are in."""
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "SELECT l.currency, {sums} FROM metrics_linedaydelta d"
                " JOIN campaigns_campaignline l ON l.id = d.line_id"
                " WHERE d.known_at = %s AND d.batch_id = %s AND d.day BETWEEN %s AND %s"
                " GROUP BY l.currency ORDER BY l.currency"
            ).format(sums=sums("d")),
            [batch.known_at, batch.pk, month.first_day, month.last_day],
        )
        rows = cursor.fetchall()
    found: dict[str, Any] = {}
    for currency, *values in rows:
        for measure, change in zip(MEASURES, values, strict=True):
            if change:
                key = f"{measure} {currency}" if measure in MONEY_MEASURES else measure
                found[key] = found.get(key, 0) + change
    return found
