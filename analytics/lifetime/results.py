"""What the functions on lifetime value answer with. Money is in the unit of the purchases."""

from dataclasses import dataclass

from analytics.results import Interval, Reason


@dataclass(frozen=True, slots=True)
class LifetimeValue:
    """What a customer of a cohort brings on average in the first `horizon` days.

    `n` customers are behind it, `seen` of them known for so long. A predicted value (`method`
    "predicted") adds to what was seen what customers not yet so old are expected to buy.
    """

    horizon: int
    value: float | None
    interval: Interval | None
    n: int
    seen: int
    reason: Reason | None
    method: str = "observed"


@dataclass(frozen=True, slots=True)
class Payback:
    """What it cost to win a customer (`cac`) against what the customer brings at `margin`.

    `days` is the first day on which the contribution covers the cost, `chance` (0 to 1) how often
    the bootstrap got there within the days that were observed. `ratio` is the contribution over
    the cost at `horizon`.
    """

    cac: float | None
    horizon: int
    ratio: float | None
    ratio_interval: Interval | None
    days: int | None
    chance: float | None
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Cohort:
    """The customers of one acquisition channel: their values by horizon, and their payback."""

    name: str
    customers: int
    values: tuple[LifetimeValue, ...]
    payback: Payback
