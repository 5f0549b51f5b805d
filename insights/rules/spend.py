"""When a budget line spends too much or too little of its month.

Too much is asked for earlier than too little: spent money does not come back, unspent money can
still be moved.
"""

from __future__ import annotations

from dataclasses import dataclass

from analytics.results import REASON_TEXT, Pace

# Platforms may spend up to twice a daily budget on a day and even it out over the month, so less
# than this is their doing and not a cause.
OVER, UNDER = 0.05, 0.10
GRAVE = 0.15
# Every weekday once: a month that began on a weekend looks slow until then.
LEAST_DAYS = 7


@dataclass(frozen=True, slots=True)
class Spending:
    """``gap`` is how far the month ends from its plan (0.1: a tenth over, -0.1: a tenth under)."""

    kind: str
    gap: float
    reason: str = ""


NOTHING = Spending("", 0.0)


def read_spending(
    pace: Pace, *, plan: float, share_before: float | None = None, held: str = ""
) -> Spending:
    """``over``, ``under`` or nothing with a reason.

    Opens when the whole 80 % range of the run-rate is beyond the limit, and last year's shape of
    the same month, where it is known, agrees; ``held`` (what is open) stays while the middle is
    beyond it. What is already over its plan needs no run-rate.
    """
    if pace.reason is not None:
        return Spending("", 0.0, REASON_TEXT[pace.reason])
    actual, landing, range_ = pace.actual, pace.landing, pace.landing_interval
    if actual is None or landing is None or range_ is None:
        return NOTHING
    if actual > plan * (1 + OVER):
        return Spending("over", max(landing, actual) / plan - 1)
    if pace.days_elapsed < LEAST_DAYS:
        return Spending(
            "",
            0.0,
            f"Only {pace.days_elapsed} days of the month are over; a pace needs {LEAST_DAYS}.",
        )
    gap = landing / plan - 1
    season = None if not share_before else actual / share_before / plan - 1
    low, high = (end / plan - 1 for end in (range_.low, range_.high))
    if (gap if held == "over" else low) > OVER and (season is None or season > OVER):
        return Spending("over", gap)
    if (gap if held == "under" else high) < -UNDER and (season is None or season < -UNDER):
        return Spending("under", gap)
    return NOTHING
