"""Problems of single rows, gathered from all checks, with a sentence each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from integrations.rules import day_columns, number_columns
from integrations.rules.answers import HeldRow, RowProblem
from integrations.rules.cells import Column
from integrations.rules.codes import Code
from integrations.rules.grid import Flags, Grid, Places
from integrations.rules.number_columns import States

_SHOWN = 60

_NUMBER_SENTENCES = {
    number_columns.NOT_A_NUMBER: (Code.NOT_A_NUMBER, "“{value}” is not a number."),
    number_columns.NOT_WHOLE: (
        Code.NOT_A_NUMBER,
        "“{value}” is not a whole number, and this is a count.",
    ),
    number_columns.TOO_SMALL: (
        Code.OUT_OF_RANGE,
        "“{value}” is less than a millionth, the smallest part of an amount that is kept.",
    ),
    number_columns.OUT_OF_RANGE: (
        Code.OUT_OF_RANGE,
        "“{value}” is larger than anything an ad account holds.",
    ),
    number_columns.FORMULA: (
        Code.FORMULA_CELL,
        "The cell is a formula without a kept value. Open the file in Excel, save it, upload again.",
    ),
}
_DAY_SENTENCES = {
    day_columns.BLANK: (Code.MISSING_VALUE, "The day is missing."),
    day_columns.INVALID: (Code.INVALID_DATE, "“{value}” is not a date of the calendar."),
    day_columns.TOO_OLD: (
        Code.INVALID_DATE,
        "“{value}” lies before there was advertising on the internet.",
    ),
    day_columns.FUTURE: (Code.FUTURE_DATE, "“{value}” has not come yet."),
    day_columns.NONEXISTENT: (
        Code.NONEXISTENT_TIME,
        "“{value}” does not exist in the account's time zone: the clocks skip that hour.",
    ),
    day_columns.NEEDS_ZONE: (
        Code.INVALID_DATE,
        "“{value}” names its own time zone; say the account's, so that its day is certain.",
    ),
}


class Issues:
    """Problems by record of the grid. After ``most`` records only the number is kept: a file with
    that many broken rows is not one to repair row by row."""

    def __init__(self, grid: Grid, records: Places, headers: tuple[str, ...], most: int) -> None:
        self._grid = grid
        self._records = records
        self._headers = headers
        self._most = most
        self._flagged = np.zeros(len(grid), dtype=bool)
        self._problems: dict[int, list[RowProblem]] = {}

    def __len__(self) -> int:
        """Records with at least one problem."""
        return int(self._flagged.sum())

    @property
    def overflow(self) -> int:
        """Records with a problem beyond the ones that are kept."""
        return len(self) - len(self._problems)

    def add(self, record: int, column: int | None, code: Code, sentence: str) -> None:
        """Note a problem of one record; ``{value}`` in the sentence is replaced by its cell."""
        self._flagged[record] = True
        if record not in self._problems and len(self._problems) >= self._most:
            return
        value = self._grid.cell(record, column) if column is not None else ""
        header = self._headers[column].strip() if column is not None else ""
        shown = value if len(value) <= _SHOWN else value[:_SHOWN] + "…"
        line = self._grid.line(record)
        problem = RowProblem(line, header, code, sentence.replace("{value}", shown), shown)
        self._problems.setdefault(record, []).append(problem)

    def add_all(self, where: Flags, column: int | None, code: Code, sentence: str) -> None:
        """The same problem for every flagged data record."""
        records = self._records[where]
        self._flagged[records] = True
        for record in records[: self._most]:
            self.add(int(record), column, code, sentence)

    def add_numbers(self, states: States, column: int) -> None:
        for state, (code, sentence) in _NUMBER_SENTENCES.items():
            self.add_all(states == state, column, code, sentence)

    def add_days(self, states: States, column: int | None) -> None:
        for state, (code, sentence) in _DAY_SENTENCES.items():
            self.add_all(states == state, column, code, sentence)

    def add_values(
        self, cells: Column, test: Callable[[str], bool], column: int, code: Code, sentence: str
    ) -> None:
        """The same problem wherever the value of a column passes the test."""
        flags = cells.which(test)
        if flags.any():
            self.add_all(flags, column, code, sentence)

    def flags(self) -> Flags:
        """Per data record, whether it has a problem."""
        flagged: Flags = self._flagged[self._records]
        return flagged

    def problems(self) -> tuple[RowProblem, ...]:
        """All kept problems in the order of the rows."""
        return tuple(
            problem for record in sorted(self._problems) for problem in self._problems[record]
        )

    def held(self) -> tuple[HeldRow, ...]:
        """The kept rows as they stand, with their problems."""
        most = len(self._headers) + 1
        return tuple(
            HeldRow(
                self._grid.line(record), tuple(self._grid.record(record, most)), tuple(problems)
            )
            for record, problems in sorted(self._problems.items())
        )
