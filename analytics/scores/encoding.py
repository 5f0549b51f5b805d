"""Columns of a table as numbers, and the same for a row that comes later.

A column is a FloatArray (NaN: no value) or an array of text ("" : no value), all of length N.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.arrays import FloatArray, IntArray

TextArray = NDArray[np.str_]
Column = FloatArray | TextArray
Columns = Mapping[str, Column]

# Values of a text column that fewer rows have are unknown to the model.
MIN_LEVEL = 20
# Rows at the common rate that every value is mixed with before values are put in order.
PRIOR_ROWS = 10


def is_text(column: Column) -> bool:
    return column.dtype.kind == "U"


def distinct(column: Column) -> tuple[list[str], IntArray]:
    """The values of a text column in order, and the place of each row's among them, (N,)."""
    # Sorting long texts takes ten times as long as looking them up.
    places, values = pd.factorize(column.astype(object), sort=True)
    return [str(value) for value in values], np.asarray(places, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Numeric:
    """A column of numbers: what stands for a gap (below all values, and their median), its scale."""

    name: str
    below: float
    median: float
    mean: float
    deviation: float

    @property
    def width(self) -> int:
        return 2

    def ranks(self, column: Column) -> FloatArray:
        """The value, gaps below all others; (N,)."""
        values = np.asarray(column, dtype=np.float64)
        return np.where(np.isnan(values), self.below, values)

    def design(self, column: Column) -> FloatArray:
        """The standardised value, gaps at the median, and whether it is a gap; (N, 2)."""
        values = np.asarray(column, dtype=np.float64)
        gap = np.isnan(values)
        filled = np.where(gap, self.median, values)
        return np.column_stack([(filled - self.mean) / self.deviation, gap])


@dataclass(frozen=True, slots=True)
class Textual:
    """A column of text: its common values by rising rate of the outcome, and where others stand."""

    name: str
    levels: tuple[str, ...]
    unknown: float

    @property
    def width(self) -> int:
        return len(self.levels)

    def ranks(self, column: Column) -> FloatArray:
        """The place of the value; (N,).

        Splits of an ordered list are all the splits worth trying: Fisher 1958, "On Grouping for
        Maximum Homogeneity", Journal of the American Statistical Association 53.
        """
        place = self._places(column)
        return np.where(place < 0, self.unknown, place)

    def design(self, column: Column) -> FloatArray:
        """A one where the value is, (N, levels); zeros for a value that is not known."""
        found = self._places(column)[:, None] == np.arange(self.width)
        return np.asarray(found, dtype=np.float64)

    def _places(self, column: Column) -> IntArray:
        known = {level: place for place, level in enumerate(self.levels)}
        return np.array([known.get(value, -1) for value in column.tolist()], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Encoding:
    """How each of K columns becomes numbers, learnt from the rows a model is fitted on."""

    columns: tuple[Numeric | Textual, ...]

    def ranks(self, table: Columns) -> FloatArray:
        """One number a column, without gaps, (N, K): for trees."""
        return np.column_stack([one.ranks(table[one.name]) for one in self.columns])

    def design(self, table: Columns) -> FloatArray:
        """Several numbers a column, (N, M): for a linear model."""
        return np.hstack([one.design(table[one.name]) for one in self.columns])

    @property
    def owners(self) -> IntArray:
        """Which column each place of `design` belongs to; (M,)."""
        return np.repeat(np.arange(len(self.columns)), [one.width for one in self.columns])


def fit_encoding(table: Columns, outcome: IntArray) -> Encoding:
    """Learn the encoding of all columns from rows whose outcome (N,) of 0 and 1 is known."""
    return Encoding(
        tuple(
            _textual(name, column, outcome) if is_text(column) else _numeric(name, column)
            for name, column in table.items()
        )
    )


def _numeric(name: str, column: Column) -> Numeric:
    values = np.asarray(column, dtype=np.float64)
    known = values[~np.isnan(values)]
    if not len(known):
        return Numeric(name, -1.0, 0.0, 0.0, 1.0)
    filled = np.where(np.isnan(values), np.median(known), values)
    return Numeric(
        name,
        below=float(known.min() - max(1.0, abs(known.min()))),
        median=float(np.median(known)),
        mean=float(filled.mean()),
        deviation=float(filled.std()) or 1.0,
    )


def _textual(name: str, column: Column, outcome: IntArray) -> Textual:
    values, place = distinct(column)
    counts = np.bincount(place)
    base = float(outcome.mean())
    rates = (np.bincount(place, outcome) + PRIOR_ROWS * base) / (counts + PRIOR_ROWS)
    common = np.flatnonzero(counts >= MIN_LEVEL)
    order = common[np.argsort(rates[common], kind="stable")]
    between = float(np.searchsorted(rates[order], base)) - 0.5
    return Textual(name, tuple(values[one] for one in order), between)
