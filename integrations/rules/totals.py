"""Totals that the platform wrote into the file, against what its rows add up to.

The first total below the rows covers exactly the rows shown; it must agree to half a minor unit per
row, or rows were lost on the way. Totals after it cover an account or a network and are only shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from core.money import MICROS, minor_digits
from integrations.rules.answers import AMOUNTS, COUNTS, FRACTIONS, ControlTotal
from integrations.rules.grid import Flags, Grid, Places
from integrations.rules.measures import Measured
from integrations.rules.number_columns import (
    BOUND,
    FINE,
    MISSING,
    Numbers,
    read_shapes,
    values_of,
)
from integrations.rules.numbers import POINT
from integrations.rules.words import is_total_label

_ROWS_OF_A_SUM = 2
_MOST_TOTALS = 50
_SHARED = (*FRACTIONS, *COUNTS)


@dataclass(frozen=True, slots=True)
class Sums:
    """What the data rows add up to per measure, exact; ``unreadable`` measures miss some rows."""

    by_measure: Mapping[str, Decimal]
    unreadable: frozenset[str]
    rows: int


def exact_sum(numbers: Numbers, keep: Flags) -> int:
    """The sum of the good values among ``keep``, of any size."""
    values = numbers.values[keep & (numbers.states == FINE)]
    high, low = np.divmod(values, MICROS)
    return int(high.sum()) * MICROS + int(low.sum())


def in_units(measure: str, total: int) -> Decimal:
    """A sum in units: micros of fractions divided, counts as they are."""
    return Decimal(total) / MICROS if measure in FRACTIONS else Decimal(total)


def sums_of(measured: Measured, keep: Flags) -> Sums:
    """Sums over all data rows that count once, whether they are accepted or held."""
    unreadable = {
        measure
        for measure, numbers in measured.numbers.items()
        if (keep & ~np.isin(numbers.states, (FINE, MISSING, BOUND))).any()
    }
    sums = {
        measure: in_units(measure, exact_sum(numbers, keep))
        for measure, numbers in measured.numbers.items()
    }
    return Sums(sums, frozenset(unreadable), int(keep.sum()))


def exact_amount(total: Decimal, currency: str) -> Decimal:
    """At least the currency's minor digits, more only where they are needed: 1855.00, 12.345679."""
    plain = total.normalize()
    digits = max(minor_digits(currency), -int(plain.as_tuple().exponent))
    return total.quantize(Decimal(1).scaleb(-digits))


@dataclass(frozen=True, slots=True)
class StatedTotal:
    """A total row: where it stands, its label and what it says per measure."""

    record: int
    line: int
    label: str
    values: Mapping[str, Decimal]


def read_stated(grid: Grid, records: Sequence[int], measured: Measured) -> list[StatedTotal]:
    """The numbers in total rows, under the decimal mark of their column."""
    if not records:
        return []
    places = np.array(sorted(records)[:_MOST_TOTALS], dtype=np.int64)
    found: list[dict[str, Decimal]] = [{} for _ in places]
    for measure, column in measured.columns.items():
        if measure not in _SHARED:
            continue
        for at, value in _stated_values(grid, places, measure, column, measured):
            found[at][measure] = value
    labels = [_label(grid, int(record)) for record in places]
    return [
        StatedTotal(int(record), grid.line(int(record)), label, values)
        for record, label, values in zip(places, labels, found, strict=True)
    ]


def _stated_values(
    grid: Grid, places: Places, measure: str, column: int, measured: Measured
) -> Iterator[tuple[int, Decimal]]:
    in_micros = measured.in_micros == measure
    shapes = read_shapes(grid, places, column, counts=measure in COUNTS)
    numbers = values_of(shapes, measured.marks.get(measure) or POINT, in_micros=in_micros)
    for at, state in enumerate(numbers.states):
        if state == FINE:
            yield at, in_units(measure, int(numbers.values[at]))


def _label(grid: Grid, record: int) -> str:
    cells = (cell.strip() for cell in grid.record(record, 64))
    return next((cell for cell in cells if is_total_label(cell)), "The row without a campaign")


def tolerance(measure: str, currency: str, rows: int) -> Decimal:
    """Half a minor unit of the currency per row; conversions half a hundredth; counts nothing."""
    if measure in AMOUNTS:
        return Decimal(rows) * Decimal(5).scaleb(-minor_digits(currency) - 1)
    return Decimal(rows) * Decimal("0.005") if measure in FRACTIONS else Decimal(0)


def compare(
    stated: Sequence[StatedTotal], sums: Sums, currency: str, *, binding: bool
) -> list[ControlTotal]:
    """Each stated number beside the rows' own sum; only the first total's spend can bind."""
    found = []
    for place, total in enumerate(stated):
        for measure, expected in total.values.items():
            found.append(
                ControlTotal(
                    row=total.line,
                    label=total.label,
                    measure=measure,
                    expected=expected,
                    actual=sums.by_measure.get(measure, Decimal(0)),
                    tolerance=tolerance(measure, currency, sums.rows),
                    binding=binding and place == 0 and measure == "spend",
                )
            )
    return found


def is_sum_of_rows(total: StatedTotal, sums: Sums, currency: str) -> bool:
    """Whether a row without a name is the sum of the others in every number it has."""
    if sums.rows < _ROWS_OF_A_SUM or not total.values.get("spend"):
        return False
    return all(
        abs(stated - sums.by_measure[measure]) <= tolerance(measure, currency, sums.rows)
        for measure, stated in total.values.items()
    )
