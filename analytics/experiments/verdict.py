"""One sentence that says what to do."""

from collections.abc import Sequence

from analytics.experiments.design import Metric, Role, Test
from analytics.experiments.results import ArmEffect, Outcome, SplitCheck, Verdict
from analytics.experiments.sequential import Reading
from analytics.experiments.tails import LN10, p_text
from analytics.results import REASON_TEXT, Better, Interval, Reason

# What a test of several arms is about: a winner, then what is open, then what is settled.
FIRST = (
    Outcome.BETTER,
    Outcome.HARMFUL,
    Outcome.RUNNING,
    Outcome.OPEN,
    Outcome.EQUAL,
    Outcome.WORSE,
)


def deciding_interval(effect: ArmEffect) -> Interval | None:
    """The relative interval the verdict rests on: always valid where looks are."""
    valid = effect.always_valid
    return effect.relative_interval if valid is None else valid.relative_interval


def outcome_of(test: Test, effect: ArmEffect, guardrails: Sequence[ArmEffect]) -> Outcome:
    """What to make of an arm by the primary metric and its guardrails."""
    metric = test.primary
    if effect.reason in (Reason.TOO_FEW_UNITS, Reason.NO_VARIATION):
        return Outcome.RUNNING
    if effect.reason is Reason.PAST_END:
        return Outcome.OPEN
    if effect.deciding_p < test.alpha:
        if not is_good(metric, effect):
            return Outcome.WORSE
        return Outcome.HARMFUL if harmed(test, guardrails) else Outcome.BETTER
    if _is_equal(metric, effect):
        return Outcome.EQUAL
    return Outcome.OPEN if _is_over(test, effect) else Outcome.RUNNING


def is_good(metric: Metric, effect: ArmEffect) -> bool:
    """Whether the arm is on the good side of control."""
    return (effect.estimate > 0) == (metric.better is Better.HIGHER)


def harmed(test: Test, guardrails: Sequence[ArmEffect]) -> ArmEffect | None:
    """The guardrail that got worse beyond chance, if one did.

    Guardrails are not corrected for their number: to overlook harm is the costlier mistake.
    """
    metrics = {metric.name: metric for metric in test.metrics}
    found = (
        effect
        for effect in guardrails
        if effect.deciding_p < test.alpha and not is_good(metrics[effect.metric], effect)
    )
    return next(found, None)


def _is_equal(metric: Metric, effect: ArmEffect) -> bool:
    """Whether any difference left is smaller than the one worth finding."""
    interval = deciding_interval(effect)
    if metric.minimum_effect is None or interval is None:
        return False
    return -metric.minimum_effect < interval.low and interval.high < metric.minimum_effect


def _is_over(test: Test, effect: ArmEffect) -> bool:
    units = sum(test.assigned)
    if test.looks.reading is Reading.ONCE:
        return True
    needed = test.looks.end or effect.outlook.units_needed
    return needed is not None and units >= needed


def verdict(
    test: Test,
    split: SplitCheck,
    outcomes: dict[str, Outcome],
    effects: Sequence[ArmEffect],
) -> Verdict:
    """The verdict on the whole test, about the arm that matters most."""
    if split.fails:
        return Verdict(Outcome.INVALID, None, _mismatch(test, split), Reason.SPLIT_MISMATCH)
    primary = [effect for effect in effects if effect.metric == test.primary.name]
    best = min(primary, key=lambda effect: (FIRST.index(outcomes[effect.arm]), _loss(test, effect)))
    outcome = outcomes[best.arm]
    guardrails = [
        effect for effect in effects if effect.arm == best.arm and _is_guardrail(test, effect)
    ]
    reason = best.reason
    if outcome is Outcome.HARMFUL:
        reason = Reason.GUARDRAIL_HARMED
    elif reason is None and outcome in (Outcome.RUNNING, Outcome.OPEN):
        reason = Reason.NOT_SEPARATED
    return Verdict(outcome, best.arm, _sentence(test, outcome, best, guardrails), reason)


