"""What the attribution functions answer with."""

from dataclasses import dataclass

from analytics.arrays import FloatArray
from analytics.results import Interval, Reason


@dataclass(frozen=True, slots=True, eq=False)
class Credit:
    """What one model credits each channel with; every array is (K,), in the order of `channels`.

    `conversions` and `value` add up to all that had a touch. `removal_effect` is the share of
    conversions that would be lost without the channel, None where the model has no such thing.
    With a `reason` the model has no answer and the arrays are zero.
    """

    conversions: FloatArray
    value: FloatArray
    removal_effect: FloatArray | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Attribution:
    """All models side by side on the same journeys.

    `conversions` and `value` are all there were, `unattributed` and `unattributed_value` those
    whose journey has no touch. `disagreement` (0 to 1) is the share of credit that two models
    place differently, on average over all pairs. `reasons` say what to be careful about.
    """

    channels: tuple[str, ...]
    models: dict[str, Credit]
    conversions: float
    value: float
    unattributed: float
    unattributed_value: float
    disagreement: float | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class ChannelRange:
    """The shares (0 to 1) that the models give one channel: the least, the most, and whose."""

    channel: str
    low: float
    high: float
    low_model: str
    high_model: str


@dataclass(frozen=True, slots=True)
class ShareStability:
    """How firmly a model's share of one channel stands when journeys are drawn anew.

    `first` is how often the channel came out on top.
    """

    channel: str
    share: float
    interval: Interval
    first: float


@dataclass(frozen=True, slots=True)
class Stability:
    """Each model's shares over bootstrap draws; `n` is the number of conversions behind them."""

    models: dict[str, tuple[ShareStability, ...]]
    n: float
    draws: int
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class PathRow:
    """A path and what came of it: `n` journeys took it, `rate` (0 to 1) of them converted."""

    path: tuple[str, ...]
    conversions: float
    value: float
    n: float
    rate: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Quantiles:
    """The values that one, five and nine of ten stay at or below, and the mean."""

    p10: float
    p50: float
    p90: float
    mean: float


@dataclass(frozen=True, slots=True)
class Steps:
    """What a conversion took: touches, and days from the first touch, over `n` conversions.

    `by_touches` has (touches, conversions) in rising order.
    """

    touches: Quantiles | None
    days: Quantiles | None
    by_touches: tuple[tuple[int, float], ...]
    n: float
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class NextStep:
    """What follows a touch of `channel`, over `n` touches.

    `then` has (channel, probability); with `converts` and `ends` they add up to one. `interval`
    is that of `converts`; `eventually` is the chance of a conversion in the end.
    """

    channel: str
    then: tuple[tuple[str, float], ...]
    converts: float
    interval: Interval | None
    ends: float
    eventually: float
    n: float


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a funnel: people in it, as a share of those before (with interval) and of all."""

    name: str
    people: int
    of_previous: float | None
    interval: Interval | None
    of_first: float | None


@dataclass(frozen=True, slots=True)
class Link:
    """So many journeys went from `source` at this step (from 0) to `target`, which may be an end."""

    step: int
    source: str
    target: str
    times: float
    is_end: bool
