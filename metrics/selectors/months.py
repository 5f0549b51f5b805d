"""Closed months: what was kept, what the same days say now, and what changed in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Max, Min, QuerySet
from psycopg import sql

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import scope_for, sees_money
from core.models import Organisation
from core.money import MICROS, Money
from core.periods import Period
from metrics.choices import MEASURES, MICRO_MEASURES, MONEY_MEASURES
from metrics.models import Batch, ClosedFigure, ClosedMonth, LineDay
from metrics.rules.registry import metric_for
from metrics.selectors.ask import lines, value
from metrics.selectors.labels import labels
from metrics.selectors.query import asked, fetch, query
from metrics.selectors.sql import sums

SPLIT = ("team", "channel", "source", "currency")
Amount = Money | Decimal | int


@dataclass(frozen=True, slots=True)
class MonthState:
    """A month with facts: its days, and its close when it was closed."""

    month: Period
    closed: ClosedMonth | None
    is_over: bool


@dataclass(frozen=True, slots=True)
class KeptFigure:
    """One measure of a team's channel and source: as it was closed, and as it is now."""

    team: str
    channel: str
    source: str
    currency: str
    kept: Amount | None
    now: Amount | None
    change: Amount | None
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class LateBatch:
    """What one batch changed of a closed month, measure by measure, in one currency."""

    batch: Batch
    currency: str
    changes: Sequence[tuple[str, Amount]]


def month_states(today: date) -> list[MonthState]:
    """The months of the books that have facts, newest first."""
    held = LineDay.objects.aggregate(first=Min("day"), last=Max("day"))
    if held["first"] is None:
        return []
    calendar = Organisation.current().calendar
    last = min(held["last"], today)
    closed = {month.key: month for month in ClosedMonth.objects.all()}
    found = [
        MonthState(month, closed.get(month.key), month.end < today)
        for month in calendar.months_between(held["first"], last)
    ]
    return found[::-1]


def as_period(month: ClosedMonth) -> Period:
    return Period(month.key, month.first_day, month.last_day, month.label)


def kept_figures(user: User, month: ClosedMonth, measure: str) -> list[KeptFigure]:
    """Kept and present figures side by side, largest change first; what is in neither is left out."""
    kept = {_key(one): getattr(one, measure) for one in _kept_rows(user, month, measure)}
    answer = query(metrics=[measure], by=SPLIT, period=as_period(month), viewer=user)
    now = {tuple(row[key] for key in SPLIT): row[measure] for row in answer.rows}
    keys = [
        key for key in kept.keys() | now.keys() if (kept.get(key), now.get(key)) != (None, None)
    ]
    names = [labels(key, {one[place] for one in keys}) for place, key in enumerate(SPLIT[:3])]
    return [
        _figure(key, names, measure, kept.get(key), now.get(key))
        for key in sorted(keys, key=lambda key: -abs((now.get(key) or 0) - (kept.get(key) or 0)))
    ]


def _kept_rows(user: User, month: ClosedMonth, measure: str) -> QuerySet[ClosedFigure]:
    act = Act.VIEW_MONEY if measure in MONEY_MEASURES else Act.VIEW_CAMPAIGNS
    return month.figures.filter(scope_for(user, act).where("team__path"))


def _key(figure: ClosedFigure) -> tuple[Any, ...]:
    return figure.team_id, figure.channel_id, figure.source, figure.currency


def _figure(
    key: tuple[Any, ...], names: Sequence[Any], measure: str, kept: int | None, now: int | None
) -> KeptFigure:
    team, channel, source, currency = key
    change = (now or 0) - (kept or 0)
    return KeptFigure(
        team=names[0][team],
        channel=names[1][channel],
        source=names[2][source],
        currency=currency,
        kept=shown(measure, kept, currency),
        now=shown(measure, now, currency),
        change=shown(measure, change, currency),
        share=Decimal(change) / kept if kept else None,
    )


def shown(measure: str, raw: int | None, currency: str) -> Amount | None:
    """A stored sum as formats take it."""
    if raw is None:
        return None
    if measure in MONEY_MEASURES:
        return Money(raw, currency)
    return Decimal(raw) / MICROS if measure in MICRO_MEASURES else raw


def late_batches(user: User, month: ClosedMonth) -> list[LateBatch]:
    """The batches that changed the month after it was closed, newest first."""
    measures = [m for m in MEASURES if m not in MONEY_MEASURES or sees_money(user)]
    ask = asked(metrics=[metric_for(m) for m in measures], period=as_period(month), viewer=user)
    ask = replace(ask, measures=measures, after=month.last_batch)
    rows = fetch(
        sql.SQL(
            "WITH lines AS ({lines}) SELECT d.batch_id, l.currency, {sums}"
            " FROM metrics_linedaydelta d JOIN lines l ON l.id = d.line_id"
            " WHERE d.day BETWEEN {first} AND {last} AND d.batch_id > {after}"
            " GROUP BY 1, 2 ORDER BY 1 DESC, 2"
        ).format(
            lines=lines(ask),
            sums=sums("d", measures),
            first=value("first_day"),
            last=value("last_day"),
            after=value("after"),
        ),
        ask,
    )
    batches = Batch.objects.in_bulk({row[0] for row in rows})
    return [
        LateBatch(batches[batch], currency, _changes(measures, sums_of, currency))
        for batch, currency, *sums_of in rows
        if any(sums_of)
    ]


def _changes(
    measures: Sequence[str], values: Sequence[int | None], currency: str
) -> list[tuple[str, Amount]]:
    return [
        (measure, amount)
        for measure, raw in zip(measures, values, strict=True)
        if raw and (amount := shown(measure, raw, currency)) is not None
    ]
