"""The cover of a pack: one sentence of verdict, how complete the data is, and the period's own picture."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from fractions import Fraction
from typing import Any

from core.periods import Period
from integrations.models import Source
from metrics.selectors import METRICS, Metric
from reporting.rules.pack.content import Completeness, CoverArt, Fact, Imprint, SourceDays, Stream
from reporting.rules.pack.figures import Name, Sentence, When, say
from reporting.selectors.pack import goals
from reporting.selectors.pack.brief import (
    Brief,
    batch_runs,
    day_text,
    days_text,
    headline_metric,
    natural,
    return_metric,
    span,
)
from reporting.selectors.pack.scorecard import compared_with, main_figure

MOST_STREAMS = 8
WEEKS = 39
_MEASURES = [key for key, metric in METRICS.items() if not metric.is_ratio]


def imprint(brief: Brief, document: str) -> Imprint:
    """What stands on every page."""
    return Imprint(
        organisation=_whose(brief),
        document=document,
        period=brief.period_text,
        period_note=_period_note(brief),
        classification=brief.organisation.classification,
        as_of=brief.as_of,
        currency=brief.currency,
    )


def _whose(brief: Brief) -> str:
    """The organisation, and the team when the report is not about the whole."""
    whole = brief.organisation.name
    return whole if brief.team.parent_id is None else f"{whole} · {brief.team.name}"


def _period_note(brief: Brief) -> str:
    """Which month of which fiscal year the period ends in."""
    calendar = brief.organisation.calendar
    year = calendar.year_of(brief.period.end)
    months = calendar.months(year)
    number = next(n for n, month in enumerate(months, 1) if brief.period.end in month)
    return f"{calendar.year(year).label}, month {number} of {len(months)}"


def verdict(brief: Brief) -> Sentence:
    """One sentence: what the period brought, against its target or the time before, and the return."""
    lead, best = headline_metric(brief), return_metric(brief)
    value_ref, value = main_figure(brief, lead)
    words = "{period} brought {value} of " + lead.label.lower()
    parts: dict[str, Any] = {"period": When(brief.period_text), "value": value_ref}
    goal, before = goals.team_goal(brief, lead, brief.period), compared_with(brief)
    if goal and (change := _against(brief, lead, value, goal)):
        words, parts["change"] = words + ", {change} against target", change
    elif before and (ref := _since(brief, lead)):
        words += ", {change} against {before}"
        parts |= {"change": ref, "before": When(before.label)}
    if best:
        words, parts["best"] = words + f"; {best.label} was {{best}}", main_figure(brief, best)[0]
    return say(words + ".", **parts)


def _against(brief: Brief, lead: Metric, value: Fraction, goal: goals.Goal) -> Any:
    return brief.change(
        f"{lead.key}.vs_target", lead, value, goal.value,
        label=f"{lead.label} against target", note=goals.change_note(brief),
    )  # fmt: skip


def _since(brief: Brief, lead: Metric) -> Any:
    before = compared_with(brief)
    was = natural(lead, brief.ask([lead.key], period=before.period).totals[lead.key]) if before else None  # fmt: skip
    if before is None or not was:
        return None
    return brief.change(
        f"{lead.key}.vs_before", lead, main_figure(brief, lead)[1], was,
        label=f"{lead.label} against {before.label}", note=goals.compare_note(brief, before.period),
    )  # fmt: skip


def facts(brief: Brief) -> tuple[Fact, ...]:
    """Period, scope, currency, classification and as-of."""
    rates = _rates(brief)
    return (
        Fact("Period", (When(days_text(brief.period)),), (When(_period_note(brief)),)),
        Fact("Scope", (Name(brief.team.name, 60),), ("This team and everything below it.",)),
        Fact(
            "Currency", ("Reported in ", When(brief.currency)),
            (When(f"Other currencies at budget rates: {rates}."),) if rates else ("No amount had to be converted.",),
        ),
        Fact("Classification", (Name(brief.organisation.classification),), ("Each recipient gets it within their own scope.",)),
        Fact("As of", (When(f"{brief.as_of:%-d %b %Y, %H:%M} UTC"),), ("Later imports are not in it; they show as restated in the next.",)),
    )  # fmt: skip


def _rates(brief: Brief) -> str:
    found = brief.ask(["spend", headline_metric(brief).key]).rates
    newest = {rate.base: rate for rate in sorted(found, key=lambda rate: rate.valid_from)}
    return ", ".join(f"{base} {rate.rate.normalize():f}" for base, rate in sorted(newest.items()))


def status() -> Fact:
    """A report is signed off on its page, after it was frozen."""
    return Fact("Status", ("Draft until signed",), ("It is signed off on its page, where name, day and comment stand.",))  # fmt: skip


def completeness(brief: Brief) -> Completeness:
    """Days received of days due, source by source; ``Source`` rows without any day are late."""
    sources = _sources(brief)
    due, received = (sum(getattr(s, side) for s in sources) for side in ("due", "received"))
    answer = brief.ask(_MEASURES, by=["source", "day"])
    note = brief.book.source(
        "a1", "Completeness of data", formula="days received ÷ days due, over all sources",
        filters=f"{brief.team.name} and below; {days_text(brief.period)}",
        batches=batch_runs(answer.batches), query="query --by source,day",
    )  # fmt: skip
    share = brief.book.percent(
        "completeness", Fraction(min(received, due), due) if due else Fraction(0),
        label=f"Completeness of data, {brief.period_text}", footnote=note,
    )  # fmt: skip
    return Completeness(sources, say("{share} of source days", share=share), _late(sources))


def _sources(brief: Brief) -> tuple[SourceDays, ...]:
    days: dict[int, set[Any]] = defaultdict(set)
    names: dict[int, str] = {}
    for row in brief.ask(_MEASURES, by=["source", "day"]).rows:
        days[row["source"]].add(row["day"])
        names[row["source"]] = row["source_label"]
    due = _days_due(brief)
    for row in brief.ask(_MEASURES, by=["source"]).rows:
        # A file that states the period at once has no days, and lacks none.
        if row["source"] not in names:
            names[row["source"]] = row["source_label"]
            days[row["source"]] = set(range(due))
    expected = Source.objects.filter(team__path__startswith=brief.team.path, is_active=True)
    for source in expected:
        names.setdefault(source.pk, source.name)
    return tuple(
        SourceDays(name, due, min(due, len(days[number])))
        for number, name in sorted(names.items(), key=lambda item: (item[1], item[0]))
    )


def _days_due(brief: Brief) -> int:
    """Days of the period that were over at the as-of moment; at least one."""
    last = min(brief.period.end, brief.as_of.date() - timedelta(days=1))
    return max(1, (last - brief.period.start).days + 1)


def _late(sources: tuple[SourceDays, ...]) -> Sentence:
    late = [source.name for source in sources if source.received < source.due]
    if not late:
        return ("Every source has delivered every day.",)
    first = Name(late[0], 40)
    if len(late) == 1:
        return say("{name} lacks days.", name=first)
    return say("{name} and {other} lack days." if len(late) == 2 else "{name}, {other} and others lack days.",
               name=first, other=Name(late[1], 40))  # fmt: skip


def art(brief: Brief) -> CoverArt | None:
    """The headline measure by channel and week; None with fewer than three weeks of it."""
    metric = headline_metric(brief)
    period = _art_period(brief)
    answer = brief.ask([metric.key], by=["channel", "week"], period=period)
    weeks = sorted({row["week"] for row in answer.rows})
    if len(weeks) < 3:
        return None
    places = {week: number for number, week in enumerate(weeks)}
    points: dict[str, list[float]] = defaultdict(lambda: [0.0] * len(weeks))
    for row in answer.rows:
        value = natural(metric, row[metric.key])
        points[row["channel_label"]][places[row["week"]]] = float(value or 0)
    largest = sorted(points.items(), key=lambda item: (sum(item[1]), item[0]))[-MOST_STREAMS:]
    return CoverArt(
        tuple(Stream(name, tuple(values)) for name, values in largest),
        tuple(f"{weeks[round(i * (len(weeks) - 1) / 4)]:%b %Y}" for i in range(5)),
        say(
            f"Weekly {metric.label.lower()} by channel, {{span}}; heights compressed",
            span=When(f"{day_text(weeks[0])} to {day_text(period.end)}"),
        ),
    )


def _art_period(brief: Brief) -> Period:
    """Whole weeks, the last of them over by the end of the period."""
    calendar = brief.organisation.calendar
    last = calendar.week_of(brief.period.end)
    end = last.end if last.end == brief.period.end else last.start - timedelta(days=1)
    first = min(end - timedelta(days=7 * WEEKS - 1), calendar.week_of(brief.period.start).start)
    return span(first, max(end, first))
