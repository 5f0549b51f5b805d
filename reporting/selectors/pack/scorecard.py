"""The report's period on one page: every measure against target and the time before."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from core.periods import Period
from metrics.selectors import Metric, QueryResult, metric_for
from reporting.rules.pack.content import Headline, MetricRow, ScorecardPage
from reporting.rules.pack.figures import Name, Ref, Sentence, When, say
from reporting.rules.pack.judgement import Judgement
from reporting.selectors.pack import goals
from reporting.selectors.pack.brief import (
    Brief,
    day_text,
    headline_metric,
    months_until,
    natural,
    return_metric,
    span,
)
from reporting.selectors.pack.requests import asked_decisions

# In the order they are printed, when they are reported; the return follows what it is made of.
SHOWN = ("revenue", "order_value", "conversions", "leads", "spend", "roas", "roas_order_value",
         "cpa", "cpl", "clicks", "ctr")  # fmt: skip
MOST_ROWS = 7
TREND_MONTHS = 13


@dataclass(frozen=True, slots=True)
class Before:
    """What the period is compared with: a year before, else the period before it."""

    period: Period
    label: str


def compared_with(brief: Brief) -> Before | None:
    """The year before when it has data, else the period before, else nothing."""
    lead = headline_metric(brief).key
    for compare in ("year", "previous"):
        answer = brief.ask([lead], compare=compare)
        if answer.compared and answer.totals[f"{lead}_before"]:
            return Before(answer.compared, short_label(answer.compared))
    return None


def short_label(period: Period) -> str:
    return period.label if any(c.isdigit() for c in period.label) else day_text(period.start)


def shown_metrics(brief: Brief) -> list[Metric]:
    """The headline first, then what is reported in the order of ``SHOWN``."""
    totals = brief.ask(SHOWN).totals
    found = [key for key in SHOWN if totals[key] is not None]
    lead = headline_metric(brief).key
    best = return_metric(brief)
    others = [key for key in found if key not in (lead, "roas", "roas_order_value")]
    keys = [lead, *([best.key] if best else []), *others]
    return [metric_for(key) for key in dict.fromkeys(keys)][:MOST_ROWS]


def scorecard_page(brief: Brief) -> ScorecardPage:
    """Rows of what is reported; asks are the largest requests that wait for a decision."""
    metrics = shown_metrics(brief)
    before = compared_with(brief)
    trend = _trend(brief)
    rows = tuple(_row(brief, metric, before, trend) for metric in metrics)
    period = When(brief.period.label)
    asks = asked_decisions(brief)
    compared = When(before.label if before else "")
    return ScorecardPage(
        Headline("The period on one page", _title(rows, before), _standfirst(brief, before)),
        period, compared, When(_trend_span(trend)), rows,
        "What waits for a decision" if asks else "", asks,
    )  # fmt: skip


def _standfirst(brief: Brief, before: Before | None) -> Sentence:
    words = "{period} against target{rest}. Known as of the moment in the footer."
    if before is None:
        return say(words.replace("{rest}", ""), period=When(brief.period_text))
    return say(
        words.replace("{rest}", " and {before}, then the course of the months"),
        period=When(brief.period_text), before=When(before.label),
    )  # fmt: skip


def _title(rows: tuple[MetricRow, ...], before: Before | None) -> Sentence:
    """The finding: which measures are ahead, which behind."""
    judged = [(row.name, row.vs_target.judgement) for row in rows if row.vs_target]
    behind = [name for name, judgement in judged if judgement is Judgement.BEHIND]
    ahead = [name for name, judgement in judged if judgement is Judgement.AHEAD]
    if len(judged) == 1 and (ahead or behind):
        return _alone(rows, "ahead of" if ahead else "behind")
    if ahead and behind:
        return (f"{_listed(ahead)} ahead of target; {_listed(behind, lower=True)} behind",)
    if behind:
        return (f"{_listed(behind)} behind target",)
    if ahead:
        return (f"{_listed(ahead)} ahead of target",)
    lead = rows[0]
    if lead.vs_last_year is None or before is None:
        return say("{name} stood at {value}", name=Name(lead.name), value=lead.value)
    return say(
        "{name} stood at {value}, {change} against {before}",
        name=Name(lead.name), value=lead.value, change=lead.vs_last_year, before=When(before.label),
    )  # fmt: skip


def _alone(rows: tuple[MetricRow, ...], place: str) -> Sentence:
    """The only measure with a target, with its value and how far from it that is."""
    row, change = next((row, change) for row in rows if (change := row.vs_target))
    words = f"{{name}} is {place} target: {{value}}, {{change}}"
    return say(words, name=Name(row.name), value=row.value, change=change.figure)


def _listed(names: list[str], *, lower: bool = False) -> str:
    text = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    verb = "is" if len(names) == 1 else "are"
    first = text[:1].lower() + text[1:] if lower and not text[:2].isupper() else text
    return f"{first} {verb}"


def main_figure(brief: Brief, metric: Metric) -> tuple[Ref, Fraction]:
    """A metric of the whole period, as every page quotes it, and its exact value."""
    answer = brief.ask(SHOWN)
    value = natural(metric, answer.totals[metric.key]) or Fraction(0)
    label = f"{metric.label}, {brief.period_text}"
    note = brief.note(metric, answer)
    return brief.figure(metric.key, metric, value, label=label, note=note), value


def _row(brief: Brief, metric: Metric, before: Before | None, trend: QueryResult) -> MetricRow:
    ref, value = main_figure(brief, metric)
    goal = goals.team_goal(brief, metric, brief.period)
    target = change = None
    if goal:
        target = brief.figure(
            f"{metric.key}.target", metric, goal.value,
            label=f"Target of {metric.label}", note=goals.target_note(brief),
        )  # fmt: skip
        change = goals.against(
            brief, f"{metric.key}.vs_target", metric, value, goal,
            label=f"{metric.label} against target", note=goals.change_note(brief),
        )  # fmt: skip
    return MetricRow(
        metric.label,
        _mover(brief, metric, before),
        ref,
        target,
        change,
        _versus(brief, metric, value, before),
        _course(metric, trend),
        float(goal.value) if goal and (metric.is_ratio or _is_month(brief)) else None,
    )


def _is_month(brief: Brief) -> bool:
    """A target of a quarter does not belong on a line of months."""
    return brief.organisation.calendar.month_of(brief.period.start).end == brief.period.end


def _versus(brief: Brief, metric: Metric, value: Fraction, before: Before | None) -> Ref | None:
    if before is None:
        return None
    was = natural(metric, brief.ask(SHOWN, period=before.period).totals[metric.key])
    if was is None or was <= 0:
        return None
    return brief.change(
        f"{metric.key}.vs_before", metric, value, was,
        label=f"{metric.label} against {before.label}", note=goals.compare_note(brief, before.period),
    )  # fmt: skip


def _mover(brief: Brief, metric: Metric, before: Before | None) -> Sentence:
    """Which channel moved what adds up; for the rest what the metric says."""
    if metric.is_ratio or before is None:
        return (metric.description,) if not any(c.isdigit() for c in metric.description) else ()
    now = {r["channel"]: r for r in brief.ask(SHOWN, by=["channel"]).rows}
    was = {r["channel"]: r for r in brief.ask(SHOWN, by=["channel"], period=before.period).rows}
    steps = {
        channel: (now.get(channel, {}).get(metric.key) or 0) - (was.get(channel, {}).get(metric.key) or 0)
        for channel in {*now, *was}
    }  # fmt: skip
    if len(steps) < 2 or not any(steps.values()):
        return ()
    channel = max(steps, key=lambda c: (abs(steps[c]), c))
    name = (now.get(channel) or was[channel])["channel_label"]
    verb = "rose" if steps[channel] > 0 else "fell"
    return say(f"{{channel}} {verb} most of all channels.", channel=Name(name))


def _trend(brief: Brief) -> QueryResult:
    months = months_until(brief, TREND_MONTHS)
    return brief.ask(SHOWN, by=["month"], period=span(months[0].start, months[-1].end))


def in_order(trend: QueryResult) -> list[dict[str, Any]]:
    """The rows of an answer by month, oldest first."""
    return sorted(trend.rows, key=lambda row: row["month_start"])


def _trend_span(trend: QueryResult) -> str:
    labels = [row["month_label"] for row in in_order(trend)]
    return f"{labels[0]} – {labels[-1]}" if len(labels) > 1 else ""


def _course(metric: Metric, trend: QueryResult) -> tuple[float, ...]:
    values = [natural(metric, row[metric.key]) for row in in_order(trend)]
    known = tuple(float(value) for value in values if value is not None)
    return known if len(known) > 1 else ()
