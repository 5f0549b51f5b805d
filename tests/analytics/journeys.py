"""Journeys written down by hand or drawn at random, for the tests of attribution."""

from collections.abc import Sequence

import numpy as np

from analytics.arrays import FloatArray, IntArray
from analytics.attribution import Conversions, How, Paths, Touches, paths_from_texts
from analytics.attribution.windows import MICROSECONDS_A_DAY
from analytics.results import Interval

# who, day, channel; a fourth entry says how.
Row = tuple[int, float, str] | tuple[int, float, str, How]


def touches(*rows: Row) -> Touches:
    channels = tuple(dict.fromkeys(row[2] for row in rows))
    return Touches(
        who=np.array([row[0] for row in rows], dtype=np.int64),
        at=moments([row[1] for row in rows]),
        channel=np.array([channels.index(row[2]) for row in rows], dtype=np.int64),
        how=np.array([row[3] if len(row) == 4 else How.CLICK for row in rows], dtype=np.int64),
        channels=channels,
    )


def conversions(*rows: tuple[int, float, float]) -> Conversions:
    """Rows of who, day, value."""
    return Conversions(
        who=np.array([row[0] for row in rows], dtype=np.int64),
        at=moments([row[1] for row in rows]),
        value=np.array([row[2] for row in rows], dtype=np.float64),
    )


def moments(days: Sequence[float]) -> IntArray:
    found: IntArray = np.rint(np.array(days) * MICROSECONDS_A_DAY).astype(np.int64)
    return found


def paths(*rows: tuple[str, float, float, float]) -> Paths:
    """Rows of path, conversions, value, nulls."""
    texts = [row[0] for row in rows]
    gained, value, nulls = np.array([row[1:] for row in rows], dtype=np.float64).T
    return paths_from_texts(texts, conversions=gained, value=value, nulls=nulls)


def written(found: Paths) -> list[tuple[str, float, float, float]]:
    """Paths as rows again, in alphabetical order."""
    spelled = [
        " > ".join(found.channels[c] for c in found.touch[a:b])
        for a, b in zip(found.starts[:-1], found.starts[1:], strict=True)
    ]
    columns = zip(found.conversions, found.value, found.nulls, strict=True)
    return sorted(
        (text, float(gained), float(value), float(nulls))
        for text, (gained, value, nulls) in zip(spelled, columns, strict=True)
    )


def credit(found: Paths, share: FloatArray) -> dict[str, float]:
    """Conversions by channel under the touch shares of a rule, channels without credit left out."""
    amounts = np.bincount(
        found.touch, share * found.conversions[found.path_of_touch], len(found.channels)
    )
    return {
        name: round(float(amount), 12)
        for name, amount in zip(found.channels, amounts, strict=True)
        if amount
    }


def holds(interval: Interval | None, value: float) -> bool:
    assert interval is not None
    return interval.low <= value <= interval.high


def width(interval: Interval | None) -> float:
    assert interval is not None
    return interval.high - interval.low
