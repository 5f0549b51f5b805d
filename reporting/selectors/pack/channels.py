"""Channels and campaigns of the period: what they cost, what they brought."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from metrics.choices import Unit
from metrics.selectors import Metric, QueryResult, metric_for
from reporting.rules.pack.content import Change, ChannelRow, ChannelsPage, Headline, Note
from reporting.rules.pack.figures import Name, Ref, Sentence, When, say
from reporting.rules.pack.judgement import Judgement
from reporting.rules.pack.numerals import NOTHING, currency_sign
from reporting.selectors.pack import goals
from reporting.selectors.pack.brief import (
    Brief,
    Column,
    headline_metric,
    months_until,
    natural,
    return_metric,
    span,
)
from reporting.selectors.pack.scorecard import compared_with, in_order
from reporting.selectors.pack.trend import channel_before, growth

MONTHS = 9


def value_metrics(brief: Brief) -> tuple[Metric, Metric, Metric] | None:
    """Spend, the value it brought and the return; None when no value in money is reported."""
    lead, best = headline_metric(brief), return_metric(brief)
    if not lead.is_money or best is None:
        return None
    return metric_for("spend"), lead, best


def channels_page(brief: Brief) -> ChannelsPage | None:
    """Spend and value of every channel, the largest value first; None when there is no value."""
    wanted = value_metrics(brief)
    if wanted is None:
        return None
    spend, value, best = wanted
    answer = brief.ask([spend.key, value.key, best.key, "cpa"], by=["channel"])
    rows = sorted(answer.rows, key=lambda r: (-(r[value.key] or 0), r["channel_label"]))
    rows = [row for row in rows if row[spend.key] or row[value.key]]
    if not rows:
        return None
    total, lines = _rows(brief, wanted, answer, rows)
    before = compared_with(brief)
    sign = currency_sign(brief.currency).strip()
    column = _column(brief, wanted, rows)
    return ChannelsPage(
        Headline(
            "Channels",
            _title(lines, best),
            say(
                f"Spend and {value.label.lower()} of {{period}}, {column.unit}, and {best.label} against target.",
                period=When(brief.period_text),
            ),
        ),
        total,
        lines,
        (best.label,),
        (f"Cost per conv., {sign}",),
        When(before.label if before else ""),
        When(_months_text(brief)),
        (
            Note(
                "How to read it",
                (
                    "Bars start at zero and share one scale. A disc is ahead of target, a diamond behind.",
                ),
            ),
        ),
        (column.unit,),
    )


def _column(brief: Brief, wanted: tuple[Metric, Metric, Metric], rows: Sequence[Any]) -> Column:
    spend, value, _ = wanted
    return brief.column(spend, [r[m.key] or 0 for r in rows for m in (spend, value)])


def _rows(
    brief: Brief,
    wanted: tuple[Metric, Metric, Metric],
    answer: QueryResult,
    rows: Sequence[dict[str, Any]],
) -> tuple[ChannelRow, tuple[ChannelRow, ...]]:
    spend, value, best = wanted
    column = _column(brief, wanted, rows)
    spends = column.printed([row[spend.key] or 0 for row in rows])
    values = column.printed([row[value.key] or 0 for row in rows])
    aims, before = goals.channel_goals(brief, best), channel_before(brief, value)
    courses = _courses(brief, best)
    lines = []
    for row, spent, brought in zip(rows, spends, values, strict=True):
        key, name = f"channel.{row['channel']}", row["channel_label"]
        change, _ = growth(brief, row["channel"], row[value.key] or 0, before.get(row["channel"]))
        lines.append(
            ChannelRow(
                Name(name),
                amount(brief, column, f"{key}.col.spend", spend, row, spent, name, answer),
                amount(brief, column, f"{key}.col.value", value, row, brought, name, answer),
                ratio(brief, f"{key}.{best.key}", best, row, name, answer),
                _against(brief, key, best, row, aims.get(row["channel"])),
                _cost(brief, key, row, name, answer),
                change,
                courses.get(row["channel"], ()),
            )
        )
    return _total(brief, wanted, answer, rows, sum(spends), sum(values)), tuple(lines)


def amount(
    brief: Brief, column: Column, key: str, metric: Metric, row: dict[str, Any], printed: int,
    name: str, answer: QueryResult, split: str = "channel",
) -> Ref:  # fmt: skip
    """A row's amount in the unit of its column."""
    note = brief.note(metric, answer, split)
    label = f"{metric.label}, {name}"
    return brief.cell(column, key, row[metric.key] or 0, printed, label=label, note=note)


