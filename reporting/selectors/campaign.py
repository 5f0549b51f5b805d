"""One campaign with its numbers: by day, by line, by creative, and what was changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from accounts.models import User
from campaigns.models import Campaign, Optimisation
from core import formats
from core.charts import Chart, Marker, Series, Unit
from core.money import MICROS, Money
from core.parts import Delta, Tile
from insights.models import Verdict
from metrics.selectors import (
    Metric,
    QueryResult,
    TargetProgress,
    metric_for,
    points_from,
    query,
    where_from,
)
from reporting.selectors.campaigns import values_of, visible_metrics
from reporting.selectors.window import Window
from reporting.selectors.young import as_final, hatched, young_of

Value = Money | Decimal | int | None
MEASURES = (
    "impressions",
    "clicks",
    "spend",
    "conversions",
    "revenue",
    "ctr",
    "cpc",
    "cvr",
    "cpa",
    "roas",
)
# The chart of a campaign is about the first of these that it has a target for.
CHARTED = ("roas", "cpa", "cpl", "cpc")


@dataclass(frozen=True, slots=True)
class Split:
    """One part of a campaign (line, creative, day ...) with its figures."""

    key: Any
    label: str
    values: dict[str, Value]

    def __getattr__(self, name: str) -> Value:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None


def campaign_query(
    user: User, campaign: Campaign, window: Window, *, by: Sequence[str], metrics: Sequence[str]
) -> QueryResult:
    """The one query, held to a campaign and the page's window."""
    return query(
        metrics=metrics,
        by=list(by),
        where={"campaign": campaign.pk},
        period=window.period,
        as_of=window.as_of,
        viewer=user,
        currency=window.currency,
    )


def all_metrics(user: User) -> list[str]:
    """What the tables of a campaign show to this person."""
    allowed = visible_metrics(user)
    return [key for key in MEASURES if "spend" in allowed or not _is_money(metric_for(key))]


def _is_money(metric: Metric) -> bool:
    return metric.needs_currency


def splits(user: User, campaign: Campaign, window: Window, by: str) -> list[Split]:
    """The campaign split by ``line``, ``creative``, ``segment`` or ``day``."""
    answer = campaign_query(user, campaign, window, by=[by], metrics=all_metrics(user))
    return [
        Split(row[by], part_label(by, str(row.get(f"{by}_label", row[by]))), values_of(answer, row))
        for row in answer.rows
    ]


def part_label(by: str, label: str) -> str:
    """A segment by its values: ``DE · mobile`` for ``country=DE · device=mobile``."""
    if by != "segment":
        return label
    return " · ".join(part.partition("=")[2] or part for part in label.split(" · "))


def tiles(user: User, campaign: Campaign, window: Window) -> list[Tile]:
    """The campaign's main figures against the days before."""
    keys = list(visible_metrics(user))
    answer = query(
        metrics=keys,
        where={"campaign": campaign.pk},
        period=window.to_date,
        compare=window.to_date.previous(),
        as_of=window.as_of,
        viewer=user,
        currency=window.currency,
    )
    here = {"campaign": campaign.pk}
    return [
        _tile(
            answer,
            metric_for(key),
            where_from([key], window.to_date, where=here, currency=window.currency),
        )
        for key in keys
    ]


def _tile(answer: QueryResult, metric: Metric, where: str) -> Tile:
    value = answer.value(metric.key, answer.totals)
    before = answer.value(f"{metric.key}_before", answer.totals)
    return Tile(
        label=metric.label,
        value=written(metric, value),
        delta=change(value, before, metric),
        sentence=f"{written(metric, before)} in the days before" if before is not None else "",
        where=where,
    )


def written(metric: Metric, value: Value) -> str:
    """A metric's value as a tile shows it."""
    if value is None:
        return formats.NOTHING
    if isinstance(value, Money):
        return formats.money(value)
    if metric.unit == "percent":
        return formats.percent(value)
    return formats.ratio(value) if metric.unit == "ratio" else formats.compact(value)


def change(value: Value, before: Value, metric: Metric) -> Delta | None:
    """The relative change, judged by what is good for the metric."""
    now, then = plain_number(value), plain_number(before)
    if now is None or not then:
        return None
    return Delta.of(now / then - 1, formats.percent_signed, up_is_good=metric.up_is_good)


def plain_number(value: Value) -> Decimal | None:
    """A value as a number, amounts in units."""
    if value is None:
        return None
    return value.amount if isinstance(value, Money) else Decimal(value)


