"""The input of a fit, and the checks whether history says anything at all."""

from dataclasses import dataclass

import numpy as np

from analytics.arrays import FloatArray
from analytics.results import Reason

# A season can be told from media only when it was seen whole.
MIN_WEEKS = 52
WEEKS_PER_CHANNEL = 8
# Standard deviation over mean of weekly spend below which history holds no experiment.
MIN_VARIATION = 0.05
# Correlation of weekly spend above which two channels count as one.
MAX_CORRELATION = 0.90


@dataclass(frozen=True, slots=True, eq=False)
class Market:
    """Consecutive weeks, oldest first: `spend` (T, C), `result` (T,), `controls` (T, K).

    `money` says that the result is money in the currency of the spend; only then is anything known
    about returns beforehand. `credited` says that the result is not all that was sold but what is
    credited to these very channels: then most of it is assumed to be theirs, whatever the return.
    Raises ValueError on shapes that do not fit, a missing value, negative spend, or a name that
    comes twice.
    """

    names: tuple[str, ...]
    spend: FloatArray
    result: FloatArray
    controls: FloatArray
    money: bool = True
    credited: bool = False

    def __post_init__(self) -> None:
        weeks = len(self.result)
        if self.spend.shape != (weeks, len(self.names)) or len(self.controls) != weeks:
            raise ValueError("spend, result and controls need a row for every week")
        if len(set(self.names)) != len(self.names):
            raise ValueError("a channel is named twice")
        for values in (self.spend, self.result, self.controls):
            if not np.isfinite(values).all():
                raise ValueError("a value is missing or infinite")
        if (self.spend < 0).any():
            raise ValueError("spend is negative")

    def refusal(self) -> Reason | None:
        """Why nothing can be said of any channel."""
        if len(self.result) < max(MIN_WEEKS, WEEKS_PER_CHANNEL * len(self.names)):
            return Reason.TOO_FEW_WEEKS
        if self.result.sum() <= 0:
            return Reason.NO_VOLUME
        refused = self.refusals()
        return next(iter(refused.values())) if len(refused) == len(self.names) else None

    def refusals(self) -> dict[str, Reason]:
        """Channels of which nothing can be said, with the reason."""
        found: dict[str, Reason] = {}
        for name, spend in zip(self.names, self.spend.T, strict=True):
            if spend.sum() == 0:
                found[name] = Reason.NO_SPEND
            elif spend.std() < MIN_VARIATION * spend.mean():
                found[name] = Reason.SPEND_TOO_STEADY
        return found

    def readable(self) -> "Market":
        """The same weeks with the channels whose spend varied."""
        kept = [i for i, name in enumerate(self.names) if name not in self.refusals()]
        names = tuple(self.names[i] for i in kept)
        spend = self.spend[:, kept]
        return Market(names, spend, self.result, self.controls, self.money, self.credited)

    def partners(self) -> dict[str, tuple[str, ...]]:
        """For each channel the others whose spend rose and fell with its own; spend must vary."""
        together = np.abs(np.atleast_2d(np.corrcoef(self.spend.T))) > MAX_CORRELATION
        return {
            name: tuple(
                other for j, other in enumerate(self.names) if j != i and bool(together[i, j])
            )
            for i, name in enumerate(self.names)
        }
