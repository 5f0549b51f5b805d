"""Targets with their numbers: actual, expected to date, pace, and how earlier ones ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from accounts.models import Team, User
from accounts.permissions import sees_money
from core.models import Organisation
from core.money import MICROS, Money
from core.once import once
from core.periods import FiscalCalendar, Period
from metrics.models import Target
from metrics.rules.metric import Metric, Sums
from metrics.rules.progress import Goal, Progress, Standing, history_start, progress
from metrics.rules.registry import METRICS, metric_for
from metrics.selectors.former_targets import as_they_stood, in_force, known_then
from metrics.selectors.query import query
from metrics.selectors.result import Row

DailySums = dict[date, dict[str, int | Decimal | None]]


@dataclass(frozen=True, slots=True)
class TargetProgress:
    """A target and where it stands; amounts and values as formats take them."""

    target: Target
    metric: Metric
    progress: Progress

    @property
    def status(self) -> Standing:
        return self.progress.standing

    @property
    def value(self) -> Money | Decimal:
        return shown_value(self.target, self.metric, self.target.value_micros)

    @property
    def actual(self) -> Money | Decimal | None:
        return self._maybe(self.progress.actual_micros)

    @property
    def expected(self) -> Money | Decimal | None:
        """What should stand there today, None when there is too little to say."""
        return self._maybe(self.progress.expected_micros)

    @property
    def landing(self) -> Money | Decimal | None:
        """Where the run-rate ends; not a forecast."""
        pace = self.progress.pace
        found = pace.landing if pace else None
        return self._maybe(None if found is None else round(found * MICROS))

    @property
    def share(self) -> Decimal | None:
        """Actual over expected to date (over the target once the period is over)."""
        actual, expected = self.progress.actual_micros, self.progress.expected_micros
        return Decimal(actual) / Decimal(expected) if actual is not None and expected else None

    def _maybe(self, micros: int | None) -> Money | Decimal | None:
        return None if micros is None else shown_value(self.target, self.metric, micros)


def shown_value(target: Target, metric: Metric, micros: int) -> Money | Decimal:
    """Micros of the metric's unit as formats take them."""
    return Money(micros, target.currency) if metric.is_money else Decimal(micros) / MICROS


def targets_visible(user: User) -> QuerySet[Target]:
    """Targets in sight that were there at the page's moment; those of amounts only for people who
    see amounts. ``in_force`` says which were not retired, ``as_they_stood`` what they were then."""
    found = Target.objects.for_user(user).filter(known_then())
    found = found.select_related("team", "campaign", "channel", "owner")
    if sees_money(user):
        return found
    return found.filter(metric__in=[key for key, m in METRICS.items() if not m.is_money])


def earlier_targets(targets: Iterable[Target], *, today: date) -> list[Target]:
    """The targets of the same subjects and metrics whose period is over, oldest first."""
    wanted = {subject_of(target) for target in targets}
    metrics = {metric for metric, *_ in wanted}
    over = Target.objects.filter(in_force(), known_then(), metric__in=metrics, last_day__lt=today)
    rows = over.select_related("team", "campaign", "channel", "owner").order_by("last_day")
    return [target for target in rows if subject_of(target) in wanted]


def subject_of(target: Target) -> tuple[str, int, int | None, int | None]:
    """What a target is about: metric, team, campaign, channel."""
    return target.metric, target.team_id, target.campaign_id, target.channel_id


def target_progress(
    targets: Sequence[Target],
    *,
    today: date,
    as_of: datetime | None = None,
    mature: bool = False,
) -> list[TargetProgress]:
    """Where each target stands after the last complete day before ``today``.

    ``mature``: with young days as they are expected to be when final, as the one query gives them.
    Who may see a target may see its progress: fetch them with ``targets_visible``. Costs at most
    four queries of facts per currency that the targets are in, however many they are. As of a
    moment, with the values they had then; what was set later is left out.
    """
    targets = as_they_stood(targets, as_of)
    facts = _facts(targets, _Reading(today, as_of, mature))
    return [_one(target, facts(target), today) for target in targets]


