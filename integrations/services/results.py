"""The answer of a check in plain values: for the page, the API and the command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from core.events import plain
from integrations.rules import AMOUNTS, MARKET_SHARES, ControlTotal, Reading

SAMPLE = 8
MOST_PROBLEMS = 200
# What follows a column's name in the name of the one that holds its bound.
BOUND = "_bound"


def check_result(reading: Reading, chosen: Mapping[str, str]) -> dict[str, Any]:
    """Everything the check page shows; a bounded part of long lists."""
    return {
        "chosen": dict(chosen),
        "header_hash": reading.header_hash,
        "layout": asdict(reading.layout) if reading.layout else None,
        "columns": [asdict(column) for column in reading.columns],
        "questions": [
            {**asdict(question), "code": question.code.value} for question in reading.questions
        ],
        "reasons": reasons(reading)[:MOST_PROBLEMS],
        "sample": sample(reading),
        "sums": {key: format(value, "f") for key, value in reading.sums.items()},
        "controls": [control(total) for total in reading.evidence.control_totals],
        "preamble": list(reading.evidence.preamble[:12]),
        "footers": [list(item) for item in reading.evidence.footers[:12]],
        "how": {
            "encoding": reading.evidence.encoding,
            "separator": reading.evidence.separator,
            "decimal": reading.evidence.decimal_why,
            "dates": reading.evidence.date_why,
            "sheet": reading.evidence.sheet,
        },
        "provisional": plain(list(reading.provisional_days)),
        "time_zone": reading.evidence.time_zone,
        "rows_stated": reading.evidence.rows_stated,
    }


def reasons(reading: Reading) -> list[dict[str, Any]]:
    """Problems as the command prints them; a question counts as the reason of a refusal."""
    found = [
        {
            "row": p.row,
            "column": p.column,
            "code": p.code.value,
            "message": p.message,
            "value": p.value,
        }
        for p in reading.problems
    ]
    asked = [
        {"row": None, "column": q.key, "code": q.code.value, "message": q.sentence, "value": ""}
        for q in reading.questions
    ]
    return found + [item for item in asked if item["code"] not in {f["code"] for f in found}]


def sample(reading: Reading) -> dict[str, list[Any]]:
    """The first accepted rows in the columns that hold anything: ``{"columns", "rows"}``."""
    rows = reading.rows.head(SAMPLE)
    shown = [column for column in rows.columns if _is_used(reading, str(column))]
    return {
        "columns": [str(column) for column in shown],
        "rows": [
            [_bounded(row, str(column)) + _written(str(column), row[column]) for column in shown]
            for row in rows.to_dict("records")
        ],
    }


def _is_used(reading: Reading, column: str) -> bool:
    if column in ("row", "segment") or column.endswith(BOUND):
        return column == "row"
    values = reading.rows[column]
    if column == "period_start":
        return bool((values != reading.rows["day"]).any())
    return bool(values.notna().any()) and set(values.unique()) != {""}


def _bounded(row: Mapping[Any, Any], column: str) -> str:
    """The sign before a share that is only a bound."""
    return {"below": "< ", "above": "> "}.get(row.get(f"{column}{BOUND}", ""), "")


def _written(column: str, value: Any) -> str:
    if value is None or value != value or str(value) == "<NA>":
        return ""
    if column in (*AMOUNTS, "conversions"):
        return format((Decimal(int(value)) / 1_000_000).normalize(), "f")
    if column in MARKET_SHARES:
        return format((Decimal(int(value)) / 10_000).normalize(), "f") + " %"
    return value.strftime("%Y-%m-%d") if hasattr(value, "strftime") else str(value)


def control(total: ControlTotal) -> dict[str, Any]:
    """A platform's own total beside the sum of the rows."""
    return {
        "label": total.label,
        "measure": total.measure,
        "expected": format(total.expected, "f"),
        "actual": format(total.actual, "f"),
        "difference": format(total.difference, "f"),
        "tolerance": format(total.tolerance, "f"),
        "agrees": total.agrees,
        "binding": total.binding,
    }
