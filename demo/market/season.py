"""Demand and prices over the year: weekdays, seasons, holidays, Black Friday, rising prices."""

from datetime import date, timedelta

import numpy as np

from demo.market.model import FloatArray, IntArray

DEMAND_BY_WEEKDAY = (1.05, 1.02, 0.98, 0.96, 0.94, 0.95, 1.10)
PRICE_RISE_PER_YEAR = 0.08
# Days from Black Friday -> demand and price of attention.
BLACK_FRIDAY = {
    **dict.fromkeys(range(-7, 0), (1.10, 1.10)),
    0: (1.70, 1.35),
    1: (1.35, 1.25),
    2: (1.30, 1.25),
    3: (1.55, 1.30),
    4: (1.10, 1.10),
}
# Demand and price of attention in the middle of each calendar month, and what marketers plan to
# spend: they know the season, so returns stay about level over the year.
DEMAND_BY_MONTH = (0.94, 0.93, 0.97, 1.02, 1.02, 0.97, 0.95, 0.95, 1.00, 1.05, 1.13, 1.10)
PRICE_BY_MONTH = (0.96, 0.96, 0.98, 0.99, 0.99, 0.98, 0.98, 0.98, 1.00, 1.03, 1.08, 1.07)
PLAN_BY_MONTH = (0.85, 0.85, 0.95, 1.05, 1.05, 0.95, 0.90, 0.90, 1.00, 1.10, 1.35, 1.15)
# Month and day, team (None: all) -> demand.
HOLIDAYS: dict[tuple[int, int], tuple[str | None, float]] = {
    (1, 1): (None, 0.70),
    (5, 1): ("dach", 0.85),
    (7, 4): ("na", 0.80),
    (8, 1): ("dach", 0.95),
    (10, 3): ("dach", 0.90),
    (12, 24): (None, 0.60),
    (12, 25): (None, 0.45),
    (12, 26): (None, 0.90),
}


def black_friday(year: int) -> date:
    """The day after the fourth Thursday of November."""
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 22)


def easter(year: int) -> date:
    """Easter Sunday; Meeus 1991, "Astronomical Algorithms", chapter 8."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    rest = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * rest) // 451
    month, day = divmod(h + rest - 7 * m + 114, 31)
    return date(year, month, day + 1)


def weekday_demand(days: IntArray) -> FloatArray:
    """Demand by weekday; shape (D,)."""
    # Ordinal 1 (1 January of year 1) is a Monday.
    demand: FloatArray = np.array(DEMAND_BY_WEEKDAY)[(days - 1) % 7]
    return demand


def yearly_demand(days: IntArray, team: str) -> FloatArray:
    """Demand by season, holidays and Black Friday, around one; shape (D,)."""
    demand = _through_the_year(days, DEMAND_BY_MONTH)
    for position, ordinal in enumerate(days):
        day = date.fromordinal(int(ordinal))
        demand[position] *= _event(day)[0] * _holiday(day, team)
    return demand


def prices(days: IntArray) -> FloatArray:
    """What attention costs, one on the first day: eight percent a year, dearest before Christmas."""
    level = (1 + PRICE_RISE_PER_YEAR) ** ((days - days[0]) / 365.25)
    events = np.array([_event(date.fromordinal(int(day)))[1] for day in days])
    index = level * _through_the_year(days, PRICE_BY_MONTH) * events
    relative: FloatArray = index / index[0]
    return relative


def _through_the_year(days: IntArray, by_month: tuple[float, ...]) -> FloatArray:
    """Monthly values joined by straight lines, December to January too; shape (D,)."""
    day_of_year = [date.fromordinal(int(day)).timetuple().tm_yday for day in days]
    middles = 365.25 * (np.arange(12) + 0.5) / 12
    values: FloatArray = np.interp(day_of_year, middles, by_month, period=365.25)
    return values


def _event(day: date) -> tuple[float, float]:
    return BLACK_FRIDAY.get((day - black_friday(day.year)).days, (1.0, 1.0))


def _holiday(day: date, team: str) -> float:
    if day == easter(day.year):
        return 0.80
    where, demand = HOLIDAYS.get((day.month, day.day), (None, 1.0))
    return demand if where in (None, team) else 1.0
