"""How much young days still grow: an upper app registers who knows; here it is laid over the days."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from core.periods import Period


@dataclass(frozen=True, slots=True)
class Growing:
    """A platform's day from one source, and what each of its measures is multiplied by to be final."""

    platform: str
    source: int
    day: date
    factors: Mapping[str, Decimal]


# provider(first_day, last_day, as_of): every day that is still young, as known at that moment.
GrowthProvider = Callable[[date, date, datetime | None], Sequence[Growing]]
_providers: list[GrowthProvider] = []


def register_growth(provider: GrowthProvider) -> None:
    """Say who knows how days grow (``insights`` does)."""
    _providers[:] = [provider]


@dataclass(frozen=True, slots=True)
class Growth:
    """The young days of a period; never empty."""

    days: Sequence[Growing]

    def growing(self, measures: Sequence[str]) -> list[str]:
        """Those of the measures that grow on some day."""
        known = {measure for one in self.days for measure in one.factors}
        return [measure for measure in measures if measure in known]

    def params(self, measures: Sequence[str]) -> dict[str, Any]:
        """What the statement names."""
        found: dict[str, Any] = {
            "growth_platforms": [one.platform for one in self.days],
            "growth_sources": [one.source for one in self.days],
            "growth_days": [one.day for one in self.days],
        }
        return found | {
            f"growth_{measure}": [one.factors.get(measure, Decimal(1)) for one in self.days]
            for measure in self.growing(measures)
        }


def growth_of(measures: Sequence[str], period: Period, as_of: datetime | None) -> Growth | None:
    """The growth of a period's young days; None where none of the measures grows any more."""
    days = [one for provider in _providers for one in provider(period.start, period.end, as_of)]
    found = Growth(days)
    return found if found.growing(measures) else None
