"""What happens to running experiments: figures from imports, safeguards, the end, the proposal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any

from django.db import transaction

from accounts.models import User
from analytics.commands.answers import plain
from analytics.experiments.results import ArmEffect
from analytics.experiments.verdict import deciding_interval, harmed
from approvals.models import ChangeRequest
from approvals.services import request_create
from budgets.selectors import local_day
from campaigns.choices import ExperimentKind, ExperimentSource, ExperimentState
from campaigns.models import Arm, Experiment, ExperimentMetric
from campaigns.services import (
    Concluded,
    ReadingRow,
    Recorded,
    experiment_conclude,
    experiment_stop,
    readings_record,
)
from core.errors import Conflict, Invalid
from core.events import AUTOMATION
from core.money import MICROS
from core.periods import Period
from insights.rules.experiment_words import change
from insights.selectors.experiments import ExperimentResult, result_of
from insights.selectors.maturity import growth_known
from insights.services.deciding import policy_learn
from metrics.choices import MEASURES, MICRO_MEASURES
from metrics.models import Batch
from metrics.selectors import query

# A day counts once this share of its final results is known.
MATURED = 0.9
KIND = "experiment.apply"
WITH_PARTS = ("arms__line__ad_account", "arms__creative__campaign", "metrics")


def experiments_update(*, now: datetime) -> dict[str, int]:
    """Schedule: bring every running experiment up to date and stop those that must not go on."""
    done = {"updated": 0, "stopped": 0, "learnt": 0}
    rows = Experiment.objects.running().select_related("team", "campaign", "audience")
    for experiment in rows.prefetch_related(*WITH_PARTS).order_by("pk"):
        if experiment.source == ExperimentSource.IMPORTS:
            done["updated"] += experiment_read_facts(experiment, at=now).added > 0
        if experiment.kind == ExperimentKind.PERSONAL:
            done["learnt"] += policy_learn(experiment=experiment, at=now)
        else:
            done["stopped"] += experiment_guard(experiment, at=now)
    return done


def experiment_read_facts(experiment: Experiment, *, at: datetime) -> Recorded:
    """Read its arms' matured days out of the facts, until the day on which its end is reached."""
    days = _days(experiment, at)
    if days is None:
        return Recorded(0, 0)
    arms = {found: arm for arm in experiment.arms.all() if (found := _facts_of(arm))}
    rows = [
        row for metric in experiment.metrics.all() for row in _rows(arms, metric, days)
    ]  # fmt: skip
    rows = _until_end(experiment, rows)
    if not rows:
        return Recorded(0, 0)
    batch = Batch.objects.filter(known_at__lte=at).order_by("-known_at", "-pk").first()
    return readings_record(
        experiment=experiment, rows=rows, at=at, actor=AUTOMATION,
        batch_id=batch.pk if batch else None,
    )  # fmt: skip


def _facts_of(arm: Arm) -> tuple[str, int] | None:
    for key, number in (
        ("line", arm.line_id), ("creative", arm.creative_id), ("segment", arm.segment_id),
    ):  # fmt: skip
        if number is not None:
            return key, number
    return None


def _days(experiment: Experiment, at: datetime) -> Period | None:
    """From its start to the newest day that has matured."""
    if experiment.started_at is None:
        return None
    first = max(experiment.starts_on, local_day(experiment.started_at))
    last = min(local_day(at) - timedelta(days=_wait(experiment)), experiment.ends_on)
    return Period("experiment", first, last) if first <= last else None


def _wait(experiment: Experiment) -> int:
    """Days until ``MATURED`` of a day's results are known, on the slowest platform concerned."""
    platforms = {
        arm.line.ad_account.platform
        for arm in experiment.arms.all()
        if arm.line and arm.line.ad_account
    }
    measures = {one.events_measure for one in experiment.metrics.all()}
    waits = [1]
    for one in growth_known():
        if one.reason or one.measure not in measures:
            continue
        if platforms and one.platform not in platforms:
            continue
        ages = range(max(one.curve.first, 1), one.curve.last + 1)
        shares = ((age, one.share_at(age)) for age in ages)
        reached = (age for age, share in shares if share and share.value >= MATURED)
        waits.append(next(reached, one.curve.last))
    return max(waits)


def _rows(
    arms: Mapping[tuple[str, int], Arm], metric: ExperimentMetric, days: Period
) -> list[ReadingRow]:
    if not arms or not {metric.events_measure, metric.units_measure} <= set(MEASURES):
        return []
    key = next(iter(arms))[0]
    answer = query(
        metrics=[metric.units_measure, metric.events_measure],
        by=["day", key],
        where={key: [number for _, number in arms]},
        period=days,
        viewer=None,
    )
    found = []
    for row in answer.rows:
        arm = arms.get((key, row[key]))
        units = _number(metric.units_measure, row)
        if arm is not None and units > 0:
            events = _number(metric.events_measure, row)
            found.append(ReadingRow(arm.name, metric.name, round(units), events, row["day"]))
    return found


