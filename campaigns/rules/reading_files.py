"""Files of readings: totals of each arm, or one row for each unit.

day,arm,units,orders,refunds          visitor,arm,orders,revenue,revenue before
2026-11-02,control,512,41,3           v-1,control,1,42.50,0
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import isfinite

from campaigns.choices import MetricKind
from core.errors import Invalid

MOST_ROWS = 200_000
MOST_TOLD = 20
BEFORE, SPREAD = " before", " sd"
LARGEST = 1e15


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """What an arm brought for a metric. Without a day: the totals since the test began."""

    arm: str
    metric: str
    units: int
    total: float
    day: date | None = None
    squares: float | None = None
    second_total: float | None = None
    second_squares: float | None = None
    products: float | None = None


class _Problems:
    """What is wrong with a file, each with its row and column, and what is needed there."""

    def __init__(self) -> None:
        self.found: list[dict[str, str]] = []

    def add(self, row: int, column: str, message: str) -> None:
        self.found.append({"where": f"row {row}, column {column}", "message": message})

    def raise_any(self) -> None:
        if self.found:
            first, more = self.found[0], len(self.found) - 1
            rest = f" {more} more like it." if more else ""
            raise Invalid(
                f"Nothing was taken from the file. {first['where'].capitalize()}: "
                f"{first['message']}{rest}",
                where=first["where"],
                details=self.found[:MOST_TOLD],
            )


def read_readings(
    text: str, *, arms: Sequence[str], metrics: Mapping[str, str]
) -> list[ReadingRow]:
    """The readings of a file; ``metrics`` gives each metric's kind.

    Columns are named after the metrics. With a column ``units`` each row holds totals of an arm
    (of a day, where there is a column ``day``), a value's spread under ``<metric> sd``; without
    it each row is one unit, its value from before the test under ``<metric> before``. Raises
    ``Invalid`` with every place that is wrong; nothing is guessed.
    """
    rows = _rows(text)
    head = [cell.strip().lower() for cell in rows[0]]
    known = {name.lower(): name for name in metrics}
    there = [name for name in head if name in known]
    if "arm" not in head or not there:
        raise Invalid(
            "The first row must name the columns: arm, and at least one of "
            f"{', '.join(metrics)}. It names {', '.join(filter(None, head)) or 'nothing'}.",
            where="row 1",
        )
    table = _Table(head, rows[1:], {arm.lower(): arm for arm in arms}, known, metrics)
    return table.totals() if "units" in head else table.units()


def _rows(text: str) -> list[list[str]]:
    sample = text[:4_000].partition("\n")[0]
    mark = max(",;\t", key=sample.count)
    try:
        rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=mark))
    except csv.Error as error:
        raise Invalid(f"The file cannot be read as a table: {error}.", where="row 1") from error
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if len(rows) < 2:
        raise Invalid("The file holds no rows below its heading.", where="row 2")
    if len(rows) > MOST_ROWS:
        raise Invalid(
            f"The file has {len(rows):,} rows; up to {MOST_ROWS:,} are taken.",
            where=f"row {MOST_ROWS + 1}",
            remedy="Send totals of each arm instead.",
        )
    return rows


@dataclass(frozen=True, slots=True)
class _Table:
    head: list[str]
    rows: list[list[str]]
    arms: Mapping[str, str]
    known: Mapping[str, str]
    kinds: Mapping[str, str]

    @property
    def there(self) -> list[str]:
        return [name for name in self.head if name in self.known]

    def cell(self, row: Sequence[str], column: str) -> str:
        place = self.head.index(column)
        return row[place].strip() if place < len(row) else ""

    def arm(self, row: Sequence[str], number: int, problems: _Problems) -> str:
        said = self.cell(row, "arm")
        if said.lower() not in self.arms:
            names = ", ".join(self.arms.values())
            problems.add(number, "arm", f"“{said[:40]}” is no variant of this test; use {names}.")
        return self.arms.get(said.lower(), "")

    def number(self, row: Sequence[str], number: int, column: str, problems: _Problems) -> float:
        said = self.cell(row, column)
        try:
            value = float(said)
        except ValueError:
            value = float("nan")
        if not isfinite(value) or value < 0 or value > LARGEST:
            problems.add(
                number, column,
                f"“{said[:40]}” is no number; write digits with a decimal point, such as 1234.5.",
            )  # fmt: skip
            return 0.0
        return value

    def totals(self) -> list[ReadingRow]:
        """A row for each arm, perhaps each day of it."""
        problems = _Problems()
        found: list[ReadingRow] = []
        seen: set[tuple[str, date | None]] = set()
        for number, row in enumerate(self.rows, start=2):
            arm, day = self.arm(row, number, problems), self.day(row, number, problems)
            if (arm, day) in seen:
                problems.add(number, "arm", f"{arm} is there twice; put its totals into one row.")
            seen.add((arm, day))
            units = self.number(row, number, "units", problems)
            found += [
                self.total(row, number, column, arm, day, units, problems) for column in self.there
            ]
        problems.raise_any()
        return found

    def day(self, row: Sequence[str], number: int, problems: _Problems) -> date | None:
        if "day" not in self.head:
            return None
        try:
            return date.fromisoformat(self.cell(row, "day"))
        except ValueError:
            said = self.cell(row, "day")[:40]
            problems.add(number, "day", f"“{said}” is no day; write it as 2026-11-02.")
            return None

    def total(
        self,
        row: Sequence[str],
        number: int,
        column: str,
        arm: str,
        day: date | None,
        units: float,
        problems: _Problems,
    ) -> ReadingRow:
        value, kind = self.number(row, number, column, problems), self.kinds[self.known[column]]
        if units != int(units):
            problems.add(number, "units", "Units are counted in whole numbers.")
        if kind == MetricKind.PROPORTION and value > units:
            problems.add(
                number, column,
                f"{value:,.0f} of {units:,.0f} units cannot have said yes; at most all of them.",
            )  # fmt: skip
        squares = None
        if kind == MetricKind.MEAN:
            squares = self.squares(row, number, column, value, units, problems)
        return ReadingRow(arm, self.known[column], int(units), value, day, squares)

    def squares(
        self,
        row: Sequence[str],
        number: int,
        column: str,
        total: float,
        units: float,
        problems: _Problems,
    ) -> float:
        if column + SPREAD not in self.head:
            problems.add(
                number, column,
                f"how far units lie apart is missing; add a column “{column}{SPREAD}” with the "
                "standard deviation, or send one row for each unit.",
            )  # fmt: skip
            return 0.0
        spread = self.number(row, number, column + SPREAD, problems)
        return squares_of(units, total, spread)

    def units(self) -> list[ReadingRow]:
        """A row for each unit, summed to what a test needs."""
        problems = _Problems()
        sums = defaultdict[tuple[str, str], list[float]](lambda: [0.0] * 6)
        seen: set[str] = set()
        names = [
            n for n in self.head if n not in self.known and n != "arm" and not n.endswith(BEFORE)
        ]
        for number, row in enumerate(self.rows, start=2):
            arm = self.arm(row, number, problems)
            if names:
                unit = self.cell(row, names[0])
                if unit and unit in seen:
                    problems.add(number, names[0], f"“{unit[:40]}” is there twice.")
                seen.add(unit)
            for column in self.there:
                value, before = self.pair(row, number, column, problems)
                for place, part in enumerate(
                    (1.0, value, value * value, before, before * before, value * before)
                ):
                    sums[arm, self.known[column]][place] += part
        problems.raise_any()
        return [self.summed(key, parts) for key, parts in sums.items()]

    def pair(
        self, row: Sequence[str], number: int, column: str, problems: _Problems
    ) -> tuple[float, float]:
        value = self.number(row, number, column, problems)
        if self.kinds[self.known[column]] == MetricKind.PROPORTION and value not in (0.0, 1.0):
            problems.add(number, column, f"“{value:g}” is neither yes nor no; write 1 or 0.")
        earlier = column + BEFORE
        return value, self.number(row, number, earlier, problems) if earlier in self.head else 0.0

    def summed(self, key: tuple[str, str], parts: Sequence[float]) -> ReadingRow:
        arm, metric = key
        units, total, squares, second, second_squares, products = parts
        is_mean = self.kinds[metric] == MetricKind.MEAN
        if not is_mean or metric.lower() + BEFORE not in self.head:
            return ReadingRow(arm, metric, int(units), total, None, squares if is_mean else None)
        return ReadingRow(
            arm, metric, int(units), total, None, squares, second, second_squares, products
        )


def squares_of(units: float, total: float, spread: float) -> float:
    """The sum of squares of values with this sum and standard deviation."""
    if units <= 0:
        return 0.0
    return spread * spread * max(units - 1, 0) + total * total / units
