"""The headline measure over the fiscal year against its goal, and what the period was made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from core.periods import Period
from metrics.selectors import Metric
from reporting.rules.pack.content import Contribution, Headline, PeriodBar, TrendPage
from reporting.rules.pack.figures import Name, Ref, Sentence, When, say
from reporting.rules.pack.judgement import Judgement
from reporting.rules.pack.numerals import count_text, currency_sign, ratio_text
from reporting.selectors.pack import goals
from reporting.selectors.pack.brief import (
    Brief,
    Column,
    exact,
    headline_metric,
    natural,
    relative,
    span,
)
from reporting.selectors.pack.scorecard import compared_with, in_order, main_figure

MOST_PARTS = 10
FAST = Fraction(15, 100)
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class _Scale:
    """Bars are labelled in this: ``size`` units, ``word`` for the heading."""

    size: int
    word: str
    digits: int

    def text(self, value: Fraction) -> str:
        if self.digits:
            return ratio_text(value / self.size, self.digits)
        return count_text(round(value / self.size))


def trend_page(brief: Brief) -> TrendPage:
    """Months of the fiscal year up to the period's end; goals where a target covers the month."""
    metric = headline_metric(brief)
    calendar = brief.organisation.calendar
    year = calendar.year(calendar.year_of(brief.period.end))
    months = calendar.months(calendar.year_of(brief.period.end))
    values = _values(brief, metric, span(year.start, brief.period.end))
    scale = _scale(brief, metric, values.values())
    aims = [goals.team_goal(brief, metric, month) for month in months]
    bars = _bars(brief, metric, months, values, [aim.value if aim else None for aim in aims], scale)
    gap = _gap(brief, metric, months, values, aims)
    main, _ = main_figure(brief, metric)
    unit = scale.word or metric.label.lower()
    return TrendPage(
        Headline(f"{metric.label} and the goal", _title(brief, main, gap), _standfirst(metric, year)),
        ("Each month",), (f"{unit}; line = target" if any(aims) else unit,), bars,
        ("Ahead of or behind the goal, cumulative",), (unit,), gap.words, gap.goal,
        say("Where the {value} of {period} came from", value=main, period=When(brief.period_text)),
        (f"{_column_unit(brief, metric)} Darker: grew fastest.",),
        _change_head(brief),
        _parts(brief, metric),
    )  # fmt: skip


def _values(brief: Brief, metric: Metric, period: Period) -> dict[str, Fraction]:
    """Month -> value in units; months without data are missing."""
    rows = in_order(brief.ask([metric.key], by=["month"], period=period))
    found = {row["month"]: natural(metric, row[metric.key]) for row in rows}
    return {month: value for month, value in found.items() if value is not None}


def _scale(brief: Brief, metric: Metric, values: Iterable[Fraction]) -> _Scale:
    largest = max(values, default=Fraction(0))
    sign = currency_sign(brief.currency).strip() if metric.is_money else ""
    if largest >= _MILLION:
        return _Scale(_MILLION, f"{sign}m", 2)
    if largest >= 10_000:
        return _Scale(1000, f"{sign}k", 0 if largest >= 100_000 else 1)
    return _Scale(1, sign, 0)


def _bars(
    brief: Brief,
    metric: Metric,
    months: list[Period],
    values: dict[str, Fraction],
    aims: list[Fraction | None],
    scale: _Scale,
) -> tuple[PeriodBar, ...]:
    bars, gap = [], Fraction(0)
    for month, aim in zip(months, aims, strict=True):
        value = values.get(month.key)
        is_over = month.end <= brief.period.end
        known = aim is not None and value is not None and is_over
        gap += (value or 0) - (aim or 0) if known else 0
        bars.append(
            PeriodBar(
                month.label.split()[0],
                None if value is None else _bar(brief, metric, month, value, scale),
                None if aim is None else float(aim / scale.size),
                float(gap / scale.size) if known else None,
            )
        )
    return tuple(bars)


def _bar(brief: Brief, metric: Metric, month: Period, value: Fraction, scale: _Scale) -> Ref:
    answer = brief.ask([metric.key], by=["month"], period=_year_to_date(brief))
    return brief.book.figure(
        f"month.{month.key}", scale.text(value),
        label=f"{metric.label}, {month.label}, {scale.word}".rstrip(", "),
        footnote=brief.note(metric, answer, "month"),
        value=exact(value / scale.size), unit=scale.word or metric.label.lower(),
    )  # fmt: skip


def _year_to_date(brief: Brief) -> Period:
    calendar = brief.organisation.calendar
    return span(calendar.year(calendar.year_of(brief.period.end)).start, brief.period.end)


@dataclass(frozen=True, slots=True)
class _Gap:
    """How far the year is from its goal, in words for the chart and as a size for the title."""

    words: Sentence = ()
    goal: Sentence = ()
    size: Ref | None = None
    is_ahead: bool = False


