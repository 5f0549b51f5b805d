"""A whole test: every metric of every arm, what holds over all of them, and the verdict."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from analytics.experiments.bandit import thompson_shares_of_means
from analytics.experiments.checks import split_check
from analytics.experiments.corrections import Correction, corrected
from analytics.experiments.design import Role, Test
from analytics.experiments.effects import adjusted_arms, arm_effect
from analytics.experiments.moments import Moments
from analytics.experiments.results import ArmEffect, Outcome, Report
from analytics.experiments.verdict import outcome_of, verdict
from analytics.results import Better


def analyse(test: Test, *, seed: int = 1) -> Report:
    """Analyse a test against control, its first arm.

    Guardrails keep their own probability; the primary metric was named before and is corrected for
    the number of arms, secondary ones for arms and metrics together. Units that do not fit the
    planned split make every outcome INVALID. `seed` draws the chances to be best.
    """
    split = split_check(test.assigned, test.split, threshold=test.srm_threshold)
    effects = _corrected(
        test,
        [
            arm_effect(test, metric, place)
            for metric in test.metrics
            for place in range(1, len(test.arms))
        ],
    )
    outcomes = {
        effect.arm: Outcome.INVALID
        if split.fails
        else outcome_of(test, effect, _of(test, effects, Role.GUARDRAIL, effect.arm))
        for effect in effects
        if effect.metric == test.primary.name
    }
    return Report(
        name=test.name,
        verdict=verdict(test, split, outcomes, effects),
        split=split,
        outcomes=outcomes,
        chance_best=_chance_best(test, seed),
        effects=tuple(effects),
        fingerprint=test.plan.fingerprint,
    )


def _of(test: Test, effects: Sequence[ArmEffect], role: Role, arm: str) -> list[ArmEffect]:
    names = {metric.name for metric in test.metrics if metric.role is role}
    return [effect for effect in effects if effect.metric in names and effect.arm == arm]


def _corrected(test: Test, effects: Sequence[ArmEffect]) -> list[ArmEffect]:
    """The same effects with probabilities corrected over what was asked."""
    guarded = {metric.name for metric in test.metrics if metric.role is Role.GUARDRAIL}
    asked = [effect for effect in effects if effect.metric not in guarded]
    every = {
        str(method): corrected([effect.p for effect in asked], method)
        for method in Correction
        if method is not Correction.NONE
    }
    over_all = corrected([effect.deciding_p for effect in asked], test.correction)
    first = [effect.deciding_p for effect in asked if effect.metric == test.primary.name]
    over_arms = iter(corrected(first, test.correction))
    done = {
        (effect.metric, effect.arm): replace(
            effect,
            corrected_p={method: float(p[place]) for method, p in every.items()},
            deciding_p=float(
                next(over_arms) if effect.metric == test.primary.name else over_all[place]
            ),
        )
        for place, effect in enumerate(asked)
    }
    return [done.get((effect.metric, effect.arm), effect) for effect in effects]


def _chance_best(test: Test, seed: int) -> dict[str, float]:
    """How likely each arm is the best one on the primary metric, with normal errors."""
    arms, _ = adjusted_arms(test.primary)
    sign = 1.0 if test.primary.better is Better.HIGHER else -1.0
    stacked = Moments(
        *(
            np.array([float(value) for value in values])
            for values in zip(
                *((arm.n, sign * arm.mean, arm.variance) for arm in arms), strict=True
            )
        )
    )
    shares = thompson_shares_of_means(stacked, seed=seed)
    return {arm: float(share) for arm, share in zip(test.arms, shares, strict=True)}
