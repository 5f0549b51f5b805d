"""When a budget line spends too much or too little of its month, said by chances.

Too much is spent for good, too little can still be moved: both are told when they are likely, and
what is told stays until it is as likely as not, so that one day does not open and close it.
"""

from __future__ import annotations

from dataclasses import dataclass

from analytics.results import REASON_TEXT, Landing

# Told from four in five on: of months of which that was said on the demo market, more than nine
# in ten ended so (`bench/landing.py`); what is told holds until it is no longer the likelier end.
TOLD, HELD = 0.80, 0.50
# Less than this share of the plan is nobody's decision: platforms even out single days.
LEAST_GAP = 0.01
GRAVE = 0.15
# Less than this below plan is shown, but nobody is called: it can be moved until the last day.
QUIET_UNDER = 0.10
# The benchmark looks at months from their fifth day on; earlier chances were never scored.
LEAST_DAYS = 5


@dataclass(frozen=True, slots=True)
class Spending:
    """``gap`` is how far the month ends from its plan (0.1: a tenth over), ``chance`` of that side."""

    kind: str
    gap: float
    chance: float = 0.0
    reason: str = ""


NOTHING = Spending("", 0.0)


def read_spending(landing: Landing, *, held: str = "") -> Spending:
    """``over``, ``under`` or nothing with a reason; ``held`` is what is open.

    What is already over its plan needs no chance.
    """
    if landing.reason is not None:
        return Spending("", 0.0, reason=REASON_TEXT[landing.reason])
    middle, over, under = landing.p50, landing.chance_over, landing.chance_under
    if middle is None or over is None or under is None:
        return NOTHING
    gap = middle / landing.plan - 1
    if landing.spent > landing.plan * (1 + LEAST_GAP):
        return Spending("over", gap, 1.0)
    if landing.days_elapsed < LEAST_DAYS:
        return Spending(
            "",
            0.0,
            reason=f"Only {landing.days_elapsed} days of the month are over; a chance needs {LEAST_DAYS}.",
        )
    if over >= (HELD if held == "over" else TOLD) and gap > LEAST_GAP:
        return Spending("over", gap, over)
    if under >= (HELD if held == "under" else TOLD) and gap < -LEAST_GAP:
        return Spending("under", gap, under)
    return NOTHING
