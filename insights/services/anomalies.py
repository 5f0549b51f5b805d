"""Check: days out of the ordinary, line by line, each incident once, with the money at stake.

Looked at are the last two months and whatever days new facts brought, so that an outage whose
figures come in a monthly file is found when the file comes, and dated by its own days.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from django.db.models import Min

from analytics.anomalies import Incident, Limits, Storm, watch
from analytics.arrays import BoolArray, FloatArray
from campaigns.choices import Status
from campaigns.models import CampaignLine
from core.models import Organisation
from core.periods import Period
from insights.models import Finding
from insights.rules import anomalies as rules
from insights.rules.anomalies import WATCHED, Watched
from insights.selectors.watching import Watch, read_watch
from insights.services.anomaly_words import Group, Kept, found_of
from insights.services.findings import Found
from metrics.models import Batch, LineDay
from metrics.selectors import metric_for

DAY = timedelta(days=1)
# Batches that became known since the check before; it runs daily and after each import.
NEW_BATCHES = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class _Told:
    """Days of lines that an earlier metric already speaks of."""

    spans: dict[str, list[tuple[int, int]]]

    def has(self, one: Incident) -> bool:
        return any(
            one.first_day <= last + 1 and one.last_day >= first - 1
            for first, last in self.spans[one.name]
        )

    def add(self, one: Incident) -> None:
        self.spans[one.name].append((one.first_day, one.last_day))


def anomalies_seen(*, at: datetime, today: date) -> Iterator[Found]:
    """A finding for each incident of a team that goes on, or that was found lately."""
    newest = today - DAY
    first = rules.first_judged(newest, _oldest_new(at))
    lines = _live_lines()
    seen = read_watch(
        period=Period("watch", first - rules.HISTORY, newest),
        viewer=None,
        currency=Organisation.current().reporting_currency,
        lines=list(lines),
    )
    silent = _silent_since()
    kept = [Kept.of(finding) for finding in _kept(first)]
    for group in _groups(seen, lines, first, newest):
        if group.is_drop and all(silent.get(pk, date.max) <= group.last_day for pk in group.lines):
            continue
        met = [one for one in kept if one.meets(group)]
        known = next((one for one in met if one.is_same(group)), None)
        if (known or not met) and _is_news(group, known, newest, at):
            yield found_of(group, known, seen, lines, newest=newest, at=at)


def _oldest_new(at: datetime) -> date | None:
    """The oldest day of what came in since the last check."""
    new = Batch.objects.filter(known_at__gt=at - NEW_BATCHES, known_at__lte=at)
    found: date | None = new.aggregate(day=Min("first_day"))["day"]
    return found


def _live_lines() -> dict[int, CampaignLine]:
    """Lines of running campaigns: of what was stopped or has ended nobody asks why."""
    rows = CampaignLine.objects.filter(campaign__status=Status.LIVE)
    return {line.pk: line for line in rows.select_related("campaign__team__parent", "channel")}


def _silent_since() -> dict[int, date]:
    """Lines whose source reports no results any more, which has a finding of its own: since when."""
    found: dict[int, date] = {}
    for finding in Finding.objects.open().filter(kind=Finding.Kind.STALE_DATA):
        first = finding.window_start
        rows = LineDay.objects.filter(source=finding.evidence["source"], day__gte=first)
        for line in rows.values_list("line", flat=True).distinct():
            found[line] = min(first, found.get(line, first))
    return found


def _kept(first: date) -> list[Finding]:
    """Incidents known already, the open ones first, then the newest."""
    rows = Finding.objects.filter(kind=Finding.Kind.ANOMALY, window_end__gte=first - DAY)
    found = rows.prefetch_related("dismissals").order_by("-found_at")
    return sorted(found, key=lambda one: one.ended_at is not None)


def _is_news(group: Group, known: Kept | None, newest: date, at: datetime) -> bool:
    """Whether it is told: never what was dismissed, nor again what was told and is over."""
    if known is None:
        return True
    if known.is_dismissed:
        return False
    if rules.is_running(group.last_day, newest):
        return True
    return known.is_open and at - known.asked_at < rules.NEWS


def _groups(
    seen: Watch, lines: Mapping[int, CampaignLine], first: date, newest: date
) -> Iterator[Group]:
    """Incidents that began together in one team, the most at stake first within a metric."""
    told = _Told(defaultdict(list))
    limits = _least_stake(seen)
    for watched in WATCHED:
        storms = _storms(seen, watched, limits, newest)
        fresh = [[one for one in storm.incidents if not told.has(one)] for storm in storms]
        for incidents in fresh:
            for one in incidents:
                told.add(one)
        for incidents in fresh:
            recent = [one for one in incidents if one.last_day >= first.toordinal()]
            yield from _by_team(watched, recent, lines)


def _by_team(
    watched: Watched, incidents: Sequence[Incident], lines: Mapping[int, CampaignLine]
) -> Iterator[Group]:
    """One group for each team, as people see and handle what is their team's."""
    teams: dict[int, list[Incident]] = defaultdict(list)
    for one in incidents:
        teams[lines[int(one.name)].campaign.team_id].append(one)
    begin = min((one.first_day for one in incidents), default=0)
    for some in teams.values():
        yield Group(watched, tuple(some), storm_first=begin, storm_lines=len(incidents))


def _least_stake(seen: Watch) -> float:
    return rules.least_stake(float(np.nansum(seen.sums["spend"][:, -28:])))


def _storms(seen: Watch, watched: Watched, least_stake: float, newest: date) -> tuple[Storm, ...]:
    metric = metric_for(watched.metric)
    rows = np.flatnonzero(_applies(seen, watched))
    if not len(rows):
        return ()
    return watch(
        [str(seen.lines[int(row)]) for row in rows],
        seen.daily(metric, rows.tolist()),
        last_day=newest.toordinal(),
        worth=_worth(seen, metric.numerator)[rows],
        known=seen.known[metric.numerator][rows],
        is_ratio=metric.is_ratio,
        is_count=watched.is_count,
        limits=Limits(
            min_volume=watched.min_volume,
            min_stake=least_stake,
            min_known=rules.MIN_KNOWN,
            cool_down=rules.COOL_DOWN,
        ),
    )


def _applies(seen: Watch, watched: Watched) -> BoolArray:
    """Lines that report the metric, and for which it says something of its own."""
    metric = metric_for(watched.metric)
    applies: BoolArray = np.ones(len(seen.lines), dtype=np.bool_)
    for measure in metric.measures:
        applies &= seen.reports(measure) > 0
    if watched.unless:
        applies &= ~(seen.reports(watched.unless) > 0)
    return applies


def _worth(seen: Watch, measure: str) -> FloatArray:
    """Money for each unit of a measure, line by line: what it brings, else what it costs."""
    if measure in ("spend", "revenue"):
        return np.ones(len(seen.lines))
    units, revenue, spend = (seen.reports(one) for one in (measure, "revenue", "spend"))
    money = np.where(revenue > 0, revenue, spend)
    worth: FloatArray = np.divide(money, units, out=np.zeros_like(money), where=units > 0)
    return worth
