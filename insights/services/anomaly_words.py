"""An incident as a finding: what it is called, what is said of it, and its evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from analytics.anomalies import THRESHOLD, Incident
from analytics.arrays import FloatArray
from analytics.results import Severity
from analytics.stake import severity
from campaigns.models import CampaignLine
from core import formats
from core.money import MICROS
from insights.models import Finding
from insights.rules import anomalies as rules
from insights.rules.anomalies import Watched
from insights.selectors.watching import Expected, Watch, expected_of
from insights.services.findings import Found
from insights.services.words import from_float
from metrics.selectors import Metric, metric_for, written

DAY = timedelta(days=1)
# Days of the small picture in lists: the incident and what was usual before it.
SHOWN_BEFORE, SHOWN_AFTER = 21, 7
GRADES = {
    Severity.CRITICAL: "critical",
    Severity.HIGH: "warning",
    Severity.MEDIUM: "warning",
    Severity.LOW: "info",
}
METHOD = (
    "Each day is compared with what the days before it let expect (level, weekday), on a scale learnt "
    "from how far off they usually were; told from a score of 2.5 on, the same for every series. Days "
    "that still grow count as they should be when final, and only once 80 % is in."
)
ADVICE = {
    "spend": "look for changed bids, budgets or a stopped payment on these days.",
    "cvr": "check the conversion tag and what was released on the first of these days.",
    "lead_rate": "check the form and its tag, and what was released on the first of these days.",
    "conversions": "check the source’s tag and what was released on the first of these days.",
    "leads": "check the form and its tag, and what was released on the first of these days.",
    "ctr": "look for new creatives, placements or audiences on the first of these days.",
    "cpc": "look for changed bids and new rivals in the auctions.",
    "roas": "check the value that the tag reports, and what was sold on these days.",
}


@dataclass(frozen=True, slots=True)
class Group:
    """Incidents of one metric in one team that began together and point the same way.

    ``storm_first`` and ``storm_lines`` are of the same storm in all teams.
    """

    watched: Watched
    incidents: tuple[Incident, ...]
    storm_first: int
    storm_lines: int

    @property
    def metric(self) -> Metric:
        return metric_for(self.watched.metric)

    @property
    def is_drop(self) -> bool:
        return self.incidents[0].is_drop

    @property
    def way(self) -> str:
        return "drop" if self.is_drop else "rise"

    @property
    def first_day(self) -> date:
        return date.fromordinal(min(one.first_day for one in self.incidents))

    @property
    def last_day(self) -> date:
        return date.fromordinal(max(one.last_day for one in self.incidents))

    @property
    def lines(self) -> list[int]:
        return [int(one.name) for one in self.incidents]

    @property
    def stake(self) -> float:
        return sum(one.stake for one in self.incidents)

    @property
    def is_good(self) -> bool:
        """Whether it is welcome; a change of spend never is by itself."""
        return self.metric.up_is_good is not None and self.metric.up_is_good != self.is_drop


@dataclass(frozen=True, slots=True)
class Kept:
    """An incident that is known already; ``asked_at`` is when people were last shown it."""

    finding: Finding
    lines: frozenset[int]
    is_open: bool
    is_dismissed: bool
    asked_at: datetime

    @classmethod
    def of(cls, finding: Finding) -> Kept:
        evidence = finding.evidence
        raised = evidence.get("raised_at")
        return cls(
            finding,
            frozenset(evidence["lines"]),
            finding.ended_at is None,
            any(one.undone_at is None for one in finding.dismissals.all()),
            max(finding.found_at, datetime.fromisoformat(raised)) if raised else finding.found_at,
        )

    def meets(self, group: Group) -> bool:
        """Some of the same lines, on days that meet: whatever moved, it has one cause."""
        one = self.finding
        meets = one.window_start <= group.last_day + DAY and group.first_day <= one.window_end + DAY
        return meets and not self.lines.isdisjoint(group.lines)

    def is_same(self, group: Group) -> bool:
        """The same metric the same way."""
        one = self.finding
        return one.metric == group.watched.metric and one.evidence["way"] == group.way


def found_of(
    group: Group,
    known: Kept | None,
    seen: Watch,
    lines: Mapping[int, CampaignLine],
    *,
    newest: date,
    at: datetime,
) -> Found:
    """The finding of a group; one that is known keeps its cause and what people made of it."""
    here = [lines[pk] for pk in group.lines]
    campaigns = {line.campaign_id: line.campaign for line in here}
    own = seen.only(group.lines)
    series = expected_of(own, group.metric, newest, (group.first_day, group.last_day))
    over = Over.of(group, own, series)
    return Found(
        kind=Finding.Kind.ANOMALY,
        cause=known.finding.cause if known else _cause(group, here),
        team=here[0].campaign.team,
        campaign=here[0].campaign if len(campaigns) == 1 else None,
        line=here[0] if len(here) == 1 else None,
        metric=group.watched.metric,
        title=_title(group, here, over),
        reason=_reason(group, here, over),
        window=(group.first_day, group.last_day),
        stake_micros=round(group.stake * MICROS),
        currency=seen.currency,
        evidence={
            **_evidence(group, over, newest, at),
            **_shown(group, series, seen.currency),
            **_carried(known, group),
            "severity": _severity(group, seen),
            "quiet": _is_quiet(group, known, newest),
            "owner": here[0].campaign.owner_id,
        },
    )


def _cause(group: Group, here: Sequence[CampaignLine]) -> str:
    team, first = here[0].campaign.team_id, group.first_day.isoformat()
    return f"anomaly:{group.watched.metric}:{group.way}:{first}:team:{team}:line:{min(group.lines)}"


@dataclass(frozen=True, slots=True)
class Over:
    """The metric over the unusual days with what was expected; an amount is that of a day."""

    metric: Metric
    currency: str
    observed: float
    expected: float
    low: float
    high: float
    n: int
    score: float

    @classmethod
    def of(cls, group: Group, own: Watch, series: Expected) -> Over:
        """Of one line as it was judged; of several over all of them together, where that can be said."""
        first, metric = max(group.incidents, key=lambda one: one.stake), group.metric
        values = [first.observed, first.expected, first.low, first.high]
        if len(group.incidents) > 1:
            start = (group.first_day - own.period.start).days
            days = slice(start, start + (group.last_day - group.first_day).days + 1)
            weights = (
                np.nansum(own.sums[metric.denominator], axis=0)[days]
                if metric.denominator
                else np.ones(days.stop - start)
            )
            found = series.detection
            rows = [part[days] for part in (series.values, found.expected, found.low, found.high)]
            known = ~np.isnan(np.array(rows)).any(axis=0) & (weights > 0)
            if known.any():
                values = [float(np.average(row[known], weights=weights[known])) for row in rows]
        score = max(one.score for one in group.incidents)
        # What is expected can lie below zero on the detector's scale; no metric here can.
        observed, expected, low, high = (max(value, 0.0) for value in values)
        return cls(metric, own.currency, observed, expected, low, high, first.n, score)

    def written(self, value: float) -> str:
        return written(self.metric, from_float(self.metric, value, self.currency))

    @property
    def change(self) -> str:
        """``to nothing`` or ``by 48 %``."""
        if self.observed == 0:
            return "to nothing"
        if self.expected <= 0:
            return "from nothing"
        return f"by {formats.percent(abs(self.observed / self.expected - 1), 0)}"


def _who(here: Sequence[CampaignLine]) -> str:
    """``Prospecting video DACH · Social`` or ``4 lines of DACH``."""
    if len(here) == 1:
        return str(here[0])
    campaigns = {line.campaign.name for line in here}
    if len(campaigns) == 1:
        return f"{campaigns.pop()} ({len(here)} lines)"
    channels = {line.channel.name for line in here}
    inside = f"{channels.pop()}, " if len(channels) == 1 else ""
    return f"{here[0].campaign.team.name} ({inside}{len(here)} lines)"


def when(first: date, last: date) -> str:
    """``on 11 Oct`` or ``11 – 14 Oct``."""
    return f"on {formats.day(first, weekday=False)}" if first == last else formats.span(first, last)


def _title(group: Group, here: Sequence[CampaignLine], over: Over) -> str:
    verb = "fell" if group.is_drop else "rose"
    dates = when(group.first_day, group.last_day)
    return f"{group.metric.label} of {_who(here)} {verb} {over.change}, {dates}"


def _reason(group: Group, here: Sequence[CampaignLine], over: Over) -> str:
    metric = group.metric
    label = metric.label if metric.is_ratio else f"{metric.label} a day"
    days = "on 1 day" if group.first_day == group.last_day else f"over {_days(group)} days"
    told = (
        f"{label} was {over.written(over.observed)} {days}; {over.written(over.expected)} was to be "
        f"expected, and {over.written(over.low)} to {over.written(over.high)} would have been usual."
    )
    return " ".join(filter(None, [told, *_others(group, here)]))


def _days(group: Group) -> int:
    return (group.last_day - group.first_day).days + 1


def _others(group: Group, here: Sequence[CampaignLine]) -> Iterator[str]:
    if len(here) > 1:
        yield f"{len(here)} lines turned together, so one cause is likely."
    if beyond := group.storm_lines - len(here):
        yield f"So did {beyond} {'line' if beyond == 1 else 'lines'} of other teams."


def _evidence(group: Group, over: Over, newest: date, at: datetime) -> dict[str, Any]:
    """The judgement, as it was made."""
    return {
        "lines": group.lines,
        "way": group.way,
        "good": group.is_good,
        "running": rules.is_running(group.last_day, newest),
        "storm": f"{group.watched.metric}:{group.way}:{date.fromordinal(group.storm_first)}",
        "storm_lines": group.storm_lines,
        "result": group.watched.result,
        "score": round(over.score, 2),
        "threshold": THRESHOLD,
        "observed": over.observed,
        "expected": over.expected,
        "range": [over.low, over.high],
        "n": over.n,
        "method": METHOD,
        "formula": group.metric.formula,
        "facts": _facts(group, over),
        "no_advice": ADVICE[group.watched.metric],
        "as_of": at,
    }


def _facts(group: Group, over: Over) -> list[list[str]]:
    usual = f"{over.written(over.low)} to {over.written(over.high)}"
    return [
        ["Seen", over.written(over.observed)],
        ["Expected", over.written(over.expected)],
        ["Would have been usual", usual],
        ["Score of the worst day", f"{over.score:.1f}, told from {THRESHOLD} on"],
        ["Unusual days", str(_days(group))],
        ["Lines", str(len(group.lines))],
        ["Days judged", str(over.n)],
    ]


def _shown(group: Group, series: Expected, currency: str) -> dict[str, Any]:
    """The small picture: the days around the incident, as pages and alerts draw them."""
    cut = series.within(group.first_day - SHOWN_BEFORE * DAY, group.last_day + SHOWN_AFTER * DAY)
    found = cut.detection
    days = [cut.period.start + n * DAY for n in range(len(cut.values))]
    return {
        "unit": str(group.metric.unit),
        "currency": currency if group.metric.is_money else "",
        "series": {
            "first": cut.period.start,
            "values": _plain(cut.values),
            "low": _plain(found.low),
            "high": _plain(found.high),
        },
        "periods": [
            {"label": f"{day:%-d %b}", "value": repr(float(value))}
            for day, value in zip(days, cut.values, strict=True)
            if not np.isnan(value)
        ],
    }


def _plain(values: FloatArray) -> list[float | None]:
    return [None if np.isnan(value) else round(max(float(value), 0.0), 6) for value in values]


def _carried(known: Kept | None, group: Group) -> dict[str, Any]:
    """What people and earlier checks left with an incident that is known already."""
    if known is None:
        return {}
    old = known.finding
    kept = {"raised_at": old.evidence["raised_at"]} if "raised_at" in old.evidence else {}
    same = (old.window_start, old.window_end) == (group.first_day, group.last_day)
    if same and "explanation" in old.evidence:
        kept["explanation"] = old.evidence["explanation"]
    return kept


def _severity(group: Group, seen: Watch) -> str:
    """By the share of what the team spends in as many days."""
    own = np.nansum(seen.sums["spend"][:, -28:]) / 28 * _days(group)
    return GRADES[severity(group.stake, of=float(own))]


def _is_quiet(group: Group, known: Kept | None, newest: date) -> bool:
    """Nobody is called for good news, nor for what was long over when it was found."""
    if known and "raised_at" in known.finding.evidence:
        return False
    if known and not known.finding.evidence.get("quiet"):
        return False
    return group.is_good or newest - group.last_day > rules.STALE