def _one(target: Target, daily: Mapping[date, Sums], today: date) -> TargetProgress:
    metric = metric_for(target.metric)
    goal = Goal(
        metric=metric,
        first_day=target.first_day,
        last_day=target.last_day,
        value_micros=target.value_micros,
        tolerance_percent=target.tolerance_percent,
        seed=target.pk,
    )
    last = min(target.last_day, today - timedelta(days=1))
    own = [sums for day, sums in daily.items() if target.first_day <= day <= last]
    total = {m: _add([sums[m] for sums in own]) for m in metric.measures}
    return TargetProgress(target, metric, progress(goal, daily, total, today=today))


def _add(values: Sequence[int | Decimal | None]) -> int | Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


@dataclass(frozen=True, slots=True)
class _Reading:
    """Up to which day, as known when, and whether as expected when final."""

    today: date
    as_of: datetime | None
    mature: bool


def _facts(targets: Sequence[Target], reading: _Reading) -> Callable[[Target], DailySums]:
    """Daily sums of each target's subject, read for all of them together."""
    today = reading.today
    calendar = Organisation.current().calendar
    kinds = {target: _kind(target, calendar, today) for target in targets}
    together: dict[_Kind, list[Target]] = {}
    for target, kind in kinds.items():
        if target.first_day < today:
            together.setdefault(kind, []).append(target)
    read = {kind: _read(some, kind, reading) for kind, some in together.items()}
    return lambda target: read[kinds[target]](target) if target.first_day < today else {}


@dataclass(frozen=True, slots=True)
class _Kind:
    """Targets that one query can read: same currency, all of campaigns or all of teams.

    What is over needs no days: whole months give its sums from a thirtieth of the rows.
    """

    currency: str
    of_campaign: bool
    grain: str


def _kind(target: Target, calendar: FiscalCalendar, today: date) -> _Kind:
    currency = target.currency if metric_for(target.metric).needs_currency else ""
    whole = (
        calendar.month_of(target.first_day).start == target.first_day
        and calendar.month_of(target.last_day).end == target.last_day
    )
    grain = "month" if whole and target.last_day < today else "day"
    return _Kind(currency, target.campaign_id is not None, grain)


def _read(
    targets: Sequence[Target], kind: _Kind, reading: _Reading
) -> Callable[[Target], DailySums]:
    measures = sorted({m for t in targets for m in metric_for(t.metric).measures})
    subject = "campaign" if kind.of_campaign else "team"
    found = query(
        metrics=measures,
        by=["campaign", kind.grain] if kind.of_campaign else ["team", "channel", kind.grain],
        where={subject: [t.campaign_id if kind.of_campaign else t.team_id for t in targets]},
        period=_window(targets, kind, reading.today),
        viewer=None,
        currency=kind.currency or None,
        as_of=reading.as_of,
        mature=reading.mature,
    )
    day = "day" if kind.grain == "day" else "month_start"
    if kind.of_campaign:
        campaigns = _by_day(found.rows, measures, day, lambda row: row["campaign"])
        return lambda target: campaigns.get(target.campaign_id, {})
    paths = once("team_paths", lambda: dict(Team.objects.values_list("pk", "path")))
    places = _by_day(found.rows, measures, day, lambda row: (paths[row["team"]], row["channel"]))
    return lambda target: _joined(places, target, measures)


def _window(targets: Sequence[Target], kind: _Kind, today: date) -> Period:
    """The days of all targets before today, with the history that a pace needs."""
    first = min(target.first_day for target in targets)
    if kind.grain == "day":
        first = history_start(first, today)
    last = min(max(target.last_day for target in targets), today - timedelta(days=1))
    return Period("targets", first, last)


def _by_day(
    rows: Sequence[Row], measures: Sequence[str], day: str, subject: Callable[[Row], Any]
) -> dict[Any, DailySums]:
    found: dict[Any, DailySums] = {}
    for row in rows:
        found.setdefault(subject(row), {})[row[day]] = {m: row[m] for m in measures}
    return found


def _joined(
    places: Mapping[tuple[str, int], DailySums], target: Target, measures: Sequence[str]
) -> DailySums:
    """A team's days: those of everything below it, in one channel or in all."""
    path, channel = target.team.path, target.channel_id
    parts = [
        days
        for (team, of_channel), days in places.items()
        if team.startswith(path) and channel in (None, of_channel)
    ]
    every_day = sorted({day for days in parts for day in days})
    return {
        day: {m: _add([days[day][m] for days in parts if day in days]) for m in measures}
        for day in every_day
    }
