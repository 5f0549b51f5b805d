"""What stands around a forecast on its page: the days before and since, the target, where it lands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from accounts.models import User
from core.known import known_at
from core.models import Organisation
from core.money import MICROS, Money
from core.periods import Period
from insights.models import Forecast
from insights.rules.what_if import Ahead
from insights.selectors.forecasts import DAY, Amount, Quoted
from insights.selectors.outlook import Outlook, outlook
from metrics.models import Target
from metrics.selectors import Metric, query
from metrics.selectors.targets import shown_value

BACK = timedelta(days=55)


@dataclass(frozen=True, slots=True)
class Landing:
    """Where a period ends: what is known of it by the cut-off and what is expected of the rest."""

    period: Period
    known: float
    ahead: Ahead
    target: Target | None

    @property
    def target_value(self) -> float | None:
        return None if self.target is None else self.target.value_micros / MICROS

    @property
    def share(self) -> float | None:
        """Landing over target."""
        if not self.target_value or self.ahead.value is None:
            return None
        return self.ahead.value / self.target_value


@dataclass(frozen=True, slots=True)
class Story:
    """Days and what is known of them; ``actual`` by day, as formats take it."""

    days: list[date]
    actual: Mapping[date, Amount]
    young: Outlook | None
    target: Target | None
    landing: Landing | None


def where_of(forecast: Forecast) -> dict[str, Any]:
    """The part of the facts that a forecast speaks of, as the one query takes it."""
    if forecast.level == Forecast.Level.LINE:
        return {"line": forecast.line_id}
    if forecast.level == Forecast.Level.CAMPAIGN:
        return {"campaign": forecast.campaign_id}
    where: dict[str, Any] = {}
    if forecast.level == Forecast.Level.TEAM or "@" in forecast.subject:
        where["team"] = forecast.team_id
    if forecast.channel:
        where["channel"] = forecast.channel.key
    return where


def story_of(quoted: Quoted, viewer: User, *, today: date) -> Story:
    """Eight weeks before the forecast, what came since, and where its period lands."""
    forecast = quoted.forecast
    first, last = forecast.cutoff - BACK, quoted.days[-1]
    days = [first + number * DAY for number in range((last - first).days + 1)]
    newest = min(today - DAY, last)
    currency = forecast.issue.currency
    found = query(
        metrics=[quoted.metric.key],
        by=["day"],
        where=where_of(forecast),
        period=Period("shown", first, newest),
        currency=currency,
        viewer=viewer,
    )
    actual = {row["day"]: shown(quoted.metric, row[quoted.metric.key], currency)
              for row in found.rows}  # fmt: skip
    target = target_of(forecast, viewer)
    return Story(
        days=days,
        actual=actual,
        young=outlook(
            metric=quoted.metric.key,
            viewer=viewer,
            starts=[day for day in days if day <= newest],
            last_day=newest,
            where=where_of(forecast),
            as_of=known_at(),
            currency=currency,
        ),
        target=target,
        landing=landing_of(quoted, viewer, target),
    )


def shown(metric: Metric, value: int | Decimal | None, currency: str) -> Amount:
    """A value of the one query as charts and tables take it."""
    if value is None:
        return None
    if metric.is_money:
        return Money(int(value), currency)
    return Decimal(value) / MICROS if metric.in_micros else Decimal(value)


def target_of(forecast: Forecast, viewer: User) -> Target | None:
    """The target in force on the first day ahead, for the same metric and subject."""
    if forecast.level == Forecast.Level.LINE:
        return None
    day = forecast.cutoff + DAY
    found = Target.objects.for_user(viewer).filter(
        metric=forecast.metric,
        campaign=forecast.campaign,
        channel=forecast.channel,
        first_day__lte=day,
        last_day__gte=day,
        is_retired=False,
    )
    if forecast.campaign is None:
        found = found.filter(team=forecast.team)
    return next(
        (one for one in found.order_by("last_day") if one.currency in ("", forecast.currency)), None
    )


def landing_of(quoted: Quoted, viewer: User, target: Target | None) -> Landing | None:
    """Where the target's period ends, or the month without one; None beyond the days ahead.

    Only of what adds up: a ratio's period has no share that is known already.
    """
    forecast = quoted.forecast
    if quoted.metric.is_ratio:
        return None
    period = _period(forecast, target)
    left = (period.end - forecast.cutoff).days
    if not 1 <= left <= forecast.horizon:
        return None
    known = 0.0
    if period.start <= forecast.cutoff:
        known = _known(quoted, viewer, Period("to-date", period.start, forecast.cutoff))
    judged = target if target and target.last_day == period.end else None
    return Landing(period, known, quoted.ahead(left).plus(known), judged)


def _period(forecast: Forecast, target: Target | None) -> Period:
    if target and (target.last_day - forecast.cutoff).days <= forecast.horizon:
        return Period("target", target.first_day, target.last_day)
    return Organisation.current().calendar.month_of(forecast.cutoff + DAY)


def _known(quoted: Quoted, viewer: User, period: Period) -> float:
    forecast = quoted.forecast
    found = query(
        metrics=[quoted.metric.key],
        where=where_of(forecast),
        period=period,
        currency=forecast.issue.currency,
        mature=True,
        viewer=viewer,
    )
    value = found.totals[quoted.metric.key]
    if value is None:
        return 0.0
    return float(value) / (MICROS if quoted.metric.in_micros else 1)


def target_a_day(metric: Metric, target: Target) -> Amount:
    """What a target asks of each day: its share of what adds up, the value itself of a ratio."""
    days = 1 if metric.is_ratio else (target.last_day - target.first_day).days + 1
    return shown_value(target, metric, target.value_micros // days)