def _number(measure: str, row: Mapping[str, Any]) -> float:
    value = row[measure]
    return float(Decimal(value or 0) / (MICROS if measure in MICRO_MEASURES else 1))


def _until_end(experiment: Experiment, rows: Sequence[ReadingRow]) -> list[ReadingRow]:
    """Days up to the one that reaches the planned units: later ones are no part of the test."""
    if not experiment.end_units:
        return list(rows)
    primary = next(one.name for one in experiment.metrics.all() if one.role == "primary")
    units: dict[date, int] = {}
    for row in rows:
        if row.metric == primary and row.day:
            units[row.day] = units.get(row.day, 0) + row.units
    total, last = 0, None
    for day in sorted(units):
        total, last = total + units[day], day
        if total >= experiment.end_units:
            break
    return [row for row in rows if row.day and last and row.day <= last]


def experiment_guard(experiment: Experiment, *, at: datetime) -> bool:
    """Stop an experiment whose split is broken or whose guardrail got worse; whether it was."""
    result = result_of(experiment, at)
    reason = stop_reason(result)
    if reason:
        experiment_stop(experiment=experiment, reason=reason, at=at, actor=AUTOMATION)
    return bool(reason)


def stop_reason(result: ExperimentResult) -> str:
    """Why a test must not go on: a broken split, or a guardrail that got worse; "" if it may."""
    report, test = result.report, result.test
    if report is None or test is None:
        return ""
    if report.split.fails:
        return result.sentence
    guards = {one.name: one for one in test.metrics if one.role == "guardrail"}
    for arm in test.arms[1:]:
        mine = [one for one in report.effects if one.metric in guards and one.arm == arm]
        hurt = harmed(test, mine)
        if hurt is not None:
            said = change(guards[hurt.metric], hurt, result.experiment.unit)
            return f"A guardrail got worse with {arm}: {said}"
    return ""


@transaction.atomic
def experiment_settle(
    *, experiment: Experiment, user: User, decision: str, learning: str, at: datetime
) -> Experiment:
    """Conclude with the verdict as the readings known now give it, frozen with every number."""
    result = result_of(experiment, at, is_over=True)
    if result.test is None and result.policy is None:
        raise Invalid("Nothing was read yet, so there is nothing to conclude.", where="readings")
    return experiment_conclude(
        experiment=experiment,
        user=user,
        at=at,
        concluded=Concluded(
            outcome=result.outcome,
            sentence=result.sentence,
            decision=decision,
            learning=learning,
            result=_frozen(result),
            effect=_ends(result.best),
        ),
    )


def _ends(effect: ArmEffect | None) -> tuple[float | None, float | None, float | None]:
    interval = deciding_interval(effect) if effect else None
    if effect is None or interval is None:
        return (None, None, None)
    return (effect.relative, interval.low, interval.high)


def _frozen(result: ExperimentResult) -> dict[str, Any]:
    return {
        "report": _finite(plain(result.report)) if result.report else None,
        "lifts": _finite(plain(dict(result.lifts))) if result.lifts else None,
        "shares": dict(result.shares) if result.shares else None,
        "deviations": list(result.deviations),
        "units": result.units,
    }


def _finite(value: Any) -> Any:
    """Numbers that JSON cannot hold become null."""
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not isfinite(value) else value


@transaction.atomic
def experiment_propose(
    *, experiment: Experiment, user: User, reason: str, at: datetime
) -> ChangeRequest:
    """Ask for what follows from a test: the winner in use, or the next shares of a rotation."""
    result = result_of(experiment, at)
    payload: dict[str, Any] = {"experiment": experiment.pk}
    if experiment.kind == ExperimentKind.ROTATION:
        if not result.shares or experiment.state != ExperimentState.RUNNING:
            raise Conflict("There are no next shares: the rotation needs figures and must run.")
        payload["shares"] = dict(result.shares)
        title = f"Next shares of “{experiment}”"
    else:
        arm = result.best.arm if result.best else ""
        payload["arm"] = arm
        title = f"Use {arm} after the test “{experiment}”"
    return request_create(
        user=user,
        kind=KIND,
        payload=payload,
        title=title[:200],
        reason=reason.strip() or experiment.learning or result.sentence,
        evidence={"The test says": experiment.sentence or result.sentence},
        at=at,
    )


def requests_of(experiment: Experiment) -> list[ChangeRequest]:
    """What was asked for because of a test, the newest first."""
    rows = ChangeRequest.objects.filter(kind=KIND, payload__experiment=experiment.pk)
    return list(rows.order_by("-pk"))
