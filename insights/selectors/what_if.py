"""What stored forecasts become when budget, price of a click or conversion rate are turned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import User
from core import formats
from core.parts import Delta
from insights.models import Forecast
from insights.rules.what_if import Ahead, Turned
from insights.selectors.forecasts import Quoted, parts_of
from metrics.selectors import METRICS

# Told of, where they are forecast.
TOLD = ("spend", "clicks", "conversions", "leads", "revenue", "cpa", "cpl", "roas")


@dataclass(frozen=True, slots=True)
class TurnedMetric:
    """A metric before and after."""

    quoted: Quoted
    before: Ahead
    after: Ahead

    @property
    def was(self) -> str:
        return self.quoted.says.written(self.before.value)

    @property
    def becomes(self) -> str:
        return self.quoted.says.written(self.after.value)

    @property
    def range(self) -> str:
        return self.quoted.says.range(self.after.lo80, self.after.hi80)

    @property
    def change(self) -> float | None:
        if not self.before.value or self.after.value is None:
            return None
        return self.after.value / self.before.value - 1

    @property
    def delta(self) -> Delta | None:
        """The change with its judgement; None where there is none."""
        if not self.change:
            return None
        good = self.quoted.metric.up_is_good
        return Delta.of(self.change, formats.percent_signed, up_is_good=good)


@dataclass(frozen=True, slots=True)
class Turn:
    """What comes of the changes over the first ``days``."""

    turned: Turned
    days: int
    rows: Sequence[TurnedMetric]
    own: TurnedMetric


def turn_of(quoted: Quoted, turned: Turned, viewer: User, days: int = 30) -> Turn | None:
    """Every metric of the same issue and subject after the changes; None without spend and clicks.

    Nothing is forecast anew: what was issued is multiplied, so it answers at once.
    """
    parts = parts_of(quoted.forecast, viewer)
    if not {"spend", "clicks"} <= parts.keys():
        return None
    days = min(days, quoted.forecast.horizon)
    told = [key for key in TOLD if key in parts]
    own = quoted.forecast.metric
    if own not in told:
        told.append(own)
    rows = {key: _turned(parts[key], turned, days) for key in told}
    return Turn(turned, days, list(rows.values()), rows[own])


def _turned(part: Forecast, turned: Turned, days: int) -> TurnedMetric:
    quoted = Quoted(part)
    before = quoted.ahead(days)
    return TurnedMetric(quoted, before, before.turned(turned, METRICS[part.metric].measures))
