"""How people move on: from stage to stage of a funnel, and from touch to touch as a Sankey."""

from collections.abc import Mapping

import numpy as np

from analytics.arrays import FloatArray, IntArray
from analytics.attribution.journeys import rate_interval
from analytics.attribution.paths import Paths, sums
from analytics.attribution.results import Link, Stage
from analytics.attribution.touches import Conversions, Touches

CONVERTED, NOT_CONVERTED, LATER = "converted", "not converted", "later touches"
NEVER = np.iinfo(np.int64).max


def funnel(stages: Mapping[str, Touches | Conversions]) -> tuple[Stage, ...]:
    """How many people came to each stage, in the order given.

    Whoever is in a stage has been through all before it, each no earlier than the one before.
    """
    people = 1 + max((int(stage.who.max(initial=-1)) for stage in stages.values()), default=-1)
    since = np.full(people, np.iinfo(np.int64).min)
    counts = []
    for stage in stages.values():
        since = _reached(stage, since)
        counts.append(int((since < NEVER).sum()))
    return tuple(
        Stage(
            name=name,
            people=count,
            of_previous=count / before if before else None,
            interval=rate_interval(count, before),
            of_first=count / counts[0] if counts[0] else None,
        )
        for name, count, before in zip(stages, counts, [counts[0], *counts], strict=False)
    )


def _reached(stage: Touches | Conversions, since: IntArray) -> IntArray:
    """When each person first came to the stage after being through the last; NEVER if not."""
    in_order = stage.at >= since[stage.who]
    moment = np.full(len(since), NEVER)
    np.minimum.at(moment, stage.who[in_order], stage.at[in_order])
    return np.where(since < NEVER, moment, NEVER)


def links(paths: Paths, *, depth: int) -> tuple[Link, ...]:
    """The flows of a Sankey diagram, from each channel at each of the first `depth` steps.

    Whoever has more touches flows into LATER, so that as much leaves a node as entered it.
    """
    names = (*paths.channels, LATER, CONVERTED, NOT_CONVERTED)
    later, converted, not_converted = range(len(paths.channels), len(names))
    path = paths.path_of_touch
    step = np.arange(len(paths.touch)) - paths.starts[path]
    is_last = step == paths.lengths[path] - 1
    following = np.append(paths.touch[1:], 0)[: len(paths.touch)]
    target = np.where(step + 1 < depth, following, later)
    near = step < depth
    goes_on, ends = np.flatnonzero(near & ~is_last), np.flatnonzero(near & is_last)
    weight = paths.conversions + paths.nulls
    parts = [
        (goes_on, target[goes_on], weight),
        (ends, np.full(len(ends), converted), paths.conversions),
        (ends, np.full(len(ends), not_converted), paths.nulls),
    ]
    places = np.concatenate([place for place, _, _ in parts])
    codes = np.concatenate([code for _, code, _ in parts])
    times = np.concatenate([amount[path[place]] for place, _, amount in parts])
    return _links(names, (step[places], paths.touch[places], codes), times)


def _links(
    names: tuple[str, ...], ways: tuple[IntArray, IntArray, IntArray], times: FloatArray
) -> tuple[Link, ...]:
    rows, which = np.unique(np.stack(ways, axis=1), axis=0, return_inverse=True)
    total = sums(which, times, len(rows))
    return tuple(
        Link(int(step), names[source], names[target], float(amount), bool(target >= len(names) - 3))
        for (step, source, target), amount in zip(rows, total, strict=True)
        if amount > 0
    )
