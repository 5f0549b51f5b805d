"""The risk list as it was kept, ranked, with what changed since a week ago and how the total went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from accounts.models import User
from analytics.drivers import RankedRisk, Risk, rank_risks
from core.money import MICROS, Money
from core.periods import Period
from insights.models import RiskEntry
from insights.rules.risks import counted_once
from metrics.selectors import query

WEEK = timedelta(days=7)
WEEKS = 13
FOUR_WEEKS = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class ListedRisk:
    """A kept risk with its rank; ``is_counted`` unless a larger one speaks of the same money."""

    entry: RiskEntry
    ranked: RankedRisk
    is_counted: bool

    @property
    def kind(self) -> str:
        return self.entry.kind

    @property
    def expected(self) -> Money:
        return Money(self.entry.expected_micros, self.entry.reporting_currency)

    @property
    def change(self) -> Money | None:
        """Against the list of a week before; None of what was not on it."""
        change = self.ranked.change
        if change is None:
            return None
        return Money(round(change * MICROS), self.entry.reporting_currency)


@dataclass(frozen=True, slots=True)
class RiskList:
    """``trend`` has the total of the last list of each week, oldest first."""

    day: date | None
    before: date | None
    rows: Sequence[ListedRisk]
    total: Money
    trend: Sequence[tuple[date, Money]]


@dataclass(frozen=True, slots=True)
class _Counted:
    """What decides whether two risks speak of the same money."""

    entry: RiskEntry

    @property
    def kind(self) -> str:
        return self.entry.kind

    @property
    def team_path(self) -> str:
        return self.entry.team.path

    @property
    def expected(self) -> int:
        return self.entry.expected_micros


def risks_of(user: User, *, today: date, currency: str) -> RiskList:
    """The newest list up to ``today`` as the person may see it, the greatest expected loss first."""
    visible = RiskEntry.objects.for_user(user).filter(day__lte=today)
    days = sorted(set(visible.filter(day__gt=today - WEEKS * WEEK).values_list("day", flat=True)))
    if not days:
        return RiskList(None, None, (), Money(0, currency), ())
    entries = visible.filter(day__in=_shown_days(days)).select_related(
        "team", "campaign", "finding"
    )
    by_day: dict[date, list[RiskEntry]] = defaultdict(list)
    for entry in entries:
        by_day[entry.day].append(entry)
    newest = days[-1]
    before = max((day for day in by_day if day <= newest - WEEK), default=None)
    rows = _ranked(
        by_day[newest], by_day.get(before, []) if before else [], _of(user, newest, currency)
    )
    trend = [(day, _total(by_day[day], currency)) for day in sorted(by_day)]
    return RiskList(newest, before, rows, _total(by_day[newest], currency), trend)


def _shown_days(days: Sequence[date]) -> list[date]:
    """The last day of each week with a list, and the newest of all."""
    weeks: dict[tuple[int, int], date] = {}
    for day in days:
        weeks[day.isocalendar()[:2]] = day
    return list(weeks.values())


def _ranked(
    entries: Sequence[RiskEntry], earlier: Sequence[RiskEntry], of: float
) -> list[ListedRisk]:
    by_cause = {entry.cause: entry for entry in entries}
    known = {entry.cause: entry.expected_micros / MICROS for entry in earlier}
    ranked = rank_risks(
        [_risk(entry) for entry in entries], of=of, earlier=known if earlier else None
    )
    counted = {id(one.entry) for one in _counted(entries)}
    return [
        ListedRisk(by_cause[one.risk.name], one, id(by_cause[one.risk.name]) in counted)
        for one in ranked
    ]


def _counted(entries: Sequence[RiskEntry]) -> list[_Counted]:
    return counted_once([_Counted(entry) for entry in entries], RiskEntry.Kind.TARGET_MISS)


def _total(entries: Sequence[RiskEntry], currency: str) -> Money:
    return Money(sum(one.expected for one in _counted(entries)), currency)


def _risk(entry: RiskEntry) -> Risk:
    """The loss in the reporting currency: what is kept is its product with the chance."""
    loss = entry.expected_micros / MICROS / entry.chance
    scale = loss / entry.loss_micros if entry.loss_micros else 0.0
    cautious = None if entry.cautious_micros is None else max(entry.cautious_micros, 0) * scale
    return Risk(
        name=entry.cause,
        chance=entry.chance,
        loss=loss,
        days_left=(entry.due_on - entry.day).days,
        cautious_loss=cautious,
    )


def _of(user: User, day: date, currency: str) -> float:
    """What losses are measured against: the spend of four weeks in sight."""
    period = Period("four weeks", day - FOUR_WEEKS, day - timedelta(days=1))
    answer = query(metrics=["spend"], period=period, viewer=user, currency=currency)
    return max((answer.totals["spend"] or 0) / MICROS, 1.0)


def risks_kept(found: RiskList, *, kind: str = "", team: Any = "") -> Sequence[ListedRisk]:
    """The rows of a kind and a team with everything below it."""
    return [
        one
        for one in found.rows
        if (not kind or one.kind == kind)
        and (not team or one.entry.team.path.startswith(team.path))
    ]
