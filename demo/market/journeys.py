"""How members of the club come to buy, and go on buying: drawn from a chain that is known.

Each member moves from touch to touch by fixed chances until they order or lose interest; later
orders follow at a rate of the channel that won them. What any attribution model or lifetime value
ought to find is therefore known: ``planted_journeys_truth``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

TEAM = "uki"
CURRENCY = "GBP"
CHANNELS = ("Direct", "Display", "Email", "Retail media", "Social", "Store event")
# Where journeys begin, and from each channel (rows as above) to which one they go.
BEGIN = (0.08, 0.30, 0.06, 0.12, 0.34, 0.10)
MOVE = (
    (0.04, 0.04, 0.12, 0.06, 0.06, 0.02),
    (0.08, 0.10, 0.10, 0.08, 0.22, 0.03),
    (0.20, 0.03, 0.08, 0.08, 0.05, 0.03),
    (0.12, 0.04, 0.10, 0.08, 0.06, 0.02),
    (0.12, 0.08, 0.16, 0.08, 0.10, 0.04),
    (0.10, 0.02, 0.22, 0.06, 0.04, 0.02),
)
CONVERT = (0.30, 0.02, 0.24, 0.20, 0.07, 0.16)
# Orders a week, and the chance to be lost after each, by the channel of the last touch.
BUYS = (0.055, 0.030, 0.090, 0.035, 0.040, 0.075)
LEAVES = (0.22, 0.38, 0.14, 0.34, 0.32, 0.18)
ORDER_VALUE, SPREAD = 128.0, 0.45
# Members who arrive each day, since when all their touches are kept, and since when orders are.
ARRIVALS, FOLLOWED, KNOWN = 30, 130, 440
OLDER_A_DAY = 3.0
# Members a day who order without a touch that anybody recorded.
UNSEEN_A_DAY = 0.6
# Campaign lines that touches of a channel name, and kinds of touches that name none.
LINES = {
    "Display": "uki-retargeting-display",
    "Social": "uki-retargeting-social",
    "Retail media": "uki-marketplaces-retail_media",
}
SEEN_ONLY = 0.35
DIRECT = CHANNELS.index("Direct")


@dataclass(frozen=True, slots=True)
class Touch:
    """One touch of a member."""

    member: int
    at: datetime
    channel: str
    is_view: bool


@dataclass(frozen=True, slots=True)
class Order:
    """One order of a member."""

    member: int
    at: datetime
    pennies: int


def planted_journeys_truth() -> dict[str, Any]:
    """What was planted, exactly: conversions, removal effects, credit and value of a customer.

    ``removal_effect`` is the share of conversions lost when whoever reaches a channel is lost,
    ``credit`` the same normed to one; ``value`` by channel of the last touch and days.
    """
    begin, move, convert = np.array(BEGIN), np.array(MOVE), np.array(CONVERT)
    rate = _converts(begin, move, convert)
    lost = []
    for channel in range(len(CHANNELS)):
        stays = np.arange(len(CHANNELS)) != channel
        left = _converts(begin[stays], move[np.ix_(stays, stays)], convert[stays])
        lost.append(1 - left / rate)
    visits = np.linalg.solve((np.eye(len(begin)) - move).T, begin)
    total = sum(lost)
    return {
        "team": TEAM,
        "conversion": "customer",
        "channels": list(CHANNELS),
        "conversion_rate": rate,
        "unattributed": UNSEEN_A_DAY / (ARRIVALS * rate + UNSEEN_A_DAY),
        "touches_a_journey": float(visits.sum()),
        "removal_effect": dict(zip(CHANNELS, lost, strict=True)),
        "credit": {name: one / total for name, one in zip(CHANNELS, lost, strict=True)},
        "last_touch": dict(zip(CHANNELS, (visits * convert / rate).tolist(), strict=True)),
        "value": {name: _values(n) for n, name in enumerate(CHANNELS)},
    }


def _converts(
    begin: np.ndarray[Any, Any], move: np.ndarray[Any, Any], convert: np.ndarray[Any, Any]
) -> float:
    return float(begin @ np.linalg.solve(np.eye(len(begin)) - move, convert))


def _values(channel: int) -> dict[str, float]:
    """The first order, and those expected until a member is lost: (1 - exp(-rate × chance × t))
    ÷ chance."""
    rate, chance = BUYS[channel] / 7, LEAVES[channel]
    return {
        str(days): ORDER_VALUE * (1 + (1 - np.exp(-rate * chance * days)) / chance)
        for days in (90, 180, 365)
    }


def drawn_journeys(seed: int, last_day: date) -> tuple[list[Touch], list[Order]]:
    """Touches and orders of all members up to the end of ``last_day``, in order of time."""
    dice = np.random.default_rng((seed, 61))
    end = datetime.combine(last_day + timedelta(days=1), datetime.min.time())
    touches: list[Touch] = []
    orders: list[Order] = []
    member = 0
    for member, began in enumerate(_arrivals(dice, end), start=1):
        walk, converts = _walk(dice)
        is_old = began < end - timedelta(days=FOLLOWED)
        moments = _moments(dice, began, len(walk))
        if is_old:
            # Of older members only the touch that won them was kept.
            walk, moments, converts = walk[-1:], moments[-1:], True
        for channel, at in zip(walk, moments, strict=True):
            if at < end:
                is_view = CHANNELS[channel] == "Display" and dice.random() < SEEN_ONLY
                touches.append(Touch(member, at, CHANNELS[channel], bool(is_view)))
        if converts:
            bought = moments[-1] + timedelta(minutes=int(dice.integers(4, 900)))
            orders += [one for one in _orders(dice, member, walk[-1], bought, end) if one.at < end]
    for began in _unseen(dice, end):
        member += 1
        orders += [one for one in _orders(dice, member, DIRECT, began, end) if one.at < end]
    return sorted(touches, key=lambda one: one.at), sorted(orders, key=lambda one: one.at)


def _arrivals(dice: np.random.Generator, end: datetime) -> Iterator[datetime]:
    for back in range(KNOWN, 0, -1):
        often = ARRIVALS if back <= FOLLOWED else OLDER_A_DAY
        for _ in range(int(dice.poisson(often))):
            yield end - timedelta(days=back) + timedelta(minutes=int(dice.integers(0, 1_440)))


def _unseen(dice: np.random.Generator, end: datetime) -> Iterator[datetime]:
    for back in range(FOLLOWED, 0, -1):
        for _ in range(int(dice.poisson(UNSEEN_A_DAY))):
            yield end - timedelta(days=back) + timedelta(minutes=int(dice.integers(0, 1_440)))


def _walk(dice: np.random.Generator) -> tuple[list[int], bool]:
    """Channels in the order they were met, and whether an order followed."""
    here = int(dice.choice(len(CHANNELS), p=BEGIN))
    walk = [here]
    while True:
        luck = dice.random() - CONVERT[here]
        if luck < 0:
            return walk, True
        onward = np.cumsum(MOVE[here])
        if luck >= onward[-1]:
            return walk, False
        here = int(np.searchsorted(onward, luck, side="right"))
        walk.append(here)


def _moments(dice: np.random.Generator, began: datetime, count: int) -> list[datetime]:
    gaps = dice.exponential(2.6, count).round(3) + 0.02
    gaps[0] = 0
    return [began + timedelta(days=float(days)) for days in np.cumsum(gaps)]


def _orders(
    dice: np.random.Generator, member: int, channel: int, first: datetime, end: datetime
) -> Iterator[Order]:
    """The first order, and further ones until a member is lost after one of them."""
    at = first
    while at < end:
        worth = ORDER_VALUE * dice.lognormal(-(SPREAD**2) / 2, SPREAD)
        yield Order(member, at, round(100 * worth))
        if at > first and dice.random() < LEAVES[channel]:
            return
        at += timedelta(weeks=float(dice.exponential(1 / BUYS[channel])))
