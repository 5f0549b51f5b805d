"""Points of curves for pictures and tables, and the best split of today's spend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from analytics.allocation import InfeasibleBounds, Rules, optimum
from analytics.response import side_by_side
from insights.rules.allocation import SHIFT
from insights.rules.curve_picture import FURTHEST, CurvePoint
from insights.selectors.response import Board, Unit

STEPS = 20
# A picture reaches no higher than this multiple of today's result.
TALLEST = 2.2


def points_of(unit: Unit) -> list[CurvePoint]:
    """The curve from no spend to twice today's; empty without a curve or without spend today."""
    if unit.curves is None or unit.spend_today <= 0:
        return []
    shares = np.linspace(0, FURTHEST, STEPS + 1)
    spend = shares * unit.spend_today
    result = unit.curves.steady(spend[:, None])[..., 0]
    marginal = unit.curves.marginal(spend[:, None])[..., 0].mean(axis=1)
    low, high = np.quantile(result, [0.1, 0.9], axis=1)
    most = float(unit.curves.most[0])
    return [
        CurvePoint(
            share=float(shares[i]),
            spend=float(spend[i]),
            result=float(result[i].mean()),
            low=float(low[i]),
            high=float(high[i]),
            marginal=float(marginal[i]) if i else None,
            is_beyond=bool(spend[i] > most),
        )
        for i in range(len(shares))
    ]


def tallest(points: Mapping[str, Sequence[CurvePoint]]) -> float:
    """The highest end of all ranges as a multiple of today's result: one scale for all pictures."""
    tops = [max(p.high for p in some) / _today(some) for some in points.values() if _today(some)]
    return min(max(tops, default=1.0), TALLEST)


def _today(points: Sequence[CurvePoint]) -> float:
    return next((point.result for point in points if abs(point.share - 1) < 1e-9), 0.0)


def best_of_today(board: Board) -> dict[str, float]:
    """Unit -> its part of the best split of today's spend, as a multiple of what it spends today.

    Within the usual shift; empty where no split is worth a move.
    """
    units = [unit for unit in board.read if unit.spend_today > 0]
    if len(units) < 2:
        return {}
    curves = side_by_side([unit.curves for unit in units if unit.curves is not None])
    total = round(sum(unit.spend_today for unit in units), 2)
    try:
        best = optimum(curves, total, Rules(max_shift=SHIFT / 100))
    except InfeasibleBounds:
        return {}
    if not best.recommend:
        return {}
    return {unit.key: best.best[unit.key] / unit.spend_today for unit in units}