def trend_chart(
    user: User,
    campaign: Campaign,
    window: Window,
    *,
    metric: Metric,
    changes: Sequence[Optimisation],
    target: Decimal | None,
) -> Chart | None:
    """The metric by week with changes as numbered circles; None without two weeks of data."""
    by = "day" if window.period.days <= 62 else "week"
    answer = campaign_query(user, campaign, window, by=[by], metrics=[metric.key])
    rows = sorted(answer.rows, key=lambda row: first_day(row, by))
    if len(rows) < 2:
        return None
    values = [answer.value(metric.key, row) for row in rows]
    series = [Series("Actual", values, end=written(metric, values[-1]))]
    if target is not None:
        series.append(
            Series(
                "Target",
                [target] * len(rows),
                style="target",
                end=f"target {written(metric, _target_value(metric, target, window.currency))}",
            )
        )
    days = [first_day(row, by) for row in rows]
    where = {"campaign": campaign.pk}
    young = young_of(
        metric, days, viewer=user, window=window, last_day=window.to_date.end, where=where
    )
    chart = Chart(
        kind="line",
        title=_finding(metric, as_final(young, days, values), is_young=bool(young)),
        sub=f"{metric.label} per {by}, {metric.formula} · {window.period.label} · numbers are changes made",
        x=days,
        unit=unit_of(metric, window.currency),
        series=series,
        markers=_markers(changes, days),
        id="trend",
        where=points_from(metric.key, days, window.period, where, window.currency),
    )
    return hatched(chart, young, window)


def _target_value(metric: Metric, target: Decimal, currency: str) -> Value:
    return Money(int(target * MICROS), currency) if metric.is_money else target


def chart_metric(goals: Sequence[TargetProgress], *, sees_money: bool) -> Metric:
    """What the page's chart shows: the return, or the cost that the campaign is asked for."""
    keys = {one.metric.key for one in goals}
    if not sees_money:
        return metric_for("ctr")
    return metric_for(next((key for key in CHARTED if key in keys), CHARTED[0]))


def first_day(row: dict[str, Any], by: str) -> date:
    """The day a row of a time series begins with."""
    day: date = row["day"] if by == "day" else row[f"{by}_start"]
    return day


def unit_of(metric: Metric, currency: str) -> Unit:
    """How a chart of the metric writes its values."""
    if metric.is_money:
        return Unit.money(currency)
    return {"percent": Unit.percent(), "ratio": Unit.ratio()}.get(str(metric.unit), Unit.number())


def _finding(metric: Metric, values: Sequence[Value], *, is_young: bool = False) -> str:
    """The finding; of young days it says what is expected when they are final."""
    ended = "should end at" if is_young else "ended at"
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return f"{metric.label} is known for one period only"
    third = max(1, len(known) // 3)
    first, last = _mean(known[:third]), _mean(known[-third:])
    if not first:
        return f"{metric.label} {ended} {written(metric, known[-1])}"
    share = last / first - 1
    if abs(share) < Decimal("0.03"):
        return f"{metric.label} held steady and {ended} {written(metric, known[-1])}"
    verb = "rose" if share > 0 else "fell"
    return f"{metric.label} {verb} by {formats.percent(abs(share))} and {ended} {written(metric, known[-1])}"


def _mean(values: Sequence[Value]) -> Decimal:
    numbers = [number for value in values if (number := plain_number(value)) is not None]
    return sum(numbers, Decimal(0)) / len(numbers)


def _markers(changes: Sequence[Optimisation], days: Sequence[date]) -> list[Marker]:
    """Numbered as in the log; a change sits at the first shown day on or after it was made."""
    tones = {"helped": "good", "hurt": "bad"}
    markers = []
    for number, entry in enumerate(sorted(changes, key=lambda c: (c.made_on, c.pk)), start=1):
        at = max((day for day in days if day <= entry.made_on), default=None)
        if at is not None and entry.made_on <= days[-1] + timedelta(days=6):
            verdict = verdict_of(entry)
            tone = tones.get(verdict.outcome, "neutral") if verdict else "neutral"
            markers.append(Marker(at, number, entry.what, tone))
    return markers


def verdict_of(entry: Optimisation) -> Verdict | None:
    """What came of a change, if it was measured."""
    return getattr(entry, "verdict", None)


@dataclass(frozen=True, slots=True)
class LoggedChange:
    """A row of the log as the campaign page shows it."""

    number: int
    entry: Optimisation
    verdict: Verdict | None

    @property
    def outcome(self) -> str:
        return self.verdict.outcome if self.verdict else Verdict.Outcome.MEASURING

    @property
    def note(self) -> str:
        if self.verdict is None:
            return "ready when the data matured"
        return self.verdict.reason

    @property
    def effect(self) -> str:
        if self.verdict is None or self.verdict.effect_micros is None:
            return ""
        return formats.percent_signed(Decimal(self.verdict.effect_micros) / 1_000_000)


def logged_changes(campaign: Campaign) -> list[LoggedChange]:
    """The optimisation log, newest first, numbered from the first change."""
    entries = list(
        campaign.optimisations.select_related("line", "verdict").order_by("made_on", "pk")
    )
    numbered = [LoggedChange(n, e, verdict_of(e)) for n, e in enumerate(entries, start=1)]
    return numbered[::-1]
