"""Scoring forecasts: every night each frozen forecast against the days that are final by now.

Only final days count (``selectors.forecast_days.final_days``). A final day that is restated later is
scored anew with what is known then; the forecast itself never changes. Done twice, it changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection, transaction

from analytics.arrays import FloatArray
from budgets.selectors import local_day
from core import events
from core.events import AUTOMATION
from insights.models import Forecast, ForecastIssue, ForecastScore, ForecastTally
from insights.rules.forecast_truth import Grid, Parts, Path, naive_of, scale_of, truth_of, went
from insights.rules.honesty import SUMS, WEEK, Came, Sums, Told, day_sums, total_sums
from insights.selectors.forecast_days import DAY, final_days, grid_of, parts_of

# Forecasts older than so many days are left as they were scored: what is restated after that no
# longer changes the board.
REACH = timedelta(days=100)
# Days before the cut-off from which the scale of errors is learnt.
SCALE_DAYS = 91
# Numbers of days whose totals are kept.
TOTALS = (7, 14, 30)
# Two floats this close are the same figure.
SAME = 1e-9


@dataclass(slots=True)
class Scored:
    """What a run did: day-forecasts scored for the first time, and those scored anew."""

    scored: int = 0
    restated: int = 0


def forecasts_score(*, now: datetime) -> dict[str, int]:
    """Schedule: score what became final since, and score anew what was restated."""
    done = Scored()
    final = final_days(now=now)
    latest = max(final.values())
    issues = ForecastIssue.objects.filter(
        cutoff__lt=latest, cutoff__gte=local_day(now) - REACH, issued_at__lte=now
    ).order_by("cutoff", "pk")
    by_currency: dict[str, list[ForecastIssue]] = defaultdict(list)
    for issue in issues:
        by_currency[issue.currency].append(issue)
    for currency, group in by_currency.items():
        first = min(issue.cutoff for issue in group) + DAY
        came = grid_of(first=first, last=latest, currency=currency)
        for issue in group:
            _score_issue(issue, came, final, now, done)
    return {"scored": done.scored, "restated": done.restated}


@transaction.atomic
def _score_issue(
    issue: ForecastIssue, came: Grid, final: Mapping[str, date], now: datetime, done: Scored
) -> None:
    forecasts = list(issue.forecasts.all())
    kept = {one.forecast_id: one for one in ForecastScore.objects.filter(forecast__issue=issue)}
    if len(kept) < len(forecasts):
        kept |= _begun(issue, [one for one in forecasts if one.pk not in kept], now)
    first = issue.cutoff.toordinal() + 1
    ahead = came.between(first, first + issue.horizon - 1)
    before = Scored(done.scored, done.restated)
    changed = [
        score for one in forecasts if _brought_up(score := kept[one.pk], one, ahead, final, done)
    ]
    if not changed:
        return
    for score in changed:
        score.scored_at = now
    ForecastScore.objects.bulk_update(
        changed,
        ["truth", "truth_total", "came", "final_days", "restated", "scored_at"],
        batch_size=500,
    )
    tallies_rebuild(issue)
    events.record(
        actor=AUTOMATION,
        action="forecast.scored",
        subject=issue,
        at=now,
        after={
            "days": done.scored - before.scored,
            "restated": done.restated - before.restated,
        },
        live=["forecasts"],
    )


def _begun(
    issue: ForecastIssue, forecasts: Sequence[Forecast], now: datetime
) -> dict[int, ForecastScore]:
    """Scores without a day yet: what the naive said, from what was known when it was issued."""
    seen = grid_of(
        first=issue.cutoff - (SCALE_DAYS - 1) * DAY, last=issue.cutoff, currency=issue.currency,
        as_of=issue.issued_at, mature=True,
    )  # fmt: skip
    made = [_score_of(one, seen, now) for one in forecasts]
    ForecastScore.objects.bulk_create(made, batch_size=500)
    return {one.forecast_id: one for one in made}


def _score_of(forecast: Forecast, seen: Grid, now: datetime) -> ForecastScore:
    parts = parts_of(forecast.metric)
    said = naive_of(seen, forecast.subject, parts, forecast.horizon) if parts else None
    scale = scale_of(seen, forecast.subject, parts) if parts else np.nan
    nothing: list[float | None] = [None] * forecast.horizon
    return ForecastScore(
        forecast=forecast,
        cutoff=forecast.cutoff,
        naive=_listed(said.days) if said else nothing,
        naive_total=_listed(said.totals) if said else nothing,
        truth=list(nothing),
        truth_total=list(nothing),
        scale=None if np.isnan(scale) else scale,
        scored_at=now,
    )


def _brought_up(
    score: ForecastScore,
    forecast: Forecast,
    ahead: Grid,
    final: Mapping[str, date],
    done: Scored,
) -> bool:
    """Put what is known of the final days into a score; whether anything is new."""
    parts = parts_of(forecast.metric)
    found = _final(ahead, forecast, parts, final) if parts else None
    if found is None:
        return False
    new, old = found.days, _array(score.truth)
    fresh = np.isnan(old) & ~np.isnan(new)
    moved = ~np.isnan(old) & ~(np.abs(new - old) <= SAME * np.maximum(np.abs(old), 1))
    total_moved = _differs(_array(score.truth_total), found.totals)
    if not (fresh.any() or moved.any() or total_moved):
        return False
    done.scored += int(fresh.sum())
    done.restated += int(moved.sum())
    score.truth, score.truth_total = _listed(new), _listed(found.totals)
    score.restated += int(moved.sum())
    score.final_days = int((~np.isnan(new)).sum())
    score.came = _came(found, forecast)
    return True


def _final(ahead: Grid, forecast: Forecast, parts: Parts, final: Mapping[str, date]) -> Path | None:
    """What came on the days that are final, NaN on the others; None where none is."""
    until = min(final[one] for one in (parts.top, parts.bottom) if one)
    days = min((until - forecast.cutoff).days, forecast.horizon)
    if days <= 0:
        return None
    found = truth_of(ahead, forecast.subject, parts)
    if found is None:
        return None
    return Path(*(_held(one, days, forecast.horizon) for one in (found.days, found.totals)))


def _held(values: FloatArray, days: int, horizon: int) -> FloatArray:
    held = np.full(horizon, np.nan)
    held[: min(days, len(values))] = values[:days]
    return held


def _came(found: Path, forecast: Forecast) -> int | None:
    if forecast.base7 is None or forecast.horizon < WEEK or np.isnan(found.totals[WEEK - 1]):
        return None
    moved = went(float(found.totals[WEEK - 1]), forecast.base7)
    return None if np.isnan(moved) else int(moved)


def _differs(old: FloatArray, new: FloatArray) -> bool:
    if (np.isnan(old) != np.isnan(new)).any():
        return True
    apart = np.abs(np.nan_to_num(new) - np.nan_to_num(old))
    return bool((apart > SAME * np.maximum(np.abs(np.nan_to_num(old)), 1)).any())


def _array(values: Sequence[float | None]) -> FloatArray:
    return np.array([np.nan if one is None else one for one in values], dtype=np.float64)


def _listed(values: FloatArray) -> list[float | None]:
    return [None if np.isnan(one) else float(one) for one in values]


# The sums of the board.

Group = tuple[str, str, int]


def tallies_rebuild(issue: ForecastIssue) -> int:
    """Add up anew all that was scored of a version's forecasts from one cut-off."""
    same = {"version": issue.version_id, "cutoff": issue.cutoff}
    groups: dict[Group, list[ForecastScore]] = defaultdict(list)
    scores = ForecastScore.objects.filter(
        cutoff=issue.cutoff, forecast__issue__version=issue.version_id, final_days__gt=0
    ).select_related("forecast")
    for score in scores:
        one = score.forecast
        groups[one.level, one.metric, one.team_id].append(score)
    ForecastTally.objects.filter(**same).delete()
    rows = [row for group, own in groups.items() for row in _tallied(issue, group, own)]
    _copied(rows)
    return len(rows)


