"""Markets with known response curves: several kinds of channels, seasons, drifts and noise.

What varies between markets is drawn from wide ranges; no prior of `analytics.response` fits them
exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.arrays import FloatArray
from analytics.response import Curves, Market

Random = np.random.Generator


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """A market, its true contributions and returns (C,), and its true curves (one draw)."""

    market: Market
    contribution: FloatArray
    roi: FloatArray
    curves: Curves


def simulated(seed: int) -> Truth:
    """The market of this seed: 78 to 156 weeks, three to six channels."""
    random = np.random.default_rng((seed, 5))
    weeks, channels = int(random.choice([78, 104, 156])), int(random.integers(3, 7))
    season = _season(random, weeks)
    level = 1e6 * np.exp(random.normal())
    promo = (random.random(weeks) < 0.08).astype(np.float64)
    base = _baseline(random, level, season) + promo * level * random.uniform(0.05, 0.2)
    share = np.maximum(random.dirichlet(np.full(channels, 1.5)), 0.02)
    roi = random.lognormal(np.log(2), 0.4) * random.lognormal(0, 0.6, channels)
    media = np.clip(random.lognormal(np.log(0.3), 0.35), 0.08, 0.55)
    total = level * weeks * media / (1 - media)
    spend = _spend(random, season, total / (share @ roi) * share)
    names = tuple(f"c{number}" for number in range(channels))
    curves = _curves(random, names, spend, roi)
    brought = curves.weekly(spend)[:, 0]
    noise = _noise(random, weeks) * random.uniform(0.02, 0.06) * base.mean()
    result = base + brought.sum(axis=1) + noise
    market = Market(names, spend, result, promo[:, None])
    return Truth(market, brought.sum(axis=0), roi, curves)


def _season(random: Random, weeks: int) -> FloatArray:
    year = np.arange(weeks) / 52.18
    first = random.uniform(0.03, 0.2) * np.sin(2 * np.pi * (year + random.random()))
    second = random.uniform(0, 0.06) * np.sin(4 * np.pi * (year + random.random()))
    total: FloatArray = first + second
    return total


def _baseline(random: Random, level: float, season: FloatArray) -> FloatArray:
    """Trend and season; half of the markets also wander by some percent."""
    trend = random.uniform(-0.1, 0.25) * np.linspace(0, 1, len(season))
    walk = random.normal(size=len(season)).cumsum()
    walk = (walk - walk.mean()) / walk.std() * random.choice([0, 0, 0.02, 0.04])
    base: FloatArray = level * (1 + trend + season) * (1 + walk)
    return base


def _spend(random: Random, season: FloatArray, total: FloatArray) -> FloatArray:
    """Spend (T, C): always on or in flights, a third of the channels follow the season."""
    columns = []
    for amount in total:
        spend = random.lognormal(0, random.uniform(0.2, 0.6), len(season))
        spend *= 1 + random.choice([0, 0, 1.5]) * season
        if random.random() < 0.4:
            spend *= _flights(random, len(season))
        columns.append(spend * amount / spend.sum())
    return np.array(columns).T


def _flights(random: Random, weeks: int) -> FloatArray:
    on, week = np.zeros(weeks), 0
    while week < weeks:
        length = int(random.integers(3, 16))
        on[week : week + length] = 1.0
        week += length + int(random.integers(1, 9))
    return on


def _curves(random: Random, names: tuple[str, ...], spend: FloatArray, roi: FloatArray) -> Curves:
    """Curves scaled so that each channel returns its `roi` over all weeks."""
    count = len(names)
    slow = random.random(count) > 0.7
    decay = np.where(slow, random.uniform(0.4, 0.8, count), random.beta(2, 4, count))[None]
    half = spend.mean(axis=0) / (1 - decay) * random.lognormal(0, 0.45, count)
    slope = random.uniform(0.7, 2.0, (1, count))
    one = Curves(
        names, decay, half, slope, np.ones((1, count)), spend.mean(axis=0), spend.max(axis=0)
    )
    top = roi * spend.sum(axis=0) / one.weekly(spend).sum(axis=(0, 1))
    return Curves(names, decay, half, slope, top[None], one.current, one.most)


def _noise(random: Random, weeks: int) -> FloatArray:
    """Noise with deviation one; a third of the markets remember the week before."""
    memory = random.choice([0, 0, 0.4])
    noise = random.normal(size=weeks)
    for week in range(1, weeks):
        noise[week] = memory * noise[week - 1] + np.sqrt(1 - memory**2) * noise[week]
    return noise
