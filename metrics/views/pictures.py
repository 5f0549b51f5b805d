"""Charts of targets and metrics: the title is the finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate

from core import formats
from core.charts import Chart, Series
from core.money import MICROS, Money
from core.periods import Period
from metrics.models import Target
from metrics.rules.metric import Metric
from metrics.selectors import QueryResult, TargetProgress, points_from, query
from metrics.selectors.targets import shown_value
from metrics.selectors.words import Shown, chart_unit, written

WEEKLY_FROM_DAYS = 100


def target_where(target: Target) -> dict[str, int]:
    """The facts a target is about."""
    if target.campaign_id:
        return {"campaign": target.campaign_id}
    where = {"team": target.team_id}
    return where | ({"channel": target.channel_id} if target.channel_id else {})


def target_chart(found: TargetProgress, *, today: date) -> Chart | None:
    """A total as it adds up beside its straight line; a ratio by week beside its target."""
    target, metric = found.target, found.metric
    until = min(target.last_day, today - timedelta(days=1))
    if until < target.first_day:
        return None
    answer = query(
        metrics=[metric.key],
        by=["week" if metric.is_ratio else "day"],
        where=target_where(target),
        period=Period("target", target.first_day, until),
        viewer=None,
        currency=target.currency or None,
    )
    if len(answer.rows) < 2:
        return None
    picture = _by_week if metric.is_ratio else _adding_up
    return replace(picture(found, answer), today=today)


def _by_week(found: TargetProgress, answer: QueryResult) -> Chart:
    metric = found.metric
    values = [answer.value(metric.key, row) for row in answer.rows]
    goal = found.value
    missed = [v for v in values if v is not None and not _is_good(metric, v, goal)]
    known = [v for v in values if v is not None]
    return Chart(
        kind="line",
        title=f"{metric.label} missed its target in {len(missed)} of {len(known)} weeks",
        sub=f"{metric.formula} per week, days to date · target {written(metric, goal)}",
        x=[row["week_start"] for row in answer.rows],
        x_label="Week from",
        unit=chart_unit(metric, found.target.currency),
        series=[
            Series("Actual", values, end=written(metric, values[-1])),
            Series("Target", [goal] * len(values), style="target", end="target"),
        ],
        id="target",
    )


def _is_good(metric: Metric, value: Shown, goal: Money | Decimal) -> bool:
    actual, wanted = (_number(v) for v in (value, goal))
    return actual <= wanted if metric.up_is_good is False else actual >= wanted


def _number(value: Shown) -> Decimal:
    if isinstance(value, Money):
        return value.amount
    return Decimal(value or 0)


def _adding_up(found: TargetProgress, answer: QueryResult) -> Chart:
    target, metric = found.target, found.metric
    until = answer.period.end
    days = [
        target.first_day + timedelta(days=n) for n in range((until - target.first_day).days + 1)
    ]
    by_day = {row["day"]: row[metric.key] or 0 for row in answer.rows}
    whole = (target.last_day - target.first_day).days + 1
    sums = list(accumulate(by_day.get(day, 0) for day in days))
    scale = 1 if metric.in_micros else MICROS
    actual = [shown_value(target, metric, value * scale) for value in sums]
    line = [
        shown_value(target, metric, target.value_micros * (n + 1) // whole)
        for n in range(len(days))
    ]
    share = Decimal(sums[-1] * scale) / target.value_micros
    return Chart(
        kind="line",
        title=f"{formats.percent(share)} of the target is reached after {len(days)} of {whole} days",
        sub=f"{metric.label}, added up day by day · the dotted line is the target spread evenly",
        x=days,
        unit=chart_unit(metric, target.currency),
        series=[
            Series("Actual", actual, end=written(metric, actual[-1])),
            Series("Target, evenly", line, style="target", end="evenly"),
        ],
        id="target",
        zero=True,
    )


def metric_chart(metric: Metric, answer: QueryResult, by: str, *, today: date) -> Chart | None:
    """A metric over time; None below two points."""
    starts = "day" if by == "day" else f"{by}_start"
    rows = sorted(answer.rows, key=lambda row: row[starts])
    values = [answer.value(metric.key, row) for row in rows]
    if sum(value is not None for value in values) < 2:
        return None
    return Chart(
        kind="line",
        title=_moved(metric, values),
        sub=f"{metric.label} per {by}, {metric.formula.lower()}",
        x=[row[starts] for row in rows],
        x_label=by.capitalize(),
        unit=chart_unit(metric, answer.currency),
        series=[Series("Actual", values, end=written(metric, values[-1]))],
        id="metric",
        where=points_from(
            metric.key, [row[starts] for row in rows], answer.period, currency=answer.currency
        ),
        today=today,
    )


def _moved(metric: Metric, values: Sequence[Shown]) -> str:
    """What the last third did against the first, in words."""
    known = [_number(value) for value in values if value is not None]
    third = max(1, len(known) // 3)
    first, last = (sum(part, Decimal(0)) / third for part in (known[:third], known[-third:]))
    if not first:
        return f"{metric.label} began at zero"
    change = last / first - 1
    if abs(change) < Decimal("0.03"):
        return f"{metric.label} held steady over the period"
    verb = "rose" if change > 0 else "fell"
    return f"{metric.label} {verb} {formats.percent(abs(change))} from the first third to the last"