def _loss(test: Test, effect: ArmEffect) -> float:
    return -effect.estimate if test.primary.better is Better.HIGHER else effect.estimate


def _is_guardrail(test: Test, effect: ArmEffect) -> bool:
    roles = {metric.name: metric.role for metric in test.metrics}
    return roles[effect.metric] is Role.GUARDRAIL


def _sentence(
    test: Test, outcome: Outcome, effect: ArmEffect, guardrails: Sequence[ArmEffect]
) -> str:
    control, change = test.arms[0], _change(effect)
    harm = harmed(test, guardrails)
    likely = effect.probability_to_beat
    chance = "" if likely is None else f", {chance_text(likely)} likely to be better"
    if outcome is Outcome.BETTER:
        return f"Take {effect.arm}: {effect.metric} {change} against {control}{chance}."
    if outcome is Outcome.HARMFUL and harm is not None:
        return (
            f"Do not take {effect.arm}: {effect.metric} {change}, "
            f"but {harm.metric} got worse: {_change(harm)}."
        )
    if outcome is Outcome.WORSE:
        return f"Keep {control}: with {effect.arm} {effect.metric} {change}{chance}."
    if outcome is Outcome.EQUAL:
        return (
            f"{effect.arm} and {control} are as good as equal: {effect.metric} {change}, less than "
            f"the {test.primary.minimum_effect:.1%} worth finding."
        )
    return _undecided(test, outcome, effect)


def _undecided(test: Test, outcome: Outcome, effect: ArmEffect) -> str:
    if effect.reason is not None:
        return f"No verdict on {effect.arm}: {REASON_TEXT[effect.reason]}"
    single = ""
    if effect.p < test.alpha <= effect.deciding_p and effect.always_valid is not None:
        single = (
            f" Read once, at its end, its p of {p_text(effect.log10_p * LN10)} would count; "
            "that must have been declared before."
        )
    if outcome is Outcome.OPEN:
        return (
            f"No difference shown: {effect.arm} has {effect.metric} {_change(effect)}; "
            f"{_seen(effect)}.{single}"
        )
    return (
        f"Keep running: {effect.arm} has {effect.metric} {_change(effect)}, which chance can "
        f"explain; {_left(effect)}.{single}"
    )


def _change(effect: ArmEffect) -> str:
    interval = deciding_interval(effect)
    if effect.relative is None or interval is None:
        valid = effect.always_valid
        absolute = effect.interval if valid is None else valid.interval
        reach = "" if absolute is None else f" ({absolute.low:+.4g} to {absolute.high:+.4g})"
        return f"{effect.estimate:+.4g}{reach}"
    return (
        f"{effect.relative:+.1%} ({interval.level:.0%} interval {interval.low:+.1%} "
        f"to {interval.high:+.1%})"
    )


def chance_text(probability: float) -> str:
    """A probability in percent that is never rounded to certainty."""
    if probability > 0.999:
        return "over 99.9%"
    return "under 0.1%" if probability < 0.001 else f"{probability:.1%}"


def _left(effect: ArmEffect) -> str:
    outlook = effect.outlook
    if outlook.units_left is None:
        return "name the effect worth finding to learn how long"
    days = "" if outlook.days_left is None else f", {outlook.days_left:,} days"
    return f"about {outlook.units_left:,} units more{days}"


def _seen(effect: ArmEffect) -> str:
    found = effect.outlook.detectable
    return "nothing can be detected" if found is None else f"it could see {found:.1%} or more"


def _mismatch(test: Test, split: SplitCheck) -> str:
    units = " and ".join(
        f"{seen:,.0f} in {arm} where {expected:,.0f} were due"
        for arm, seen, expected in zip(test.arms, split.observed, split.expected, strict=True)
    )
    return (
        f"Do not read this test: {units} (p {split.p:.2g}). Find out where units were lost, then "
        "run it again."
    )
