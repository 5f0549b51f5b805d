"""What a test says, in one sentence that needs no statistics."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.experiments import Kind, Metric, Test
from analytics.experiments.results import ArmEffect, Lift, Outcome, Report
from analytics.experiments.verdict import deciding_interval, harmed
from analytics.results import Better, Interval, Reason
from core import formats

TONES = {
    Outcome.BETTER: "good",
    Outcome.HARMFUL: "bad",
    Outcome.WORSE: "bad",
    Outcome.INVALID: "bad",
    Outcome.EQUAL: "neutral",
    Outcome.OPEN: "neutral",
    Outcome.RUNNING: "accent",
}
OUTCOME_WORDS = {
    Outcome.BETTER: "Winner",
    Outcome.HARMFUL: "Harms a guardrail",
    Outcome.WORSE: "Worse",
    Outcome.INVALID: "Not to be trusted",
    Outcome.EQUAL: "As good as equal",
    Outcome.OPEN: "No difference shown",
    Outcome.RUNNING: "Can't tell yet",
}


def sentence(test: Test, report: Report, *, unit: str, is_over: bool = False) -> str:
    """The verdict: who wins by how much with its range, or why nobody can tell."""
    outcome = report.verdict.outcome
    if outcome is Outcome.INVALID:
        return mismatch_words(report, test.arms, unit)
    effect = effect_of(report, test.primary.name, report.verdict.arm or test.arms[1])
    if outcome is Outcome.BETTER:
        return f"{effect.arm} wins: {change(test.primary, effect, unit)}"
    if outcome is Outcome.HARMFUL:
        return _harm(test, report, effect, unit)
    if outcome is Outcome.WORSE:
        return f"Keep {test.arms[0]}: {effect.arm} brings {change(test.primary, effect, unit)}"
    if outcome is Outcome.EQUAL:
        least = formats.percent(test.primary.minimum_effect or 0)
        return (
            f"{effect.arm} and {test.arms[0]} are as good as equal: any difference in "
            f"{per(test.primary, unit)} is under {least}"
        )
    return _undecided(test, effect, unit, is_over=is_over or outcome is Outcome.OPEN)


def effect_of(report: Report, metric: str, arm: str) -> ArmEffect:
    """The effect of an arm on a metric."""
    return next(one for one in report.effects if (one.metric, one.arm) == (metric, arm))


def per(metric: Metric, unit: str) -> str:
    return f"{metric.name} per {unit}"


def change(metric: Metric, effect: ArmEffect, unit: str) -> str:
    """``12 % more orders per visitor, 95 % range 4 to 21 %``."""
    interval = deciding_interval(effect)
    if effect.relative is None or interval is None:
        valid = effect.always_valid.interval if effect.always_valid else effect.interval
        size = formats.number(abs(effect.estimate), 3)
        reach = f", {range_words(valid, 3)}" if valid else ""
        return f"{size} {_way(metric, effect.estimate)} {per(metric, unit)}{reach}"
    size = formats.percent(abs(effect.relative))
    way = _way(metric, effect.relative)
    return (
        f"{size} {way} {per(metric, unit)}, {percent_range(interval, flipped=effect.relative < 0)}"
    )


def _way(metric: Metric, value: float) -> str:
    if value >= 0:
        return "more"
    return "less" if metric.kind is Kind.MEAN else "fewer"


def percent_range(interval: Interval, *, flipped: bool = False) -> str:
    """``95 % range 4 to 21 %``; for a fall the sizes of the fall."""
    low, high = (-interval.high, -interval.low) if flipped else (interval.low, interval.high)
    level = formats.percent(interval.level, 0)
    first = formats.percent(low, 1).removesuffix("%").rstrip()
    return f"{level} range {first} to {formats.percent(high, 1)}"


def range_words(interval: Interval, digits: int = 0) -> str:
    low, high = formats.number(interval.low, digits), formats.number(interval.high, digits)
    return f"{formats.percent(interval.level, 0)} range {low} to {high}"


def mismatch_words(report: Report, arms: Sequence[str], unit: str) -> str:
    parts = " and ".join(
        f"{formats.number(seen)} in {arm} where {formats.number(due)} were due"
        for arm, seen, due in zip(arms, report.split.observed, report.split.expected, strict=True)
    )
    return f"Don't trust this test: {unit}s are not split as planned, {parts}"


def _harm(test: Test, report: Report, effect: ArmEffect, unit: str) -> str:
    guards = [one for one in report.effects if one.arm == effect.arm and is_guard(test, one)]
    hurt = harmed(test, guards)
    metrics = {one.name: one for one in test.metrics}
    said = f": {change(metrics[hurt.metric], hurt, unit)}" if hurt else ""
    gain = change(test.primary, effect, unit)
    return f"Don't use {effect.arm}: {gain}, but a guardrail got worse{said}"


def is_guard(test: Test, effect: ArmEffect) -> bool:
    return next(one for one in test.metrics if one.name == effect.metric).role == "guardrail"


def _undecided(test: Test, effect: ArmEffect, unit: str, *, is_over: bool) -> str:
    if effect.reason is Reason.PAST_END:
        return "No verdict: more units came than the plan allows for, so no promise holds"
    if effect.reason is Reason.NO_VARIATION:
        return f"Can't tell: all {unit}s did the same"
    if effect.reason is Reason.TOO_FEW_UNITS and not is_over:
        return f"Can't tell yet: too few {test.primary.name} to judge a difference"
    if is_over:
        seen = effect.outlook.detectable
        could = f"; it could have shown {formats.percent(seen)} or more" if seen else ""
        return f"No difference shown in {per(test.primary, unit)}{could}"
    return f"Can't tell yet: {left_words(effect, unit)}"


def left_words(effect: ArmEffect, unit: str) -> str:
    """``about 9 more days (4,200 more visitors)``."""
    left, days = effect.outlook.units_left, effect.outlook.days_left
    if left is None:
        return "chance can explain what differs so far"
    units = f"{formats.number(left)} more {unit}s"
    if days is None:
        return f"about {units}"
    return f"about {days} more {'day' if days == 1 else 'days'} ({units})"


def lift_sentence(metric: Metric, lift: Lift, unit: str, thing: str) -> str:
    """What was added against the group that was held out."""
    ends = lift.added_interval
    reach = range_words(ends)
    share = (
        f", {formats.percent_signed(lift.relative)} against the holdout" if lift.relative else ""
    )
    if ends.low > 0:
        return f"{thing} added {formats.number(lift.added)} {metric.name} ({reach}){share}"
    if ends.high < 0:
        return f"{thing} took {formats.number(-lift.added)} {metric.name} away ({reach}){share}"
    return (
        f"Nothing shown to be added yet: {formats.number(lift.added)} {metric.name} ({reach}), "
        f"over {formats.number(lift.n_treated)} {unit}s"
    )


def better_words(metric: Metric) -> str:
    return "higher" if metric.better is Better.HIGHER else "lower"


def chance_words(probability: float) -> str:
    """A probability in percent that is never rounded to certainty."""
    if probability > 0.999:
        return f"over {formats.percent(0.999, 1)}"
    return (
        f"under {formats.percent(0.001, 1)}"
        if probability < 0.001
        else formats.percent(probability, 1)
    )
