"""Achieved, within tolerance or missed: a value against its target, decided without rounding."""

from decimal import Decimal
from fractions import Fraction

from analytics.results import Achievement, Attainment, Better, Reason

Exact = int | float | Decimal | Fraction


def attainment(
    actual: Exact | None, target: Exact | None, *, better: Better, tolerance: Exact = 0
) -> Attainment:
    """Return where `actual` stands against `target`.

    `tolerance` is a fraction of the target (0.05: five percent). HIGHER is achieved at or above
    the target and within tolerance down to target x (1 - tolerance); LOWER mirrors that above.
    ON_TARGET (budgets) is achieved within the tolerance on both sides and missed outside.
    Micros, decimals and fractions are compared exactly; a float counts as the decimal it prints.

    Refuses without a positive target (NO_TARGET) or without a value (NO_VOLUME).
    Raises ValueError on a negative tolerance.
    """
    allowed = _exact(tolerance)
    if allowed < 0:
        raise ValueError("a tolerance cannot be negative")
    if target is None or target <= 0:
        return Attainment(None, None, None, Reason.NO_TARGET)
    if actual is None:
        return Attainment(None, None, None, Reason.NO_VOLUME)
    value, goal = _exact(actual), _exact(target)
    ratio = value / goal
    return Attainment(_achievement(ratio, better, allowed), float(ratio), float(value - goal), None)


def _achievement(ratio: Fraction, better: Better, allowed: Fraction) -> Achievement:
    if better is Better.ON_TARGET:
        return Achievement.ACHIEVED if abs(ratio - 1) <= allowed else Achievement.MISSED
    shortfall = 1 - ratio if better is Better.HIGHER else ratio - 1
    if shortfall <= 0:
        return Achievement.ACHIEVED
    return Achievement.WITHIN_TOLERANCE if shortfall <= allowed else Achievement.MISSED


def _exact(value: Exact) -> Fraction:
    """0.05 becomes one twentieth, not the binary number next to it."""
    return Fraction(str(value)) if isinstance(value, float) else Fraction(value)
