"""When somebody must look at a tool: its contract comes up, or hardly anybody uses it."""

from __future__ import annotations

from decimal import Decimal

# A month is what it takes to ask who needs a tool and to compare it.
AHEAD_DAYS = 30
# The last week before notice is due.
URGENT_DAYS = 7
# Below it two of three paid seats are empty: fewer can be bought at the next renewal.
LEAST_SEATS = Decimal("0.30")
# A year for one active person, in units of the reporting currency: beyond it most tools of the
# field would be cheaper by the piece.
MOST_PER_USER = 5_000


def renewal_severity(days_to_notice: int, *, renews_itself: bool) -> str:
    """Critical in the last week before it renews by itself; what simply ends is quieter."""
    if not renews_itself:
        return "info"
    return "critical" if 0 <= days_to_notice <= URGENT_DAYS else "warning"


def is_due(days_to_notice: int) -> bool:
    """Whether notice has to be thought of."""
    return days_to_notice <= AHEAD_DAYS


def why_unused(seats_used: Decimal | None, per_user_units: Decimal | None) -> str:
    """Why a tool looks unused: ``seats``, ``cost``, or "" when it does not."""
    if seats_used is not None and seats_used < LEAST_SEATS:
        return "seats"
    return "cost" if per_user_units is not None and per_user_units > MOST_PER_USER else ""
