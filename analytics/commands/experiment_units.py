"""One row per unit of a test: which arm it was in, and what it did."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analytics.arrays import FloatArray, IntArray
from analytics.commands.document import Field
from analytics.commands.table import BadTable, cell_number, read_rows

DATA = ("file", "arm", "unit", "ignore")
WORDS = {"true": 1.0, "false": 0.0, "yes": 1.0, "no": 0.0}


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """Columns of numbers (N,), the place of each unit's arm (N,), and of its arm in other tests."""

    arms: int
    arm: IntArray
    numbers: dict[str, FloatArray]
    others: dict[str, IntArray]

    def of(self, place: int, column: str) -> FloatArray:
        """The numbers of one arm's units."""
        values: FloatArray = self.numbers[column][self.arm == place]
        return values


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the units are, and what their arms are called."""

    path: Path
    arm: str
    unit: str | None
    arms: tuple[str, ...]
    ignored: frozenset[str]

    def rows(self, columns: Sequence[str]) -> Iterator[tuple[int, int, dict[str, str]]]:
        """Line, place of the arm, and cells of every unit that takes part."""
        needed = [self.arm, *([self.unit] if self.unit else []), *columns]
        lines: dict[str, int] = {}
        for line, row in read_rows(self.path, needed):
            arm = row[self.arm].strip()
            if arm in self.ignored:
                continue
            if self.unit:
                self._once(lines, line, row[self.unit])
            yield line, self._place(line, arm), row

    def _place(self, line: int, arm: str) -> int:
        if arm not in self.arms:
            raise BadTable(
                f"{self.path}, line {line}: {self.arm} is {arm!r}; one of the arms "
                f"{', '.join(self.arms)} is needed, or name it under data.ignore"
            )
        return self.arms.index(arm)

    def _once(self, lines: dict[str, int], line: int, unit: str) -> None:
        before = lines.setdefault(unit, line)
        if before != line:
            raise BadTable(
                f"{self.path}, line {line}: {self.unit} {unit!r} is in line {before} already; "
                "one row per unit is needed, so add its rows up"
            )


def read_units(
    data: Field, arms: tuple[str, ...], *, numbers: Sequence[str], others: Sequence[str]
) -> Units:
    """Read the CSV that `data` names, beside the document unless its path is absolute.

    Rows whose arm is listed under `ignore` are left out; any other arm, a unit that comes twice,
    and a cell without a number are errors. In the columns of `others` an empty cell means that the
    unit was not in that test.
    """
    source = _source(data, arms)
    wanted = list(dict.fromkeys(numbers))
    places: list[int] = []
    values: list[list[float]] = []
    elsewhere: list[list[str]] = []
    for line, place, row in source.rows([*wanted, *others]):
        places.append(place)
        values.append([_number(source.path, line, name, row[name]) for name in wanted])
        elsewhere.append([row[name].strip() for name in others])
    if missing := [arm for place, arm in enumerate(arms) if place not in places]:
        raise BadTable(
            f"{source.path}: no row has {source.arm} {missing[0]!r}; check the name of the arm"
        )
    table = np.array(values, dtype=np.float64).reshape(len(values), len(wanted))
    return Units(
        len(arms),
        np.array(places, dtype=np.int64),
        {name: table[:, column] for column, name in enumerate(wanted)},
        {
            name: _places(cells)
            for name, cells in zip(others, zip(*elsewhere, strict=True), strict=True)
        },
    )


def _source(data: Field, arms: tuple[str, ...]) -> _Source:
    fields = data.fields(DATA, needed=("file", "arm"))
    ignored = [entry.text() for entry in fields["ignore"].items()] if "ignore" in fields else []
    return _Source(
        data.path.parent / fields["file"].text(),
        fields["arm"].text(),
        fields["unit"].text() if "unit" in fields else None,
        arms,
        frozenset(ignored),
    )


def _number(path: Path, line: int, column: str, text: str) -> float:
    known = WORDS.get(text.strip().lower())
    value = cell_number(path, line, column, text) if known is None else known
    if np.isnan(value):
        raise BadTable(
            f"{path}, line {line}: {column} is empty; a number is needed, 0 where nothing happened"
        )
    return value


def _places(cells: Sequence[str]) -> IntArray:
    """Arms of another test as numbers, -1 where there is none."""
    known = {arm: place for place, arm in enumerate(sorted(set(cells) - {""}))}
    return np.array([known.get(cell, -1) for cell in cells], dtype=np.int64)
