"""The numbers beneath a verdict, as tables show and exports write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analytics.experiments import Kind, Metric, p_text
from analytics.experiments.results import ArmEffect, PolicyValue
from analytics.experiments.tails import LN10
from analytics.experiments.verdict import deciding_interval
from analytics.results import REASON_TEXT
from core import formats
from insights.rules.experiment_words import chance_words
from insights.selectors.experiment_policy import PolicyReport
from insights.selectors.experiments import ExperimentResult

ROLES = {"primary": "Decides", "secondary": "Watched", "guardrail": "Must not get worse"}


def effect_rows(result: ExperimentResult) -> list[dict[str, Any]]:
    """A row for each metric and variant, the metric that decides first."""
    if result.report is None or result.test is None:
        return []
    metrics = {one.name: one for one in result.test.metrics}
    order = {"primary": 0, "secondary": 1, "guardrail": 2}
    effects = sorted(result.report.effects, key=lambda one: order[metrics[one.metric].role])
    return [_effect(metrics[one.metric], one) for one in effects]


def _effect(metric: Metric, one: ArmEffect) -> dict[str, Any]:
    interval = deciding_interval(one)
    thin = one.reason is not None
    outlook = one.outlook
    return {
        "id": f"{one.metric}-{one.arm}",
        "metric": metric.name,
        "role": ROLES[metric.role],
        "arm": one.arm,
        "control": level(metric, one.value_control),
        "value": level(metric, one.value),
        "relative": one.relative,
        "range": "" if interval is None or thin else _ends(interval.low, interval.high),
        "once": _ends(one.relative_interval.low, one.relative_interval.high)
        if one.relative_interval
        else "",
        "p": "" if thin else p_words(one.deciding_p),
        "p_once": p_text(one.log10_p * LN10),
        "p_corrected": p_words(one.corrected_p["holm"]) if "holm" in one.corrected_p else "–",
        "beats": "" if one.probability_to_beat is None else chance_words(one.probability_to_beat),
        "loss": "" if one.expected_loss is None else level(metric, one.expected_loss),
        "power": "" if outlook.power_now is None else formats.percent(outlook.power_now, 0),
        "note": _note(one),
    }


def _note(one: ArmEffect) -> str:
    found = [REASON_TEXT[one.reason]] if one.reason else []
    change = one.adjustment
    if change and change.reason is None:
        gone = formats.percent(change.variance_reduction, 0)
        found.append(f"Adjusted by the value from before (CUPED): {gone} of the variance is gone.")
    elif change and change.reason:
        found.append(f"Not adjusted. {REASON_TEXT[change.reason]}")
    if one.sensitivity and one.sensitivity.fragile:
        found.append("The answer hangs on a single unit.")
    return " ".join(found)


def _ends(low: float, high: float) -> str:
    return f"{formats.percent_signed(low, 1)} to {formats.percent_signed(high, 1)}"


def level(metric: Metric, value: float) -> str:
    """A level of a metric: a share in percent, else per unit."""
    if metric.kind is Kind.PROPORTION:
        return formats.percent(value, 2)
    return formats.number(value, 4 if abs(value) < 1 else 2)


def p_words(p: float) -> str:
    return "< 0.0001" if p < 0.0001 else f"{p:.4f}".rstrip("0") if p < 1 else "1"


def factor_rows(result: ExperimentResult) -> list[dict[str, Any]]:
    """Main effects, then interactions, each corrected over all of them."""
    if result.test is None:
        return []
    metric, alpha = result.test.primary, result.test.alpha
    rows = []
    for one in result.factors:
        low, high = float(one.difference.low), float(one.difference.high)
        is_clear = one.p < alpha
        rows.append(
            {
                "effect": " × ".join(f"{factor}: {name}" for factor, name in one.levels),
                "kind": "on average" if len(one.levels) == 1 else "together",
                "estimate": _signed(metric, float(one.difference.estimate)),
                "range": f"{_signed(metric, low)} to {_signed(metric, high)}",
                "p": p_words(one.p),
                "verdict": "changes it" if is_clear else "no effect shown",
            }
        )
    return rows


def _signed(metric: Metric, value: float) -> str:
    if metric.kind is Kind.PROPORTION:
        return formats.points(value)
    return formats.signed(value)


def policy_rows(report: PolicyReport) -> list[dict[str, Any]]:
    return [
        {
            "name": one.name,
            "note": "in force" if one.is_ours else "",
            "value": _value(one.value.self_normalised),
            "range": _range(one.value.self_normalised),
            "plain": _value(one.value.inverse_propensity),
            "robust": _value(one.value.doubly_robust) if one.value.doubly_robust else "",
            "effective": round(one.value.self_normalised.effective),
        }
        for one in report.checks
    ]


def _value(one: PolicyValue) -> str:
    return "too few choices" if one.value is None else formats.percent(one.value, 2)


def _range(one: PolicyValue) -> str:
    if one.interval is None:
        return ""
    return f"{formats.percent(one.interval.low, 2)} to {formats.percent(one.interval.high, 2)}"


def soundness(result: ExperimentResult) -> list[tuple[str, str]]:
    """Whether the test may be trusted, point by point."""
    if result.report is None or result.test is None:
        return []
    split, best = result.report.split, result.best
    shares = " : ".join(formats.number(seen) for seen in split.observed)
    kept = "broken" if split.fails else "as planned"
    found = [("Split", f"{shares}, {kept} (p {p_words(split.p)})")]
    found.append(("Plan", "changed" if _is_changed(result) else "kept as sealed"))
    if best is not None:
        found += _outlook(best)
    chances: Mapping[str, float] = result.report.chance_best
    if len(chances) > 2:
        top = max(chances, key=lambda name: chances[name])
        found.append(("Best of all", f"{top}, {chance_words(chances[top])}"))
    return found


def _is_changed(result: ExperimentResult) -> bool:
    return any(one.startswith("The plan was sealed with") for one in result.deviations)


def _outlook(best: ArmEffect) -> list[tuple[str, str]]:
    outlook = best.outlook
    found: list[tuple[str, str]] = []
    if outlook.power_now is not None:
        found.append(("Power so far", formats.percent(outlook.power_now, 0)))
    if outlook.detectable is not None:
        found.append(("Could show by now", f"{formats.percent(outlook.detectable)} or more"))
    if outlook.units_left:
        days = f", {outlook.days_left} days" if outlook.days_left else ""
        found.append(("Still needed", f"{formats.number(outlook.units_left)} units{days}"))
    return found