def _tallied(
    issue: ForecastIssue, group: Group, scores: Sequence[ForecastScore]
) -> Iterable[tuple[Any, ...]]:
    level, metric, team = group
    days, totals = sums_of(scores)
    spans = [("day", ahead, one) for ahead, one in enumerate(days, 1)]
    spans += [("total", ahead, totals[ahead - 1]) for ahead in TOTALS if ahead <= len(totals)]
    for span, ahead, one in spans:
        if one.n:
            values = [getattr(one, name) for name in SUMS]
            yield (issue.version_id, level, metric, team, issue.cutoff, span, ahead, *values)


def sums_of(scores: Sequence[ForecastScore]) -> tuple[list[Sums], list[Sums]]:
    """Sums of single days and of totals, one for each number of days ahead."""
    told = [one.forecast for one in scores]
    calls = np.array([np.nan if one.call is None else one.call for one in told], dtype=np.float64)
    scale = np.array([np.nan if one.scale is None else one.scale for one in scores])
    came = np.array([np.nan if one.came is None else one.came for one in scores], dtype=np.float64)
    found = [
        make(_told(told, prefix, calls), Came(*_matrices(scores, suffix), scale, came))
        for make, prefix, suffix in ((day_sums, "", ""), (total_sums, "sum_", "_total"))
    ]
    return found[0], found[1]


def _told(told: Sequence[Forecast], prefix: str, calls: FloatArray) -> Told:
    ends = (_matrix([getattr(one, f"{prefix}{end}") for one in told]) for end in ENDS)
    mean, low80, high80, low95, high95 = ends
    return Told(mean, low80, high80, low95, high95, calls)


def _matrices(scores: Sequence[ForecastScore], suffix: str) -> tuple[FloatArray, FloatArray]:
    truth, naive = (
        _matrix([getattr(one, f"{name}{suffix}") for one in scores]) for name in ("truth", "naive")
    )
    return truth, naive


ENDS = ("yhat", "lo80", "hi80", "lo95", "hi95")


def _matrix(rows: Sequence[Sequence[float | None]]) -> FloatArray:
    return np.array(rows, dtype=np.float64)


COLUMNS = ("version_id", "level", "metric", "team_id", "cutoff", "span", "horizon", *SUMS)


def _copied(rows: Sequence[tuple[Any, ...]]) -> None:
    statement = f"COPY {ForecastTally._meta.db_table} ({', '.join(COLUMNS)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