def ratio(
    brief: Brief, key: str, metric: Metric, row: dict[str, Any], name: str, answer: QueryResult,
    split: str = "channel",
) -> Ref:  # fmt: skip
    """A row's return; a dash where nothing was spent."""
    value = natural(metric, row[metric.key])
    note = brief.note(metric, answer, split)
    if value is None:
        return brief.book.figure(key, NOTHING, label=f"{metric.label}, {name}", footnote=note)
    return brief.figure(key, metric, value, label=f"{metric.label}, {name}", note=note)


def _total(
    brief: Brief,
    wanted: tuple[Metric, Metric, Metric],
    answer: QueryResult,
    rows: Sequence[dict[str, Any]],
    spent: int,
    brought: int,
) -> ChannelRow:
    spend, value, best = wanted
    column = _column(brief, wanted, rows)
    totals = answer.totals
    name = "all channels"
    goal = goals.team_goal(brief, best, brief.period)
    return ChannelRow(
        Name("All channels"),
        amount(brief, column, "channels.spend", spend, totals, spent, name, answer),
        amount(brief, column, "channels.value", value, totals, brought, name, answer),
        ratio(brief, "channels.return", best, totals, name, answer),
        _against(brief, "channels", best, totals, goal),
        _cost(brief, "channels", totals, name, answer),
        None,
        _course(brief, best),
    )


def _against(
    brief: Brief, key: str, best: Metric, row: dict[str, Any], goal: goals.Goal | None
) -> Change | None:
    value = natural(best, row[best.key])
    if goal is None or value is None:
        return None
    return goals.against(
        brief, f"{key}.vs_target", best, value, goal,
        label=f"{best.label} against target, {key}", note=goals.change_note(brief),
    )  # fmt: skip


def _cost(
    brief: Brief, key: str, row: dict[str, Any], name: str, answer: QueryResult
) -> Ref | None:
    """Cost per conversion without its sign: the head names the currency."""
    cpa = metric_for("cpa")
    value = natural(cpa, row["cpa"])
    if value is None or cpa.unit != Unit.MONEY:
        return None
    return brief.book.ratio(
        f"{key}.cpa", value, label=f"{cpa.label}, {name}", footnote=brief.note(cpa, answer, "channel")
    )  # fmt: skip


def _courses(brief: Brief, best: Metric) -> dict[int, tuple[float, ...]]:
    """Channel -> its return of the latest months, oldest first."""
    months = months_until(brief, MONTHS)
    answer = brief.ask(
        [best.key], by=["channel", "month"], period=span(months[0].start, months[-1].end)
    )
    found: dict[int, list[float]] = {}
    for row in in_order(answer):
        value = natural(best, row[best.key])
        if value is not None:
            found.setdefault(row["channel"], []).append(float(value))
    return {channel: tuple(values) for channel, values in found.items()}


def _course(brief: Brief, best: Metric) -> tuple[float, ...]:
    months = months_until(brief, MONTHS)
    answer = brief.ask([best.key], by=["month"], period=span(months[0].start, months[-1].end))
    values = [natural(best, row[best.key]) for row in in_order(answer)]
    return tuple(float(value) for value in values if value is not None)


def _months_text(brief: Brief) -> str:
    months = months_until(brief, MONTHS)
    return f"{months[0].label.split()[0]} – {months[-1].label.split()[0]}"


def _title(lines: Sequence[ChannelRow], best: Metric) -> Sentence:
    """The finding: which channels earn below target, else which return most and least."""
    behind = [r.name for r in lines if r.vs_target and r.vs_target.judgement is Judgement.BEHIND]
    if len(behind) == 1:
        return say("{name} earns less than its target; the others hold theirs", name=behind[0])
    if behind:
        return say(
            "{first} and {second} earn less than their targets", first=behind[0], second=behind[1]
        )
    first = lines[0]
    if len(lines) == 1:
        return say(f"{{name}} has a {best.label} of {{value}}", name=first.name, value=first.ratio)
    return say("{name} brings most, at a return of {value}", name=first.name, value=first.ratio)
