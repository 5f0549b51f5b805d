"""Check: does data that used to come every day still come, and with its results?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max

from accounts.models import Team
from campaigns.choices import Status
from core import formats
from core.models import Organisation
from core.periods import Period
from insights.models import Finding
from insights.rules.freshness import LEAST_HISTORY, Rhythm, Silence, rhythm_of, silence_of
from insights.services.findings import Found
from metrics.models import LineDay, LineDayDelta
from metrics.selectors import MEASURE_LABELS, query
from metrics.selectors.labels import labels

LOOK_BACK = timedelta(days=56)
# Results of the newest days are still on their way.
RESULTS = ("conversions", "leads")
METHOD = "The source's own rhythm of deliveries over eight weeks; no model."


@dataclass(frozen=True, slots=True)
class SourceTeam:
    """A source with what it is called and whose it is."""

    number: int
    name: str
    team: Team


def data_gone(*, at: datetime, today: date) -> Iterator[Found]:
    """A finding for each source that fell silent, or that reports no results any more."""
    sources, arrivals = _sources(today), _arrivals(at, today)
    series = _series(today)
    for number, source in sources.items():
        rhythm = rhythm_of(sorted(arrivals.get(number, ())))
        if rhythm is None:
            continue
        if late := rhythm.days_late(today):
            yield _late(source, rhythm, late, at, today)
            continue
        for measure in RESULTS:
            days = series.get((number, measure), [])
            silence = silence_of([c for _, c, _ in days], [r for _, _, r in days])
            if silence:
                yield _silent(source, measure, silence, days[-1][0], at)


def source_rhythms(*, at: datetime, today: date) -> list[tuple[SourceTeam, Rhythm]]:
    """Each source of live work that delivers daily, with its rhythm."""
    arrivals = _arrivals(at, today)
    found = [
        (source, rhythm_of(sorted(arrivals.get(number, ()))))
        for number, source in _sources(today).items()
    ]
    return [(source, rhythm) for source, rhythm in found if rhythm is not None]


def _sources(today: date) -> dict[int, SourceTeam]:
    """Sources of live work: of what was stopped or has ended nothing is expected."""
    rows = LineDay.objects.filter(day__gte=today - LOOK_BACK, period_days=1, source__gt=0)
    rows = rows.filter(line__campaign__status=Status.LIVE)
    paths: dict[int, set[str]] = defaultdict(set)
    for number, path in rows.values_list("source", "line__campaign__team__path").distinct():
        paths[number].add(path)
    names = labels("source", list(paths))
    teams = {team.path: team for team in Team.objects.all()}
    return {
        number: SourceTeam(number, names[number], _common(sorted(some), teams))
        for number, some in sorted(paths.items())
    }


def _common(paths: Sequence[str], teams: dict[str, Team]) -> Team:
    """The nearest team above all of them."""
    above = [path for path in teams if all(one.startswith(path) for one in paths)]
    return teams[max(above, key=len)]


def _arrivals(at: datetime, today: date) -> dict[int, set[date]]:
    """Source -> the days on which something new came in."""
    zone = ZoneInfo(Organisation.current().time_zone)
    rows = LineDayDelta.objects.filter(
        known_at__gte=at - LOOK_BACK, known_at__lte=at, day__gte=today - 2 * LOOK_BACK
    )
    found: dict[int, set[date]] = defaultdict(set)
    for number, known_at in rows.values_list("source", "known_at").distinct():
        found[number].add(known_at.astimezone(zone).date())
    return found


def _series(today: date) -> dict[tuple[int, str], list[tuple[date, float, float]]]:
    """(Source, measure) -> days with clicks and results, the latest four weeks and those before."""
    period = Period("silence", today - LOOK_BACK, today - timedelta(days=1))
    answer = query(metrics=["clicks", *RESULTS], by=["source", "day"], period=period, viewer=None)
    scales = {column.key: 1_000_000 if column.in_micros else 1 for column in answer.columns}
    found: dict[tuple[int, str], list[tuple[date, float, float]]] = defaultdict(list)
    for row in sorted(answer.rows, key=lambda row: row["day"]):
        for measure in RESULTS:
            if row[measure] is not None and row["clicks"] is not None:
                values = (row[key] / scales[key] for key in ("clicks", measure))
                found[row["source"], measure].append((row["day"], *values))
    return {key: days for key, days in found.items() if len(days) > LEAST_HISTORY}


def _late(source: SourceTeam, rhythm: Rhythm, late: int, at: datetime, today: date) -> Found:
    newest = LineDay.objects.filter(source=source.number).aggregate(at=Max("day"))["at"]
    return _found(
        source,
        "arrival",
        title=f"{source.name} has brought nothing new for {late} days",
        reason=f"It delivered on {rhythm.arrivals} days of the last eight weeks, with at most "
        f"{rhythm.longest_pause} days between two deliveries. The last one came on "
        f"{formats.day(rhythm.newest)}; its figures end on {formats.day(newest)}. "
        "Until it is back, figures that need it are too low.",
        window=(rhythm.newest, today),
        severity="critical" if late > 2 * max(rhythm.longest_pause, 2) else "warning",
        facts=[
            ["Last delivery", formats.day(rhythm.newest)],
            ["Newest day", formats.day(newest)],
            ["Deliveries in eight weeks", str(rhythm.arrivals)],
            ["Longest pause so far", f"{rhythm.longest_pause} days"],
        ],
        advice="export the missing days from the platform and import them, or mend the connection.",
        at=at,
    )


def _silent(
    source: SourceTeam, measure: str, silence: Silence, newest: date, at: datetime
) -> Found:
    label = MEASURE_LABELS[measure].lower()
    since = newest - timedelta(days=silence.days - 1)
    usual = formats.number(silence.usual)
    return _found(
        source,
        measure,
        title=f"{source.name} reports no {label} since {formats.day(since, weekday=False)}",
        reason=f"Clicks come as always, {label} do not: none on {silence.days} "
        f"{'day' if silence.days == 1 else 'days'}, where even slow days had about {usual}. "
        "By chance that happens less than once in a million days; a lost tag or a changed "
        "setting is likely.",
        window=(since, newest),
        severity="critical",
        facts=[
            ["Days without any", str(silence.days)],
            ["A slow day before", usual],
            ["Newest day", formats.day(newest)],
        ],
        advice="check the conversion tag and what was released on that day.",
        at=at,
    )


def _found(
    source: SourceTeam,
    what: str,
    *,
    title: str,
    reason: str,
    window: tuple[date, date],
    severity: str,
    facts: list[list[str]],
    advice: str,
    at: datetime,
) -> Found:
    evidence: dict[str, Any] = {
        "source": source.number,
        "severity": severity,
        "unit": "count",
        "method": METHOD,
        "facts": facts,
        "no_advice": advice,
        "as_of": at,
    }
    return Found(
        kind=Finding.Kind.STALE_DATA,
        cause=f"{Finding.Kind.STALE_DATA}:{what}:source:{source.number}",
        team=source.team,
        title=title,
        reason=reason,
        window=window,
        evidence=evidence,
    )
