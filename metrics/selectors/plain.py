"""A result as plain values: what the API and the command line give out, without losing a digit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from core.money import Money, minor_digits
from metrics.rules.buckets import TIME_GRAINS
from metrics.selectors.rates import Rate
from metrics.selectors.result import QueryResult

# Shares and ratios are given to ten digits after the point; sums are exact.
RATIO_DIGITS = Decimal("0.0000000001")


def as_plain(result: QueryResult) -> dict[str, Any]:
    """``{"columns", "rows", "totals", "as_of", ...}`` with amounts and fractions as decimal text.

    A row names each dimension (``campaign``) and gives its number (``campaign_id``).
    """
    as_of = result.as_of
    return {
        "columns": _columns(result),
        "rows": [_dims(result, row) | values(result, row) for row in result.rows],
        "totals": values(result, result.totals),
        "row_count": result.row_count,
        "period": {
            "key": result.period.key,
            "first_day": result.period.start.isoformat(),
            "last_day": result.period.end.isoformat(),
        },
        "currency": result.currency or None,
        "rates": [_rate(rate) for rate in result.rates],
        "refused": dict(result.refused),
        "notes": list(result.notes),
        "data": {
            "first_day": result.first_day and result.first_day.isoformat(),
            "last_day": result.last_day and result.last_day.isoformat(),
        },
        "as_of": as_of and as_of.isoformat(),
        "known_at": result.known_at and result.known_at.isoformat(),
        "batches": [
            {"id": b.pk, "label": b.label, "known_at": b.known_at.isoformat()}
            for b in result.batches
        ],
    }


def _columns(result: QueryResult) -> list[dict[str, Any]]:
    return [
        {
            "key": column.key,
            "label": column.label,
            "unit": column.unit,
            "currency": (result.currency or None) if column.unit == "money" else None,
            "direction": column.direction,
            "formula": column.formula,
        }
        for column in result.columns
    ]


def _dims(result: QueryResult, row: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in result.by:
        value = row[key]
        if key in TIME_GRAINS or key == "currency":
            found[key] = value.isoformat() if isinstance(value, date) else value
        else:
            found[key] = row[f"{key}_label"]
            found[f"{key}_id"] = value
    return found


def values(result: QueryResult, row: Mapping[str, Any]) -> dict[str, Any]:
    """The metrics of a row, and their comparison when there is one."""
    found: dict[str, Any] = {}
    for metric in result.metrics:
        found[metric.key] = _plain(result.value(metric.key, row))
        if result.compared:
            before = f"{metric.key}_before"
            found[before] = _plain(result.value(before, row))
            found[f"{metric.key}_change"] = _plain(row[f"{metric.key}_change"])
    return found


def _plain(value: Money | Decimal | int | None) -> str | int | None:
    if isinstance(value, Money):
        return amount_text(value)
    if isinstance(value, Decimal):
        return decimal_text(value.quantize(RATIO_DIGITS, ROUND_HALF_EVEN))
    return value


def amount_text(amount: Money) -> str:
    """The exact amount with at least the digits in which it is paid: ``1855.00``, ``0.073117``."""
    text = decimal_text(amount.amount)
    whole, _, fraction = text.partition(".")
    fraction = fraction.ljust(minor_digits(amount.currency), "0")
    return f"{whole}.{fraction}" if fraction else whole


def decimal_text(value: Decimal) -> str:
    """Plain digits without an exponent or trailing zeros."""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def _rate(rate: Rate) -> dict[str, str]:
    return {
        "base": rate.base,
        "quote": rate.quote,
        "valid_from": rate.valid_from.isoformat(),
        "rate": decimal_text(rate.rate),
        "name": rate.name,
    }


def as_table(result: QueryResult) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of text, the totals last; for CSV and terminals."""
    heads = [_heading(result, column.key) for column in result.columns]
    rows = [_cells(result, _dims(result, row) | values(result, row)) for row in result.rows]
    total = _cells(result, values(result, result.totals))
    return heads, [*rows, ["Total", *total[1:]] if result.by else total]


def _heading(result: QueryResult, key: str) -> str:
    column = next(c for c in result.columns if c.key == key)
    money = column.unit == "money" and result.currency
    return f"{column.label} ({result.currency})" if money else column.label


def _cells(result: QueryResult, found: Mapping[str, Any]) -> list[str]:
    cells: Sequence[Any] = [found.get(column.key) for column in result.columns]
    return ["" if cell is None else str(cell) for cell in cells]
