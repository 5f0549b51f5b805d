"""A report as CSV: exact decimals, days as ISO, blank where there is no data."""

from __future__ import annotations

import pandas as pd

from core.money import MICROS
from integrations.rules.answers import FRACTIONS
from integrations.rules.connector.values import FLAG_TYPE, NUMBER_TYPE, Column


def to_csv(report: pd.DataFrame, platform: str) -> str:
    """The report with the platform in front, its rows in the order of their first columns."""
    cells = pd.DataFrame({name: _written(report[name]) for name in report.columns})
    cells.insert(0, "platform", platform)
    return cells.to_csv(index=False, lineterminator="\n")


def rows_to_csv(rows: pd.DataFrame) -> str:
    """The rows of an import as the file that is kept of it; ``row`` is their line in it."""
    cells = rows.drop(columns="row")
    for measure in FRACTIONS:
        cells[measure] = _written(cells[measure])
    return cells.to_csv(index=False, lineterminator="\n")


def _written(values: Column) -> Column:
    if str(values.dtype) == NUMBER_TYPE:
        return values.map(in_units, na_action="ignore")
    if str(values.dtype) == FLAG_TYPE:
        return values.map({True: "true", False: "false"})
    return values


def in_units(millionths: int) -> str:
    """Millionths as a plain decimal: 20836690 is 20.83669, 5000000 is 5."""
    whole, rest = divmod(abs(millionths), MICROS)
    decimals = f".{rest:06d}".rstrip("0") if rest else ""
    return f"{'-' if millionths < 0 else ''}{whole}{decimals}"
