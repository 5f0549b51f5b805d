"""What arms bring: readings typed in, from files or from imports; never changed, only followed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from campaigns.choices import ExperimentState, MetricKind
from campaigns.models import Arm, Experiment, ExperimentMetric, ExperimentReading
from campaigns.rules.reading_files import ReadingRow
from campaigns.selectors.experiments import readings_of
from campaigns.services.experiments import arm_spends_set, require_own
from campaigns.services.plans import acting
from core import events
from core.errors import Conflict, Invalid
from core.events import Actor
from core.money import MICROS

# The latest place on earth is this far ahead of UTC.
AHEAD = timedelta(hours=14)
MOST_DAYS = 800
SUMS = ("units", "total", "squares", "second_total", "second_squares", "products")
Key = tuple[str, str, date]
Sums = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many readings were new, and how many said what was known already."""

    added: int
    unchanged: int


@transaction.atomic
def readings_record(
    *,
    experiment: Experiment,
    rows: Sequence[ReadingRow],
    at: datetime,
    day: date | None = None,
    user: User | None = None,
    actor: Actor | None = None,
    file_name: str = "",
    batch_id: int | None = None,
) -> Recorded:
    """Keep readings of a running experiment. Rows without a day are totals since its start: what
    they add to the readings of other days counts for ``day``. A reading that is there already
    is kept once; another value for the same arm, metric and day counts from now on."""
    current = _running(experiment)
    if user:
        require_own(user, current)
    arms = {arm.name: arm for arm in current.arms.all()}
    metrics = {one.name: one for one in current.metrics.all()}
    known = {(one.arm.name, one.metric.name, one.day): _sums(one) for one in _known(current)}
    dated = _dated(rows, known, day or at.date())
    _check(dated, current, arms, metrics, at)
    fresh = [row for row in dated if known.get(_key(row)) != _row_sums(row)]
    if not fresh:
        return Recorded(0, len(dated))
    who = acting(user, actor)
    ExperimentReading.objects.bulk_create(
        _reading(current, row, arms, metrics, at, who, file_name, batch_id) for row in fresh
    )
    events.record(
        actor=who,
        action="experiment.read",
        subject=current,
        at=at,
        after={"readings": len(fresh), "file": file_name, "batch": batch_id},
        team_path=current.team.path,
        live=["experiments", f"experiment:{current.pk}"],
    )
    return Recorded(len(fresh), len(dated) - len(fresh))


@transaction.atomic
def figures_record(
    *,
    experiment: Experiment,
    rows: Sequence[ReadingRow],
    user: User,
    at: datetime,
    day: date | None = None,
    file_name: str = "",
    spends: Mapping[str, Decimal | None] | None = None,
) -> Recorded:
    """What a person brings at once: readings, and what treating each arm cost."""
    if spends:
        if not experiment.currency:
            raise Invalid("The test has no currency, so it takes no costs.", where="spends")
        micros = {n: None if v is None else int(v * MICROS) for n, v in spends.items()}
        arm_spends_set(experiment=experiment, spends=micros, user=user, at=at)
    if not rows:
        return Recorded(0, 0)
    return readings_record(
        experiment=experiment, rows=rows, user=user, at=at, day=day, file_name=file_name
    )


def _running(experiment: Experiment) -> Experiment:
    current = (
        Experiment.objects.select_for_update(of=("self",))
        .select_related("team")
        .prefetch_related("arms", "metrics")
        .get(pk=experiment.pk)
    )
    if current.state != ExperimentState.RUNNING:
        raise Conflict(
            f"“{current}” is {current.get_state_display().lower()}, so it takes no figures.",
            remedy="Start it first." if current.state == ExperimentState.SEALED else "",
        )
    return current


def _known(experiment: Experiment) -> list[ExperimentReading]:
    arms = {arm.pk: arm for arm in experiment.arms.all()}
    metrics = {one.pk: one for one in experiment.metrics.all()}
    found = readings_of(experiment)
    for one in found:
        one.arm, one.metric = arms[one.arm_id], metrics[one.metric_id]
    return found


