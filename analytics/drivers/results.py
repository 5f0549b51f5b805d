"""What the driver trees and the risk list answer with."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.results import Severity


@dataclass(frozen=True, slots=True)
class Driver:
    """What a segment adds to the change of the whole, in the units of the metric.

    `volume + rate + mix = change`. Volume: there was more or less of everything. Rate: the segment
    itself did better or worse. Mix: its share of the volume moved. `before` and `after` are the
    metric within the segment, None without volume. `children` split the segment by one more
    dimension: their changes add up to `change` of a total and to `rate` of a ratio (a segment's
    share moved as one). The root has neither dimension nor segment.
    """

    dimension: str | None
    segment: str | None
    before: float | None
    after: float | None
    change: float
    volume: float
    rate: float
    mix: float
    children: tuple[Driver, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """One factor of a chain: its value before and after, and what its move adds to the change."""

    name: str
    before: float
    after: float
    part: float


@dataclass(frozen=True, slots=True)
class Risk:
    """Something that may happen: its chance (0 to 1), what it would cost, and the days until then.

    `cautious_loss` is a high loss (say P90), where one is known.
    """

    name: str
    chance: float
    loss: float
    days_left: int
    cautious_loss: float | None = None


@dataclass(frozen=True, slots=True)
class RankedRisk:
    """A risk with its score: the loss to be expected, as a share of what it is measured against.

    `change` is how much more that loss is than it was on an earlier list, None where it was not.
    """

    risk: Risk
    expected_loss: float
    cautious_loss: float
    score: float
    change: float | None
    severity: Severity
