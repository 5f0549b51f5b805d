"""What a run keeps of its journeys, as plain data: credit in whole micros, shares, paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from analytics.attribution import (
    Attribution,
    Credit,
    Paths,
    attribute,
    funnel,
    links,
    next_steps,
    ranges,
    stability,
    steps,
    top_paths,
    whole_units,
)
from analytics.attribution.chain import TooManyStates
from analytics.results import Interval
from core.money import MICROS
from insights.rules.attribution import Asked
from insights.services.journeys.walks import Walks

SEED = 20_261
# Of the bootstrap: as many draws as keep a million touches within seconds.
MOST_DRAWS, LEAST_DRAWS, TOUCHES_DRAWN = 200, 30, 20_000_000
PATHS_SHOWN, STEPS_SHOWN, CHANNELS_DRAWN = 25, 4, 7
# Days from the first touch to the conversion: up to so many, and above.
DAY_BINS = (0, 1, 3, 7, 14, 30, 60, 90)
OTHERS = "All others"


def credited(walks: Walks, asked: Asked) -> tuple[Attribution, dict[str, Any]]:
    """All models, and their credit so split that it adds up to the micro."""
    answer = attribute(walks.paths, whole=walks.whole, settings=asked.engine)
    conversions = round(answer.conversions - answer.unattributed)
    value = walks.total_micros - round(answer.unattributed_value)
    return answer, {
        "channels": list(answer.channels),
        "models": {
            name: _credit(credit, conversions * MICROS, value)
            for name, credit in answer.models.items()
        },
        "attributed_micros": value,
        "ranges": [
            {"channel": row.channel, "low": row.low, "high": row.high,
             "low_model": row.low_model, "high_model": row.high_model}
            for row in ranges(answer)
        ],
        "reasons": [str(reason) for reason in answer.reasons],
    }  # fmt: skip


def _credit(credit: Credit, conversions: int, value: int) -> dict[str, Any]:
    effects = credit.removal_effect
    return {
        "conversions": list(whole_units(credit.conversions, conversions)),
        "value": list(whole_units(credit.value, value)),
        "removal": None if effects is None else [float(effect) for effect in effects],
        "reason": str(credit.reason) if credit.reason else "",
    }


def firmness(walks: Walks, asked: Asked) -> dict[str, Any]:
    """The 90 % range of each share when journeys are drawn anew, by model."""
    draws = min(MOST_DRAWS, max(LEAST_DRAWS, TOUCHES_DRAWN // max(walks.touches, 1)))
    found = stability(walks.paths, seed=SEED, whole=walks.whole, settings=asked.engine, draws=draws)
    return {
        "draws": draws,
        "reason": str(found.reason) if found.reason else "",
        "models": {
            name: {
                "share": [row.share for row in rows],
                "low": [row.interval.low for row in rows],
                "high": [row.interval.high for row in rows],
                "first": [row.first for row in rows],
            }
            for name, rows in found.models.items()
        },
    }


def journeys_told(walks: Walks) -> dict[str, Any]:
    """Top paths, touches and days to a conversion, the Sankey's links, the funnel, what is next."""
    paths, told = walks.paths, steps(walks.paths)
    drawn = _fewer(walks.whole)
    return {
        "paths": [
            {"path": list(row.path), "conversions": row.conversions, "value": round(row.value),
             "n": row.n, "rate": row.rate, "interval": _ends(row.interval)}
            for row in top_paths(walks.whole, PATHS_SHOWN)
        ],
        "n": told.n,
        "reason": str(told.reason) if told.reason else "",
        "touches": _quantiles(told.touches),
        "days": _quantiles(told.days),
        "by_touches": [[count, times] for count, times in told.by_touches],
        "by_days": _by_days(paths),
        "links": [
            [link.step, link.source, link.target, link.times, link.is_end]
            for link in links(drawn, depth=STEPS_SHOWN)
        ],
        "journeys": float((walks.whole.conversions + walks.whole.nulls) @ walks.whole.touched),
        "funnel": [
            {"name": stage.name, "people": stage.people, "of_previous": stage.of_previous,
             "interval": _ends(stage.interval), "of_first": stage.of_first}
            for stage in funnel(walks.stages)
        ],
        "next": _next(walks.whole),
    }  # fmt: skip


def _ends(interval: Interval | None) -> list[float] | None:
    return [interval.low, interval.high] if interval else None


def _quantiles(found: Any) -> dict[str, float] | None:
    if found is None:
        return None
    return {"p10": found.p10, "p50": found.p50, "p90": found.p90, "mean": found.mean}


def _by_days(paths: Paths) -> list[float]:
    """Conversions by days from the first touch, one number for each of ``DAY_BINS``, the last for
    more."""
    some = paths.lengths > 0
    age = paths.age[paths.starts[:-1][some]]
    place = np.searchsorted(DAY_BINS, age, side="left")
    counts = np.bincount(place, paths.conversions[some], len(DAY_BINS) + 1)
    return [float(count) for count in counts]


def _fewer(paths: Paths) -> Paths:
    """The busiest channels by name, the rest as one: a Sankey of twenty cannot be read."""
    count = len(paths.channels)
    if count <= CHANNELS_DRAWN:
        return paths
    often = np.bincount(paths.touch, minlength=count)
    kept = sorted(np.argsort(-often, kind="stable")[: CHANNELS_DRAWN - 1].tolist())
    code = np.full(count, len(kept))
    code[kept] = np.arange(len(kept))
    names = (*(paths.channels[k] for k in kept), OTHERS)
    return replace(paths, channels=names, touch=code[paths.touch])


def _next(paths: Paths) -> list[dict[str, Any]]:
    try:
        found: Sequence[Any] = next_steps(paths)
    except TooManyStates:
        return []
    return [
        {"channel": row.channel, "then": [[name, share] for name, share in row.then],
         "converts": row.converts, "interval": _ends(row.interval), "ends": row.ends,
         "eventually": row.eventually, "n": row.n}
        for row in found
    ]  # fmt: skip
