"""The weather every line shares: demand by team and the price of attention, day by day."""

from dataclasses import dataclass

import numpy as np

from demo.market.catalogue import TEAMS
from demo.market.model import FloatArray, IntArray
from demo.market.season import prices, weekday_demand, yearly_demand


@dataclass(frozen=True, slots=True, eq=False)
class Climate:
    """`days` are all ordinals of the market (D,); the rest runs along them."""

    days: IntArray
    price: FloatArray
    weekday: FloatArray
    yearly: dict[str, FloatArray]


def climate_of(first_day: int, last_day: int) -> Climate:
    """The climate of the days from `first_day` to `last_day`, both ordinals and included."""
    days = np.arange(first_day, last_day + 1, dtype=np.int64)
    return Climate(
        days=days,
        price=prices(days),
        weekday=weekday_demand(days),
        yearly={team.key: yearly_demand(days, team.key) for team in TEAMS},
    )
