"""Response curves and budgets as plain values for JSON, and as lines for people."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from analytics.allocation import Optimum, PhasedPlan
from analytics.commands.answers import plain, why
from analytics.response import ChannelResponse, Curves, ResponseFit
from analytics.results import REASON_TEXT, Interval

# Points of a curve, from no spend to this multiple of the most ever spent in a week.
POINTS, FURTHEST = 11, 1.25


def fit_answer(fit: ResponseFit) -> dict[str, Any]:
    """Channels by name, baseline, and how the fit went."""
    return {
        "channels": {channel.name: _channel(channel, fit.curves) for channel in fit.channels},
        "baseline": fit.baseline,
        "baseline_80": _pair(fit.baseline_80),
        "fit": {
            "weeks": fit.weeks,
            **(plain(fit.quality) if fit.quality else {}),
            "reason": fit.reason,
        },
    }


def optimum_answer(best: Optimum) -> dict[str, Any]:
    """The split with its gain, bounds and checks."""
    return {**plain(best), "uplift_80": _pair(best.uplift_80)}


def phases_answer(plan: PhasedPlan) -> dict[str, Any]:
    """Phases in order with what they bring."""
    phases = [{**plain(one), "result_80": _pair(one.result_80)} for one in plan.phases]
    return {**plain(plan), "phases": phases, "total_80": _pair(plan.total_80)}


def lines(fit: ResponseFit, best: Optimum | None, plan: PhasedPlan | None) -> list[str]:
    """The same for people."""
    if fit.reason is not None:
        return [why(fit.reason)]
    told = [_line(channel) for channel in fit.channels]
    return [
        *told,
        f"Without media: {fit.baseline:,.0f} of {fit.weeks} weeks.",
        *_budget(best),
        *_plan(plan),
    ]


def _channel(channel: ChannelResponse, curves: Curves | None) -> dict[str, Any]:
    told = plain(channel)
    told.pop("name")
    for part in ("contribution_80", "roi_80", "marginal_roi_80"):
        told[part] = _pair(getattr(channel, part))
    return {**told, "curve": _curve(channel.name, curves)}


def _curve(name: str, curves: Curves | None) -> list[dict[str, Any]]:
    """What spend a week, kept up, brings; `beyond` where nobody ever spent as much."""
    if curves is None or name not in curves.names:
        return []
    place = curves.names.index(name)
    most = float(curves.most[place])
    spend = np.linspace(0, FURTHEST * most, POINTS)
    single = curves.only(place)
    result = single.steady(spend[:, None])[..., 0]
    marginal = single.marginal(spend[:, None])[..., 0].mean(axis=1)
    low, high = np.quantile(result, [0.1, 0.9], axis=1)
    return [
        {
            "spend": float(at),
            "result": float(result[i].mean()),
            "result_80": [float(low[i]), float(high[i])],
            "marginal_roi": float(marginal[i]) if at > 0 else None,
            "beyond": bool(at > most),
        }
        for i, at in enumerate(spend)
    ]


def _pair(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [interval.low, interval.high]


def _line(channel: ChannelResponse) -> str:
    if channel.roi is None or channel.roi_80 is None:
        return f"{channel.name}: {why(channel.reason)}" if channel.reason else channel.name
    said = (
        f"{channel.name}: {channel.contribution:,.0f} from {channel.spend:,.0f}, return "
        f"{channel.roi:.2f} (80% {channel.roi_80.low:.2f} to {channel.roi_80.high:.2f}), "
        f"next unit {channel.marginal_roi:.2f}"
    )
    if channel.reason:
        return f"{said}. {REASON_TEXT[channel.reason]} Moves with {', '.join(channel.moves_with)}."
    return said


def _budget(best: Optimum | None) -> list[str]:
    if best is None:
        return []
    gain = (
        f"{best.expected_uplift:,.0f} a week, {best.uplift_share:+.1%} (80% "
        f"{best.uplift_80.low:,.0f} to {best.uplift_80.high:,.0f}), "
        f"chance of a loss {best.chance_of_loss:.0%}"
    )
    limits = "; ".join(
        f"{bound.channel or 'all'} {bound.constraint} {bound.limit:,.2f} ({bound.worth:.2f} a unit)"
        for bound in best.binding
    )
    split = [f"  {name} {amount:,.2f}" for name, amount in best.allocation.items()]
    head = "Spend a week:" if best.recommend else "Leave the mix as it is:"
    return [
        *([] if best.reason is None else [why(best.reason)]),
        head,
        *split,
        f"The best split gains {gain}. {str(best.robustness.badge).capitalize()}.",
        f"Binding: {limits}.",
        *([f"Beyond anything ever spent: {', '.join(best.beyond)}."] if best.beyond else []),
    ]


def _plan(plan: PhasedPlan | None) -> list[str]:
    if plan is None:
        return []
    phases = [
        f"{phase.weeks} weeks of {_split(phase.allocation)}: {phase.result:,.0f}"
        for phase in plan.phases
    ]
    together = (
        f"Still to come after them: {plan.afterwards:,.0f}. Together {plan.total:,.0f} (80% "
        f"{plan.total_80.low:,.0f} to {plan.total_80.high:,.0f})."
    )
    return [*phases, together]


def _split(allocation: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {amount:,.2f}" for name, amount in allocation.items())
