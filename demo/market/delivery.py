"""What the platforms deliver: impressions, clicks and orders per day, creative and segment."""

from dataclasses import dataclass

import numpy as np

from demo.market import stories
from demo.market.catalogue import (
    CHANNELS,
    DEVICES,
    MARKET_SHARES,
    ORDER_VALUE,
    SEGMENTS,
    TEAMS,
    Part,
)
from demo.market.climate import Climate
from demo.market.model import MICROS, BoolArray, Creative, FloatArray, IntArray, Line
from demo.market.response import Curve, curve_through

# Orders vary from day to day by this much (log), and a line drifts slowly by that much.
DAY_NOISE, DAY_MEMORY = 0.10, 0.40
DRIFT, DRIFT_MEMORY = 0.035, 0.985
# The line whose return falls must not owe that to luck, nor be saved by it.
CALM_NOISE = 0.04
MONTH = 365.25 / 12
# Lines smaller than this (spend a day) reach only the team's first market.
WIDE_FROM = 250.0
# One order's value varies by about a third.
ORDER_SHAPE = 8.0
CENT = MICROS // 100


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A line with its creatives and its spend (N,) on the market's days at `positions` (N,)."""

    line: Line
    part: Part
    creatives: tuple[Creative, ...]
    positions: IntArray
    spend: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Delivered:
    """One line's results, measures of shape (N, C, S), and what lies behind them.

    `effect` (N,) is all that moved orders besides spend, `price` (N,) what the line paid for
    attention, `fatigue` (N, C) what is left of each creative's first click rate. `shown` says
    which combinations have a row. `lost` (N,) are orders the platform's tag missed.
    """

    curve: Curve
    effect: FloatArray
    price: FloatArray
    fatigue: FloatArray
    segments: IntArray
    shown: BoolArray
    impressions: IntArray
    clicks: IntArray
    spend_micros: IntArray
    orders: IntArray
    revenue_micros: IntArray
    lost: IntArray


def deliver(task: Task, climate: Climate, generator: np.random.Generator) -> Delivered:
    """Return what the task's spend brings, with counting noise."""
    line, habits = task.line, CHANNELS[task.part.channel]
    days, last_day = climate.days[task.positions], int(climate.days[-1])
    price = climate.price[task.positions]
    price = np.ones_like(price) if line.key == stories.FALLING_LINE else price
    segments, traffic, buying = _segments(line, task.part)
    running = _running(task.creatives, days)
    share = _creative_share(running, generator)[:, :, None] * traffic
    fatigue = _fatigue(line, task.creatives, days, last_day)
    cents = _split(np.round(task.spend * 100).astype(np.int64), share)
    impressions = _impressions(cents, habits.cpm * price, generator)
    clicks = _clicks(impressions, habits.ctr, fatigue, generator)
    curve = _curve(task)
    effect = _effect(line, task.positions, climate, generator)
    expected = curve.conversions(task.spend / price) * effect
    weight = share * buying
    weight *= fatigue[:, :, None] / weight.sum(axis=(1, 2), keepdims=True)
    orders = np.minimum(generator.poisson(expected[:, None, None] * weight), clicks)
    value = _revenue(orders, ORDER_VALUE[line.team], generator)
    seen = ~_blind(line, last_day - days)[:, None, None]
    return Delivered(
        curve=curve,
        effect=effect,
        price=price,
        fatigue=fatigue,
        segments=segments,
        shown=np.broadcast_to(running[:, :, None], orders.shape),
        impressions=impressions,
        clicks=clicks,
        spend_micros=cents * CENT,
        orders=orders * seen,
        revenue_micros=value * seen,
        lost=(orders * ~seen).sum(axis=(1, 2)),
    )


def _curve(task: Task) -> Curve:
    habits, part = CHANNELS[task.part.channel], task.part
    orders = part.daily * part.roas / ORDER_VALUE[task.line.team]
    elasticity = part.elasticity or habits.elasticity
    return curve_through(part.daily, orders, elasticity=elasticity, carry=habits.carry)


def _segments(line: Line, part: Part) -> tuple[IntArray, FloatArray, FloatArray]:
    """Positions of the segments the line reaches, share of traffic, and readiness to buy (S,)."""
    team = next(team for team in TEAMS if team.key == line.team)
    wide = part.daily >= WIDE_FROM
    shares = dict(zip(team.markets, MARKET_SHARES[team.key], strict=True))
    reached = team.markets if wide else team.markets[:1]
    positions = [i for i, segment in enumerate(SEGMENTS) if segment.market in reached]
    chosen = [SEGMENTS[i] for i in positions]
    traffic = np.array([shares[s.market] * DEVICES[s.device][0] for s in chosen])
    buying = np.array([DEVICES[s.device][1] for s in chosen])
    return np.array(positions, dtype=np.int64), traffic / traffic.sum(), buying


