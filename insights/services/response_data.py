"""What response curves are read from: each line's spend and results by complete, matured week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

import numpy as np

from accounts.models import Team
from analytics.arrays import FloatArray
from budgets.selectors import local_day
from campaigns.models import Campaign, CampaignLine
from core.models import Organisation
from core.money import MICROS
from core.periods import Period
from insights.rules.response import MOST_WEEKS, PROMOTION_DAYS, RESULTS
from insights.services.efficiency import matured_through
from metrics.models import Batch
from metrics.selectors import QueryResult, query

DAY, WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True, slots=True, eq=False)
class Weeks:
    """A team's lines by week, the first on ``first_day``, in units of ``currency``.

    ``spend`` and each of ``results`` are (L, W) in the order of ``lines``; ``promotions`` (W,) is
    the share of a week's days on which a short campaign ran. ``batch`` is the newest import.
    """

    team: Team
    lines: Sequence[CampaignLine]
    first_day: date
    currency: str
    spend: FloatArray
    results: Mapping[str, FloatArray]
    promotions: FloatArray
    sha256: str
    batch: Batch | None
    known_at: datetime

    @property
    def count(self) -> int:
        return int(self.spend.shape[1])


def teams_spending(*, now: datetime) -> list[Team]:
    """Teams whose own lines spent something in the last quarter, by place in the tree."""
    today = local_day(now)
    answer = query(
        metrics=["clicks", "impressions"],
        by=["team"],
        period=Period("quarter", today - 91 * DAY, today - DAY),
        viewer=None,
    )
    wanted = [row["team"] for row in answer.rows]
    return list(Team.objects.filter(pk__in=wanted, is_archived=False).order_by("path"))


def weeks_of(team: Team, *, now: datetime) -> Weeks:
    """The weeks of the team's own lines, complete ones, up to the newest that has matured."""
    period = _period(local_day(now))
    lines = list(
        CampaignLine.objects.filter(campaign__team=team).select_related("campaign", "channel")
    )
    answer = query(
        metrics=["spend", *RESULTS],
        by=["line", "week"],
        where={"line": [line.pk for line in lines]},
        period=period,
        viewer=None,
        mature=True,
    )
    sums = _sums(answer, lines, period)
    with_spend = np.flatnonzero(sums["spend"].sum(axis=1) > 0)
    first = _first_week(sums["spend"])
    kept = {name: values[with_spend][:, first:] for name, values in sums.items()}
    start = period.start + first * WEEK
    batch = Batch.objects.filter(known_at__lte=now).order_by("-known_at", "-pk").first()
    return Weeks(
        team=team,
        lines=[lines[place] for place in with_spend],
        first_day=start,
        currency=answer.currency,
        spend=kept["spend"],
        results={name: kept[name] for name in RESULTS if kept[name].sum() > 0},
        promotions=_promotions(team, start, kept["spend"].shape[1]),
        sha256=_hash(kept, start, [lines[place].pk for place in with_spend]),
        batch=batch,
        known_at=batch.known_at if batch else now,
    )


def _period(today: date) -> Period:
    running = Organisation.current().calendar.week_of(matured_through(today) + DAY)
    last = running.start - DAY
    return Period("weeks", last - MOST_WEEKS * WEEK + DAY, last)


def _sums(
    answer: QueryResult, lines: Sequence[CampaignLine], period: Period
) -> dict[str, FloatArray]:
    """Measure -> (L, W) in units; a week without a row brought nothing."""
    places = {line.pk: number for number, line in enumerate(lines)}
    scales = {column.key: MICROS if column.in_micros else 1 for column in answer.columns}
    found = {name: np.zeros((len(lines), MOST_WEEKS)) for name in ("spend", *RESULTS)}
    for row in answer.rows:
        week = (row["week_start"] - period.start).days // 7
        for name, values in found.items():
            if row[name] is not None and 0 <= week < MOST_WEEKS:
                values[places[row["line"]], week] += max(float(row[name] / scales[name]), 0.0)
    return found


def _first_week(spend: FloatArray) -> int:
    known = np.flatnonzero(spend.sum(axis=0) > 0)
    return int(known[0]) if len(known) else 0


def _promotions(team: Team, start: date, weeks: int) -> FloatArray:
    """Share of each week's days on which a short campaign of the team ran."""
    days = np.zeros(weeks * 7)
    flights = Campaign.objects.filter(team=team, flight_end__gte=start)
    for first, last in flights.values_list("flight_start", "flight_end"):
        if first and last and (last - first).days < PROMOTION_DAYS:
            days[max((first - start).days, 0) : max((last - start).days + 1, 0)] = 1
    share: FloatArray = days.reshape(weeks, 7).mean(axis=1)
    return share


def _hash(kept: Mapping[str, FloatArray], start: date, lines: Sequence[int]) -> str:
    digest = sha256(f"{start.isoformat()} {lines}".encode())
    for name in sorted(kept):
        digest.update(np.ascontiguousarray(kept[name]).tobytes())
    return digest.hexdigest()
