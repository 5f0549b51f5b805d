"""What an experiment says by now: verdict, effects, looks, soundness, and what was done otherwise
than planned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import ceil
from typing import Any

from analytics.experiments import (
    Reading,
    Test,
    analyse,
    factor_effects,
    holdout_lift,
)
from analytics.experiments.effects import arm_effect
from analytics.experiments.results import ArmEffect, Effect, Lift, Outcome, Report
from campaigns.choices import ExperimentKind, ExperimentState
from campaigns.models import Arm, Experiment, ExperimentReading
from campaigns.selectors import factors_of, looks_of, plan_document, readings_of
from core import formats
from core.money import MICROS
from insights.rules.experiment_words import TONES, lift_sentence, percent_range, sentence
from insights.selectors.experiment_policy import ALIKE, PolicyReport, policy_report
from insights.selectors.experiment_tests import (
    FLOOR,
    SEED,
    SUMS,
    Totals,
    engine_test,
    next_shares,
    readable,
    totals_of,
    units_of,
)

# Points of the picture of looks; more days than that are thinned out.
MOST_LOOKS = 60


@dataclass(frozen=True, slots=True)
class Look:
    """What the test said after a day: the relative effect with its always-valid interval."""

    day: date
    units: int
    effect: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, eq=False)
class ExperimentResult:
    """Everything a page, the API or an export says of an experiment. ``test`` and ``report``
    are None before there is anything to read."""

    experiment: Experiment
    sentence: str
    tone: str
    outcome: str
    last_day: date | None
    units: int
    test: Test | None = None
    report: Report | None = None
    looks: tuple[Look, ...] = ()
    factors: tuple[Effect, ...] = ()
    lifts: Mapping[str, Lift] | None = None
    shares: Mapping[str, float] | None = None
    policy: PolicyReport | None = None
    deviations: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def best(self) -> ArmEffect | None:
        """The effect the sentence is about."""
        if self.report is None or self.test is None:
            return None
        arm = self.report.verdict.arm or self.test.arms[1]
        return next(
            one
            for one in self.report.effects
            if (one.metric, one.arm) == (self.test.primary.name, arm)
        )


def result_of(
    experiment: Experiment,
    at: datetime,
    *,
    is_over: bool = False,
    among: Sequence[ExperimentReading] | None = None,
) -> ExperimentResult:
    """What the readings known at a moment say of an experiment with its parts fetched.

    ``is_over``: no more will come, so the words do not wait for any. With its readings ``among``
    those of many experiments that were read at once, the picture of looks is left out.
    """
    if experiment.kind == ExperimentKind.PERSONAL:
        return _personal(experiment, at)
    readings = readings_of(experiment, at) if among is None else sorted(among, key=_day)
    totals = totals_of(readings)
    last = max((one.day for one in readings), default=None)
    units = units_of(experiment, totals)
    odd = tuple(deviations_of(experiment, units, last))
    if not readable(experiment, totals):
        said = _nothing(experiment)
        return ExperimentResult(experiment, said, "neutral", "", last, units, deviations=odd)
    test = engine_test(experiment, totals, _daily(experiment, units, readings))
    if experiment.kind == ExperimentKind.ROTATION:
        return _rotation(experiment, test, last, units, odd)
    report = analyse(test, seed=SEED)
    is_over = is_over or experiment.state != ExperimentState.RUNNING
    found = ExperimentResult(
        experiment,
        sentence(test, report, unit=experiment.unit, is_over=is_over),
        TONES[report.verdict.outcome],
        str(report.verdict.outcome),
        last,
        units,
        test,
        report,
        () if among is not None else _looks(experiment, test, readings, report),
        deviations=odd,
        notes=tuple(_notes(experiment)),
    )
    found = _by_kind(experiment, found, test, report)
    if experiment.concluded_at and at >= experiment.concluded_at:
        return replace(found, sentence=experiment.sentence)
    return found


def results_of(experiments: Sequence[Experiment], at: datetime) -> dict[int, ExperimentResult]:
    """The same of many, by number, with one query for all readings."""
    rows = ExperimentReading.objects.filter(experiment__in=experiments, known_at__lte=at)
    newest = rows.order_by("arm_id", "metric_id", "day", "-known_at", "-pk")
    found: dict[int, list[ExperimentReading]] = defaultdict(list)
    for one in newest.distinct("arm_id", "metric_id", "day"):
        found[one.experiment_id].append(one)
    return {one.pk: result_of(one, at, among=found[one.pk]) for one in experiments}


def _day(reading: ExperimentReading) -> date:
    return reading.day


def _by_kind(
    experiment: Experiment, found: ExperimentResult, test: Test, report: Report
) -> ExperimentResult:
    if experiment.kind == ExperimentKind.FACTORIAL:
        return replace(found, factors=_factors(experiment, test))
    if experiment.kind == ExperimentKind.HOLDOUT:
        lifts = _lifts(experiment, test)
        broken = report.verdict.outcome is Outcome.INVALID or found.best is None or (
            found.best.reason is not None
        )  # fmt: skip
        first = next(iter(lifts.values()))
        thing = str(experiment.campaign or "The campaign")
        said = found.sentence if broken else lift_sentence(
            test.primary, first, experiment.unit, thing
        )  # fmt: skip
        return replace(found, lifts=lifts, sentence=said)
    return found


def _personal(experiment: Experiment, at: datetime) -> ExperimentResult:
    """What choosing per segment brings, by the log of choices."""
    report = policy_report(experiment, at=at)
    odd = tuple(deviations_of(experiment, 0, None))
    if not report.choices:
        return ExperimentResult(
            experiment, _nothing(experiment), "neutral", "", None, 0, deviations=odd
        )
    said = f"Still learning: {formats.number(report.choices)} choices are settled"
    ours = next((one for one in report.checks if one.is_ours), None)
    alike = next(one for one in report.checks if one.name == ALIKE).value.self_normalised
    value = ours.value.self_normalised if ours else None
    if value and value.value is not None and value.interval and alike.value is not None:
        said = (
            f"Choosing per segment brings {formats.percent(value.value)} of {experiment.unit}s to "
            f"the goal, {percent_range(value.interval)}; all alike would bring "
            f"{formats.percent(alike.value)}"
        )
    return ExperimentResult(
        experiment, said, "accent", "", None, report.choices, deviations=odd, policy=report
    )


def _nothing(experiment: Experiment) -> str:
    if experiment.state == ExperimentState.DRAFT:
        return "A draft: nothing is promised yet"
    if experiment.state == ExperimentState.SEALED:
        return "Sealed and ready to start"
    return "Can't tell yet: no figures have come in for every variant"


def _daily(
    experiment: Experiment, units: int, readings: Sequence[ExperimentReading]
) -> float | None:
    """Units that join a day: as it went so far, else as it was planned."""
    days = {one.day for one in readings}
    if len(days) > 1 and units:
        return units / ((max(days) - min(days)).days + 1)
    return float(experiment.daily_units) if experiment.daily_units else None


def _looks(
    experiment: Experiment,
    test: Test,
    readings: Sequence[ExperimentReading],
    report: Report,
) -> tuple[Look, ...]:
    """The effect of the arm the verdict is about after every day, as it could have been read."""
    arm = report.verdict.arm or test.arms[1]
    days = sorted({one.day for one in readings})
    step = ceil(len(days) / MOST_LOOKS)
    shown = set(days[::-1][::step])
    found: list[Look] = []
    seen: Totals = defaultdict(lambda: [0.0] * len(SUMS))
    by_day = defaultdict[date, list[ExperimentReading]](list)
    for one in readings:
        by_day[one.day].append(one)
    for day in days:
        for key, sums in totals_of(by_day[day]).items():
            seen[key] = [a + b for a, b in zip(seen[key], sums, strict=True)]
        if day in shown and readable(experiment, seen):
            found.append(_look(engine_test(experiment, seen, None), arm, day))
    return tuple(found)


def _look(test: Test, arm: str, day: date) -> Look:
    effect = arm_effect(test, test.primary, test.arms.index(arm))
    valid = effect.always_valid
    ends = valid.relative_interval if valid else None
    if ends is None and test.looks.reading is Reading.ONCE and effect.reason is None:
        ends = effect.relative_interval
    is_known = effect.reason is None
    return Look(
        day,
        int(sum(test.assigned)),
        effect.relative if is_known else None,
        ends.low if ends else None,
        ends.high if ends else None,
    )


def _factors(experiment: Experiment, test: Test) -> tuple[Effect, ...]:
    arms = list(experiment.arms.all())
    factors = factors_of([arm.levels for arm in arms])
    primary = test.primary
    cells = {
        tuple(arm.levels[name] for name in factors): sample.moments(primary.kind)
        for arm, sample in zip(arms, primary.samples, strict=True)
    }
    return factor_effects(factors, cells, alpha=test.alpha)


def _lifts(experiment: Experiment, test: Test) -> dict[str, Lift]:
    """What each treated arm added over the one that was held out."""
    primary = test.primary
    held_out = primary.samples[0].moments(primary.kind)
    arms: list[Arm] = list(experiment.arms.all())
    return {
        arm.name: holdout_lift(
            held_out,
            sample.moments(primary.kind),
            spend=arm.spend_micros / MICROS if arm.spend_micros else None,
            alpha=test.alpha,
        )
        for arm, sample in zip(arms[1:], primary.samples[1:], strict=True)
    }


def _rotation(
    experiment: Experiment, test: Test, last: date | None, units: int, odd: tuple[str, ...]
) -> ExperimentResult:
    shares = next_shares(test)
    best = max(shares, key=lambda name: shares[name])
    chance = (shares[best] - FLOOR) / (1 - FLOOR * len(shares))
    likely = "over 99" if chance > 0.99 else f"{chance * 100:.0f}"
    return ExperimentResult(
        experiment,
        f"{best} is the best with a chance of {likely}\u202f%: give it "
        f"{shares[best] * 100:.0f}\u202f% of the rotation",
        "accent",
        "",
        last,
        units,
        test=test,
        shares=shares,
        deviations=odd,
        notes=("Shares follow results, so no test of a fixed split is shown.",),
    )


def deviations_of(experiment: Experiment, units: int, last: date | None) -> list[str]:
    """What was done otherwise than sealed, in sentences; nothing for a draft."""
    if not experiment.plan_sha256:
        return []
    now, plan = plan_document(experiment), experiment.plan
    found = [
        f"The plan was sealed with {name.replace('_', ' ')} {_short(plan.get(name))}, "
        f"the record says {_short(value)}."
        for name, value in now.items()
        if name != "fingerprint" and plan.get(name) != value
    ]
    end = experiment.end_units
    looks = looks_of(experiment)
    if end and looks.is_past(units):
        found.append(f"It ran past its planned end: {units:,} units where {end:,} were planned.")
    if experiment.ended_at and end and units < end and not experiment.stop_reason:
        found.append(f"It ended with {units:,} of {end:,} planned units.")
    if last and last > experiment.ends_on:
        late = (last - experiment.ends_on).days
        found.append(f"It ran {late} {'day' if late == 1 else 'days'} longer than planned.")
    return found


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _notes(experiment: Experiment) -> list[str]:
    if experiment.source != "imports":
        return []
    said = (
        f"The units are {experiment.unit}s as platforms count them, not people: whoever saw two "
        "of them counts twice, so the true range is somewhat wider."
    )
    return [said]