def _running(creatives: tuple[Creative, ...], days: IntArray) -> BoolArray:
    """Which creatives run on which days; shape (N, C)."""
    starts = np.array([creative.starts_on.toordinal() for creative in creatives])
    ends = np.array([c.ends_on.toordinal() if c.ends_on else days.max() + 1 for c in creatives])
    running: BoolArray = (days[:, None] >= starts) & (days[:, None] <= ends)
    return running


def _creative_share(running: BoolArray, generator: np.random.Generator) -> FloatArray:
    """How the platform spreads delivery over the creatives that run; rows sum to one."""
    liking = np.exp(generator.normal(0, 0.35, running.shape[1]))
    mood = np.exp(generator.normal(0, 0.10, running.shape))
    share = running * liking * mood
    spread: FloatArray = share / share.sum(axis=1, keepdims=True)
    return spread


def _fatigue(
    line: Line, creatives: tuple[Creative, ...], days: IntArray, last_day: int
) -> FloatArray:
    """What is left of each creative's first click rate; shape (N, C), one where nothing tires."""
    left = np.ones((len(days), len(creatives)))
    if line.key != stories.TIRED_LINE:
        return left
    age = days - (last_day - stories.TIRED_SINCE)
    span = stories.TIRED_SINCE - stories.TIRED_FRESH_DAYS
    worn = np.clip((age - stories.TIRED_FRESH_DAYS) / span, 0, 1)
    left[:, -1] = np.where(age >= 0, 1 - stories.TIRED_SHARE * worn, 1.0)
    return left


def _split(cents: IntArray, share: FloatArray) -> IntArray:
    """Share whole cents (N,) out over (N, C, S) so that each day adds up exactly."""
    flat = share.reshape(len(cents), -1)
    upto = np.round(np.cumsum(flat, axis=1) * cents[:, None]).astype(np.int64)
    upto[:, -1] = cents
    return np.diff(upto, axis=1, prepend=0).reshape(share.shape)


def _impressions(cents: IntArray, cpm: FloatArray, generator: np.random.Generator) -> IntArray:
    luck = np.exp(generator.normal(0, 0.06, cents.shape))
    shown: IntArray = generator.poisson(cents * 10 / cpm[:, None, None] * luck)
    return shown


def _clicks(
    impressions: IntArray, ctr: float, fatigue: FloatArray, generator: np.random.Generator
) -> IntArray:
    appeal = np.exp(generator.normal(0, 0.12, impressions.shape[1]))
    rate = np.minimum(ctr * appeal * fatigue, 0.9)[:, :, None]
    clicked: IntArray = generator.binomial(impressions, np.broadcast_to(rate, impressions.shape))
    return clicked


def _effect(
    line: Line, positions: IntArray, climate: Climate, generator: np.random.Generator
) -> FloatArray:
    """Everything that moves a line's orders besides its spend, around one; shape (N,)."""
    days, ago = climate.days[positions], climate.days[-1] - climate.days[positions]
    calm = line.key == stories.FALLING_LINE
    noise = _memory(len(days), CALM_NOISE if calm else DAY_NOISE, DAY_MEMORY, generator)
    drift = _memory(len(days), 0.0 if calm else DRIFT, DRIFT_MEMORY, generator)
    effect: FloatArray = climate.weekday[positions] * np.exp(noise + drift)
    if not calm:
        effect *= climate.yearly[line.team][positions]
    else:
        months = np.maximum(stories.FALLING_DAYS - ago, 0) / MONTH
        effect *= (1 - stories.FALLING_PER_MONTH) ** months
    for change in stories.CHANGES:
        if change.line == line.key:
            effect *= np.where(ago <= change.days_ago, 1 + change.effect, 1.0)
    return effect


def _memory(
    count: int, deviation: float, memory: float, generator: np.random.Generator
) -> FloatArray:
    """Noise that remembers yesterday: an AR(1) of the given standard deviation."""
    shocks = generator.normal(0, 1, count) * np.sqrt(1 - memory**2)
    values, level = np.empty(count), 0.0
    for day, shock in enumerate(shocks):
        level = memory * level + shock if day else generator.normal()
        values[day] = level
    return deviation * values


def _revenue(orders: IntArray, value: float, generator: np.random.Generator) -> IntArray:
    """Value of the orders in micros, whole cents."""
    amounts = generator.gamma(np.maximum(orders, 1) * ORDER_SHAPE, value / ORDER_SHAPE)
    cents = np.round(np.where(orders > 0, amounts, 0.0) * 100).astype(np.int64)
    revenue: IntArray = cents * CENT
    return revenue


def _blind(line: Line, ago: IntArray) -> BoolArray:
    """Days on which the platform's conversion tag was lost; shape (N,)."""
    lost: BoolArray = (ago <= stories.OUTAGE_FIRST) & (ago >= stories.OUTAGE_LAST)
    return lost & (line.platform == stories.OUTAGE_PLATFORM)
