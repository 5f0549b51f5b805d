"""Every number column of a file, read under the decimal mark that the file proves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from integrations.rules.answers import (
    AMOUNTS,
    COUNTS,
    EVENT_MEASURES,
    FRACTIONS,
    Choice,
    FileRefused,
    Question,
)
from integrations.rules.codes import Code
from integrations.rules.grid import Flags, Grid, Places
from integrations.rules.number_columns import (
    FINE,
    MISSING,
    NumberColumn,
    Numbers,
    Proof,
    mark_named,
    prove,
    read_shapes,
    values_of,
)
from integrations.rules.numbers import COMMA, POINT
from integrations.rules.words import locale_habits

_WORDS = {POINT: "point", COMMA: "comma"}
_WHOLE = frozenset({*COUNTS, *EVENT_MEASURES}) - frozenset(FRACTIONS)


@dataclass(slots=True)
class Measured:
    """``numbers`` per measure, ``columns`` where they stand, ``marks`` their decimal marks,
    ``signs`` the currency signs beside them and the records that have each.

    ``in_micros`` is the measure whose column holds millionths. ``mark`` is the file's decimal mark
    with its reason, "" when no cell needed one.
    """

    numbers: dict[str, Numbers] = field(default_factory=dict)
    columns: dict[str, int] = field(default_factory=dict)
    signs: dict[str, dict[str, Flags]] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    in_micros: str = ""
    mark: str = ""
    why: str = ""
    questions: list[Question] = field(default_factory=list)


def number_targets(columns: Mapping[str, int]) -> dict[str, int]:
    """The targets that hold numbers, with their columns."""
    wanted = (*COUNTS, *FRACTIONS, *EVENT_MEASURES, "spend_micros")
    return {target: columns[target] for target in wanted if target in columns}


def measure(
    grid: Grid,
    records: Places,
    columns: Mapping[str, int],
    settings: Mapping[str, str],
    *,
    undivided: bool = False,
) -> Measured:
    """Read all number columns; asks where a cell such as 1.234 could be two numbers.

    A column's own cells prove its decimal mark; one that proves nothing follows the other columns
    of the file, if they agree, since one program wrote them all; then a locale that was named.
    ``undivided``: the file's currency
    has no smaller unit, such as the yen.
    """
    said = _said(settings)
    result = Measured()
    proved: set[str] = set()
    waiting: list[tuple[str, NumberColumn, Proof]] = []
    for target, column in number_targets(columns).items():
        shape = read_shapes(grid, records, column, counts=target in _WHOLE)
        proof = prove(shape, undivided=undivided and target in AMOUNTS)
        proved |= set(proof.marks)
        if len(proof.marks) > 1 and not said:
            raise _contradiction(proof.marks, grid, records)
        if said or proof.marks or proof.ambiguous is None:
            mark = said or next(iter(proof.marks), "")
            _add(result, target, shape, column, mark)
            _tell(result, proof, said, grid, records)
        else:
            waiting.append((target, shape, proof))
    shared = next(iter(proved)) if len(proved) == 1 else _mark_of_locale(settings)
    for target, shape, proof in waiting:
        if not shared:
            result.questions = [_ask(grid, records, columns[target], proof)]
        _add(result, target, shape, columns[target], shared)
    return result


def _add(result: Measured, target: str, shape: NumberColumn, column: int, mark: str) -> None:
    in_micros = target == "spend_micros"
    own = "spend" if in_micros else target
    result.in_micros = own if in_micros else result.in_micros
    result.numbers[own] = values_of(shape, mark or POINT, in_micros=in_micros)
    result.columns[own], result.signs[own], result.marks[own] = column, shape.signs(), mark


def _tell(result: Measured, proof: Proof, said: str, grid: Grid, records: Places) -> None:
    """Keep the first proof of the decimal mark, to show it."""
    if result.mark or not (said or proof.marks):
        return
    if said:
        result.mark, result.why = said, "chosen by a person"
    else:
        result.mark, record = next(iter(proof.marks.items()))
        result.why = f"proved by row {grid.line(int(records[record]))}"


def _said(settings: Mapping[str, str]) -> str:
    """The decimal mark a person named."""
    word = settings.get("decimal", "")
    if word and not mark_named(word):
        raise FileRefused(Code.UNKNOWN_CHOICE, f"“{word}” is no decimal mark; use point or comma.")
    return mark_named(word)


def _mark_of_locale(settings: Mapping[str, str]) -> str:
    habits = locale_habits(settings.get("locale", ""))
    return mark_named(habits[1]) if habits else ""


def _contradiction(own: Mapping[str, int], grid: Grid, records: Places) -> FileRefused:
    rows = [grid.line(int(records[record])) for record in own.values()]
    return FileRefused(
        Code.INCONSISTENT_NUMBER,
        f"Row {rows[0]} writes decimals with a {_WORDS[next(iter(own))]}, row {rows[1]} does not. "
        "Export with one number format.",
        row=rows[1],
    )


def _ask(grid: Grid, records: Places, column: int, proof: Proof) -> Question:
    text = grid.cell(int(records[proof.ambiguous or 0]), column).strip()
    options = (
        Choice("point", "The point separates decimals", _example(text, POINT)),
        Choice("comma", "The comma separates decimals", _example(text, COMMA)),
    )
    sentence = f"“{text}” could be two different numbers. What separates its decimals?"
    return Question("decimal", Code.AMBIGUOUS_NUMBER, sentence, options)


def _example(text: str, mark: str) -> str:
    other = COMMA if mark == POINT else POINT
    return text.replace(other, "").replace(mark, ".")


def blank_where(numbers: Numbers, hidden: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Numbers:
    """The same numbers, without data where ``hidden``."""
    states = np.where(hidden & (numbers.states == FINE), MISSING, numbers.states)
    return Numbers(numbers.values, states.astype(np.uint8), numbers.rounded)
