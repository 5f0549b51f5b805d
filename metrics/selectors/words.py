"""A metric's value and unit as pages write them."""

from __future__ import annotations

from decimal import Decimal

from core import formats
from core.charts import Unit
from core.money import MICROS, Money
from metrics.rules.metric import Metric

Shown = Money | Decimal | int | None


def written(metric: Metric, value: Shown) -> str:
    """Short, with its unit: ``€9.84M``, ``3.4 %``, ``4.26×``, ``1.24M``; an en dash for nothing."""
    if value is None:
        return formats.NOTHING
    if isinstance(value, Money):
        return formats.money(value)
    if metric.unit == "percent":
        return formats.percent(value)
    return formats.ratio(value) if metric.unit == "ratio" else formats.compact(value)


def chart_unit(metric: Metric, currency: str) -> Unit:
    """How a chart writes the metric."""
    if metric.is_money:
        return Unit.money(currency)
    return {"percent": Unit.percent(), "ratio": Unit.ratio()}.get(metric.unit.value, Unit.number())


def typed(metric: Metric, micros: int) -> Decimal:
    """A target's value as people type it: per cents as 3.1, the rest in units."""
    value = Decimal(micros) / MICROS
    return value * 100 if metric.unit == "percent" else value


def micros_of(metric: Metric, value: Decimal) -> int:
    """What a person typed, in micros of the metric's unit; six digits after the point at most."""
    share = value / 100 if metric.unit == "percent" else value
    return int((share * MICROS).to_integral_value())