def _sums(one: ExperimentReading | ReadingRow) -> Sums:
    return tuple(None if (v := getattr(one, name)) is None else float(v) for name in SUMS)


_row_sums = _sums


def _key(row: ReadingRow) -> Key:
    if row.day is None:
        raise Invalid("A reading needs its day.", where="day")
    return row.arm, row.metric, row.day


def _dated(rows: Sequence[ReadingRow], known: Mapping[Key, Sums], day: date) -> list[ReadingRow]:
    """Totals since the start become what their day added to the other days."""
    others: dict[tuple[str, str], list[Sums]] = defaultdict(list)
    for (arm, metric, on), sums in known.items():
        if on != day:
            others[arm, metric].append(sums)
    return [row if row.day else _added(row, others[row.arm, row.metric], day) for row in rows]


def _added(row: ReadingRow, others: Sequence[Sums], day: date) -> ReadingRow:
    before = [sum(part or 0.0 for part in parts) for parts in zip(*others, strict=True)] or [
        0.0
    ] * 6
    units, total = row.units - int(before[0]), row.total - before[1]
    if units < 0 or total < 0:
        raise Invalid(
            f"{row.arm}: {row.metric} stand at {row.units:,} units and {row.total:,.10g}, fewer "
            f"than the {before[0]:,.0f} and {before[1]:,.10g} of the days before.",
            where="rows",
            remedy="Totals count from the start of the test. To correct a day, give it by day.",
        )
    squares, *seconds = (
        None if now is None else now - earlier
        for now, earlier in zip(_sums(row)[2:], before[2:], strict=True)
    )
    return ReadingRow(row.arm, row.metric, units, total, day, squares, *seconds)


def _check(
    rows: Sequence[ReadingRow],
    experiment: Experiment,
    arms: Mapping[str, Arm],
    metrics: Mapping[str, ExperimentMetric],
    at: datetime,
) -> None:
    """Every row belongs to the test; each refusal says which one and why."""
    latest = (at + AHEAD).date()
    seen: set[Key] = set()
    for row in rows:
        if row.arm not in arms:
            raise Invalid(f"“{row.arm}” is no variant; use {', '.join(arms)}.", where="arm")
        if row.metric not in metrics:
            raise Invalid(f"“{row.metric}” is no metric; use {', '.join(metrics)}.", where="metric")
        key = _key(row)
        if key in seen:
            raise Invalid(f"{row.arm}, {row.metric}, {key[2]} is there twice.", where="rows")
        seen.add(key)
        if key[2] > latest:
            raise Invalid(f"{key[2]} lies in the future.", where="day")
        if (experiment.starts_on - key[2]).days > MOST_DAYS:
            raise Invalid(f"{key[2]} is long before the test.", where="day")
        _check_sums(row, metrics[row.metric].kind)


def _check_sums(row: ReadingRow, kind: str) -> None:
    if kind == MetricKind.PROPORTION and row.total > row.units:
        raise Invalid(
            f"{row.arm}: {row.total:,.0f} of {row.units:,} units cannot have said yes.",
            where="total",
        )
    if kind == MetricKind.MEAN and row.squares is None:
        raise Invalid(
            f"{row.arm}: {row.metric} needs how far units lie apart (its standard deviation).",
            where="squares",
        )


def _reading(
    experiment: Experiment,
    row: ReadingRow,
    arms: Mapping[str, Arm],
    metrics: Mapping[str, ExperimentMetric],
    at: datetime,
    who: Actor,
    file_name: str,
    batch_id: int | None,
) -> ExperimentReading:
    return ExperimentReading(
        experiment=experiment,
        arm=arms[row.arm],
        metric=metrics[row.metric],
        day=_key(row)[2],
        known_at=at,
        by_name=who.name,
        file_name=file_name[:200],
        batch_id=batch_id,
        **{name: getattr(row, name) for name in SUMS},
    )