def _gap(
    brief: Brief,
    metric: Metric,
    months: list[Period],
    values: dict[str, Fraction],
    aims: list[goals.Goal | None],
) -> _Gap:
    """The gap over the months with both; empty below two of them, when it is not drawn."""
    pairs = [
        (month, values[month.key], aim.value)
        for month, aim in zip(months, aims, strict=True)
        if aim and month.key in values and month.end <= brief.period.end
    ]
    if len(pairs) < 2:
        return _Gap()
    gap = sum((value - aim for _, value, aim in pairs), Fraction(0))
    note = brief.book.source(
        "g1", "Gap to goal, to date",
        formula="sum of months − sum of their targets, months with both",
        filters=f"{brief.team.name}; {pairs[0][0].label} to {pairs[-1][0].label}",
        batches=brief.batches(), query=f"query --metrics {metric.key} --by month; targets",
    )  # fmt: skip
    label = "Gap to goal, to date"
    whole = sum((aim.value for aim in aims if aim), Fraction(0))
    goal = brief.figure(
        "goal", metric, whole, label="Goal of the months with a target", note=goals.target_note(brief)
    )  # fmt: skip
    return _Gap(
        say("{gap} by {month}", gap=_signed(brief, metric, "gap", gap, label, note), month=When(pairs[-1][0].label)),
        say("Goal: {goal} for the months with a target", goal=goal),
        brief.figure("gap.size", metric, abs(gap), label=f"{label}, without its sign", note=note),
        gap >= 0,
    )  # fmt: skip


def _signed(brief: Brief, metric: Metric, key: str, value: Fraction, label: str, note: str) -> Ref:
    if metric.is_money:
        return brief.book.money_change(key, round(value * _MILLION), label=label, footnote=note)
    whole = round(value)
    text = f"+{count_text(whole)}" if whole > 0 else count_text(whole)
    return brief.book.figure(
        key, text, label=label, footnote=note, value=exact(value), unit="count"
    )


def _title(brief: Brief, main: Ref, gap: _Gap) -> Sentence:
    """The finding: what the period brought, and how far the year is from its goal."""
    if gap.size is None:
        return say("{period} brought {value}", period=When(brief.period_text), value=main)
    side = "ahead of" if gap.is_ahead else "behind"
    return say(
        f"{{period}} brought {{value}}; the year stands {{gap}} {side} its goal",
        period=When(brief.period_text), value=main, gap=gap.size,
    )  # fmt: skip


def _standfirst(metric: Metric, year: Period) -> Sentence:
    return say(
        f"{metric.label} by fiscal month, {{year}}. Months to come show their target only; no forecast is made.",
        year=When(year.label),
    )  # fmt: skip


def _change_head(brief: Brief) -> Sentence:
    before = compared_with(brief)
    return ("vs ", When(before.label)) if before else ()


def _column_unit(brief: Brief, metric: Metric) -> str:
    rows = brief.ask([metric.key], by=["channel"]).rows
    unit = brief.column(metric, [row[metric.key] or 0 for row in rows]).unit
    return f"{unit}." if unit else ""


def _parts(brief: Brief, metric: Metric) -> tuple[Contribution, ...]:
    """Channels, the largest first; what is beyond the room of the page is one part."""
    answer = brief.ask([metric.key], by=["channel"])
    rows = sorted(answer.rows, key=lambda r: (-(r[metric.key] or 0), r["channel_label"]))
    rows = [row for row in rows if row[metric.key]]
    amounts = [row[metric.key] for row in rows]
    column = brief.column(metric, amounts)
    printed = column.printed(amounts)
    before = channel_before(brief, metric)
    note = brief.note(metric, answer, "channel")
    parts = [
        _part(brief, column, row, shown, before.get(row["channel"]), note)
        for row, shown in zip(rows[:MOST_PARTS], printed, strict=False)
    ]
    if rest := rows[MOST_PARTS:]:
        total = sum(row[metric.key] for row in rest)
        ref = brief.cell(
            column, "channel.rest", total, sum(printed[MOST_PARTS:]),
            label=f"{metric.label}, other channels", note=note,
        )  # fmt: skip
        parts.append(Contribution(Name("Other channels"), ref))
    return _told_apart(parts)


def _part(
    brief: Brief, column: Column, row: dict[str, Any], shown: int, before: int | None, note: str
) -> Contribution:
    metric, channel = column.metric, row["channel"]
    ref = brief.cell(
        column, f"channel.{channel}.{metric.key}", row[metric.key], shown,
        label=f"{metric.label}, {row['channel_label']}", note=note,
    )  # fmt: skip
    return Contribution(
        Name(row["channel_label"]), ref, *growth(brief, channel, row[metric.key], before)
    )


def growth(
    brief: Brief, channel: int, now: int, before: int | None
) -> tuple[Ref | None, Judgement]:
    """A channel's change of the headline measure against the time before, judged."""
    share = relative(Fraction(now), Fraction(before)) if before else None
    found = compared_with(brief)
    if share is None or found is None:
        return None, Judgement.NEUTRAL
    ref = brief.book.change(
        f"channel.{channel}.vs_before", share, label=f"Change of channel {channel} against {found.label}",
        footnote=goals.compare_note(brief, found.period),
    )  # fmt: skip
    tone = Judgement.AHEAD if share > FAST else Judgement.BEHIND if share < 0 else Judgement.NEUTRAL
    return ref, tone


def channel_before(brief: Brief, metric: Metric) -> dict[int, int]:
    """Channel -> the measure in the time compared with."""
    before = compared_with(brief)
    if before is None:
        return {}
    rows = brief.ask([metric.key], by=["channel"], period=before.period).rows
    return {row["channel"]: row[metric.key] for row in rows if row[metric.key]}


def _told_apart(parts: list[Contribution]) -> tuple[Contribution, ...]:
    """Without any change to show, no part is darker than another."""
    if any(part.change for part in parts):
        return tuple(parts)
    return tuple(replace(part, judgement=Judgement.NEUTRAL) for part in parts)
