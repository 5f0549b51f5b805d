"""Numbers that analytics worked out, as findings and recommendations write them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from core import formats
from core.money import MICROS, Money
from insights.models import Recommendation
from insights.selectors import Outlook
from metrics.choices import MONEY_MEASURES
from metrics.selectors import MEASURE_LABELS, Metric

# Results are few: they are counted per so many units of spend.
UNITS = 100


def from_float(metric: Metric, value: float, currency: str) -> Money | Decimal:
    """A plain number as formats take the metric's values."""
    return (
        Money(round(value * MICROS), currency) if metric.is_money else Decimal(repr(float(value)))
    )


def young_evidence(found: Outlook | None, labels: Mapping[date, str]) -> dict[str, Any]:
    """Which periods of a finding still grow, and by how much: what its picture hatches.

    ``labels`` name the periods by their first day. Their values stand as expected when final.
    """
    young = [label for day, label in labels.items() if found and day in found.values]
    return {"young": {"labels": young, "words": found.words}} if found and young else {}


def effect_written(advice: Recommendation, micros: int) -> str:
    """An expected change in the unit of what comes back: ``+€3.84k`` or ``+38 conversions``."""
    if advice.metric in MONEY_MEASURES:
        return formats.money_signed(Money(micros, advice.currency))
    digits = 0 if abs(micros) >= 10 * MICROS else 1
    count = formats.signed(Decimal(micros) / MICROS, digits)
    return f"{count} {MEASURE_LABELS[advice.metric].lower()}"


def marginal_count(measure: str, marginal: float | None) -> str:
    """What the next unit of spend brings (the next hundred, where results are counted)."""
    value = Decimal(repr(float(marginal or 0.0)))
    return (
        formats.number(value, 2) if measure in MONEY_MEASURES else formats.number(value * UNITS, 1)
    )


def marginal_of(measure: str, marginal: float | None, currency: str) -> str:
    """The same as the rest of a sentence that begins “The next”."""
    count = marginal_count(measure, marginal)
    if measure in MONEY_MEASURES:
        return f"{currency} returns {count}"
    return f"{UNITS} {currency} bring {count} {MEASURE_LABELS[measure].lower()}"
