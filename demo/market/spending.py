"""What was planned, in the round numbers of a marketer, and what was then spent day by day."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np

from demo.market import stories
from demo.market.catalogue import CHANNELS, Part
from demo.market.model import MICROS, FloatArray, IntArray, Line, MonthPlan
from demo.market.season import PLAN_BY_MONTH

# Plans above 5,000 are made in steps of 500, smaller ones in steps of 100.
STEPS = ((5_000, 500), (0, 100))
# Share of last week's nudge that is still there this week.
WEEK_MEMORY = 0.85


def running_days(line: Line, days: IntArray, last_day: date) -> IntArray:
    """Positions in `days` on which the line delivers."""
    end = min(line.ends_on or last_day, last_day)
    if line.paused_on is not None:
        end = min(end, line.paused_on - timedelta(days=1))
    inside = (days >= line.starts_on.toordinal()) & (days <= end.toordinal())
    return np.flatnonzero(inside).astype(np.int64)


def plan_line(line: Line, part: Part, last_day: date) -> Iterator[MonthPlan]:
    """Monthly plans from the line's first day to the end of the year, or of its flight."""
    year_end = date((last_day + timedelta(days=31)).year, 12, 31)
    end = line.ends_on or year_end
    month = line.starts_on.replace(day=1)
    while month <= end:
        length = monthrange(month.year, month.month)[1]
        last = month.replace(day=length)
        active = (min(end, last) - max(line.starts_on, month)).days + 1
        steady = line.ends_on is not None or line.key in stories.EVEN_LINES
        season = 1.0 if steady else PLAN_BY_MONTH[month.month - 1]
        amount = _round(part.daily * season * active)
        yield MonthPlan(line.key, month, amount * MICROS, line.currency)
        month = last + timedelta(days=1)


def _round(amount: float) -> int:
    step = next(step for floor, step in STEPS if amount >= floor)
    return max(round(amount / step), 1) * step


def daily_spend(
    line: Line,
    part: Part,
    plans: list[MonthPlan],
    days: IntArray,
    generator: np.random.Generator,
) -> FloatArray:
    """Spend a day on the running days `days` (ordinals); shape (D,), in the line's currency.

    The month's plan in even parts, nudged from week to week and a little every day.
    """
    even = _planned_per_day(line, plans, days)
    wander, memory = CHANNELS[part.channel].wander, WEEK_MEMORY
    if line.key == stories.FALLING_LINE:
        # Small nudges without memory even out within a month: only the story moves its return.
        wander, memory = 0.09, 0.0
    factor = _nudges(days, wander, memory, generator) * np.exp(
        generator.normal(-0.01, 0.05, len(days))
    )
    ago = int(days[-1]) - days if len(days) else days
    if line.key == stories.LIMITED_LINE:
        capped = generator.uniform(0.985, 1.0, len(days))
        factor = np.where(ago < stories.LIMITED_DAYS, capped, factor)
    if line.key == stories.OVERSPENDING_LINE:
        over = (1 + stories.OVERSPENDING_SHARE) * np.exp(generator.normal(0, 0.04, len(days)))
        factor = np.where(ago < stories.OVERSPENDING_DAYS, over, factor)
    spend: FloatArray = even * factor
    return spend


def _planned_per_day(line: Line, plans: list[MonthPlan], days: IntArray) -> FloatArray:
    per_day = np.zeros(len(days))
    for plan in plans:
        first = plan.month.toordinal()
        last = first + monthrange(plan.month.year, plan.month.month)[1] - 1
        start = max(first, line.starts_on.toordinal())
        end = min(last, line.ends_on.toordinal()) if line.ends_on else last
        inside = (days >= start) & (days <= end)
        per_day[inside] = plan.amount_micros / MICROS / (end - start + 1)
    return per_day


def _nudges(
    days: IntArray, wander: float, memory: float, generator: np.random.Generator
) -> FloatArray:
    """A weekly factor around one that drifts: last week's budget is where this week's begins."""
    if not len(days):
        return np.ones(0)
    weeks = (days - days[0]) // 7
    level, levels = 0.0, []
    for shock in generator.normal(0, wander, int(weeks[-1]) + 1):
        level = memory * level + np.sqrt(1 - memory**2) * shock
        levels.append(level)
    factor: FloatArray = np.exp(np.array(levels)[weeks])
    return factor
