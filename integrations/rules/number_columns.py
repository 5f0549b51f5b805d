"""A whole column of numbers at once: how its decimals are written, proved, and its exact values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

import numpy as np
import numpy.typing as npt

from core.money import MICROS
from integrations.rules.cells import Codes, byte_rows, distinct, grouped
from integrations.rules.grid import TEXT, Bytes, Grid, Places
from integrations.rules.numbers import COMMA, LONGEST, MARKS, POINT, Shape, Sort, understand

# What became of a cell.
FINE: Final = 0
MISSING: Final = 1
BOUND: Final = 2
NOT_A_NUMBER: Final = 3
OUT_OF_RANGE: Final = 4
FORMULA: Final = 5
NOT_WHOLE: Final = 6
TOO_SMALL: Final = 7

_INT64_DIGITS = 18
_DIGITS_BEFORE_MARK = 12
_MICRO_PLACES = 6
_EXACT_DIGITS = 15

Values = npt.NDArray[np.int64]
States = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """The cells of one column by shape; ``too_wide`` cells are longer than any number.

    ``order`` lists the records shape by shape, ``begin`` where each shape's records begin in it.
    """

    rows: Bytes
    codes: Codes
    order: Places
    begin: Places
    texts: tuple[bytes, ...]
    shapes: tuple[Shape, ...]
    too_wide: npt.NDArray[np.bool_]
    counts: bool

    def groups(self) -> Iterator[tuple[int, Shape, Places]]:
        """Each shape with its code and its records."""
        for code, shape in enumerate(self.shapes):
            yield code, shape, self.order[self.begin[code] : self.begin[code + 1]]

    def signs(self) -> dict[str, npt.NDArray[np.bool_]]:
        """Every sign or code written beside the amounts, with the records that have it."""
        used = {shape.currency for shape in self.shapes if shape.currency}
        found = {}
        for sign in sorted(used):
            wanted = np.array([shape.currency == sign for shape in self.shapes], dtype=bool)
            found[sign] = wanted[self.codes]
        return found


@dataclass(frozen=True, slots=True)
class Numbers:
    """``values`` in micros, or in units for counts; meaningful where ``states`` is ``FINE``.

    ``rounded`` marks amounts with more than six decimals, rounded half to even.
    """

    values: Values
    states: States
    rounded: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Proof:
    """What a column says about its decimal mark: ``marks`` are proved, each by an example record."""

    marks: dict[str, int]
    ambiguous: int | None


def read_shapes(grid: Grid, records: Places, column: int, *, counts: bool) -> NumberColumn:
    """Lay out one column; ``counts`` says that fractions make no sense in it."""
    starts, lengths = grid.spans(records, column)
    too_wide = lengths > LONGEST
    width = int(lengths[~too_wide].max()) if not too_wide.all() else 0
    rows = byte_rows(grid, starts, np.where(too_wide, 0, lengths), width)
    outline = _outline(rows)
    kinds = grid.kinds_of(records, column)
    if kinds is not None:
        outline = np.vstack([outline, kinds[np.newaxis, :]])
    codes, first = distinct(outline)
    texts = tuple(outline[:width, place].tobytes() for place in first)
    shapes = tuple(
        understand(text.rstrip(b"\0").decode(), TEXT if kinds is None else int(kinds[place]))
        for text, place in zip(texts, first, strict=True)
    )
    order, begin = grouped(codes)
    return NumberColumn(rows, codes, order, begin, texts, shapes, too_wide, counts)


def _outline(rows: Bytes) -> Bytes:
    """Every digit as 9, a zero as 0 where it is the first digit of its cell."""
    outline = rows.copy()
    seen = np.zeros(rows.shape[1], dtype=bool)
    for place, row in enumerate(rows):
        digit = (row >= 48) & (row <= 57)
        outline[place][digit] = 57
        outline[place][digit & ~seen & (row == 48)] = 48
        seen |= digit
    return outline


def prove(column: NumberColumn, *, undivided: bool = False) -> Proof:
    """Which decimal marks the cells of this column prove, and one that could be read both ways.

    A count has no decimals and neither has an ``undivided`` currency such as the yen, so 1.234
    impressions are a thousand and more, unless every such cell ends in 000.
    """
    marks: dict[str, int] = {}
    ambiguous: int | None = None
    for code, shape, records in column.groups():
        if shape.proves:
            marks.setdefault(shape.proves, int(records[0]))
        elif shape.is_ambiguous:
            whole = column.counts or undivided
            mark, record = _whole_proof(column, code, shape, records) if whole else ("", -1)
            if mark:
                marks.setdefault(mark, record)
            else:
                ambiguous = int(records[0]) if ambiguous is None else ambiguous
    return Proof(marks, ambiguous)


def _whole_proof(column: NumberColumn, code: int, shape: Shape, records: Places) -> tuple[str, int]:
    if shape.digits > _INT64_DIGITS:
        return "", -1
    tails = _whole_digits(column, code, records) % 1000 != 0
    if not tails.any():
        return "", -1
    whole = [mark for mark in MARKS if shape.under(mark) == 0]
    return (whole[0], int(records[np.argmax(tails)])) if whole else ("", -1)


def _digit_rows(column: NumberColumn, code: int) -> list[int]:
    return [place for place, byte in enumerate(column.texts[code]) if byte in (48, 57)]


def _whole_digits(column: NumberColumn, code: int, records: Places) -> Values:
    """All digits of each cell as one whole number."""
    total = np.zeros(len(records), dtype=np.int64)
    for place in _digit_rows(column, code):
        total = total * 10 + (column.rows[place][records].astype(np.int64) - 48)
    return total


def values_of(column: NumberColumn, mark: str, *, in_micros: bool) -> Numbers:
    """Exact values under the decimal ``mark``.

    ``in_micros``: the file itself gives millionths, so its whole numbers are taken as they are.
    """
    count = len(column.codes)
    result = Numbers(
        np.zeros(count, dtype=np.int64),
        np.full(count, NOT_A_NUMBER, dtype=np.uint8),
        np.zeros(count, dtype=bool),
    )
    for code, shape, records in column.groups():
        result.states[records] = _state(shape, mark, column.counts or in_micros)
        if result.states[records[0]] == FINE:
            _fill(result, column, code, records, mark, in_micros=in_micros)
    result.states[column.too_wide] = OUT_OF_RANGE
    return result


def _state(shape: Shape, mark: str, whole: bool) -> int:
    if shape.sort is Sort.NUMBER:
        places = shape.under(mark)
        if places is None:
            return NOT_A_NUMBER
        limit = _EXACT_DIGITS if whole else _DIGITS_BEFORE_MARK
        return FINE if shape.digits - places <= limit else OUT_OF_RANGE
    return {
        Sort.MISSING: MISSING,
        Sort.BOUND: BOUND,
        Sort.FORMULA: FORMULA,
        Sort.NOT_A_NUMBER: NOT_A_NUMBER,
    }[shape.sort]


def _fill(
    result: Numbers,
    column: NumberColumn,
    code: int,
    records: Places,
    mark: str,
    *,
    in_micros: bool,
) -> None:
    shape = column.shapes[code]
    places = shape.under(mark) or 0
    whole = column.counts or in_micros
    if shape.digits > _INT64_DIGITS or (places > _MICRO_PLACES and not whole):
        _fill_slowly(result, column, code, records, places, whole=whole)
        return
    digits = _whole_digits(column, code, records)
    if whole:
        values, rest = np.divmod(digits, 10**places)
        result.states[records[rest != 0]] = NOT_WHOLE
    else:
        values = digits * 10 ** (_MICRO_PLACES - places)
    result.values[records] = -values if shape.negative else values


def _fill_slowly(
    result: Numbers,
    column: NumberColumn,
    code: int,
    records: Places,
    places: int,
    *,
    whole: bool,
) -> None:
    """Numbers with very many digits, one by one: mostly what a script's floats left behind."""
    digit_rows = _digit_rows(column, code)
    sign = -1 if column.shapes[code].negative else 1
    for record in records:
        digits = column.rows[digit_rows, record].tobytes().decode()
        number = Decimal(int(digits)).scaleb(-places)
        exact, rounded = _in_micros(number)
        if whole and exact % MICROS:
            result.states[record] = NOT_WHOLE
        elif number and not exact:
            result.states[record] = TOO_SMALL
        result.values[record] = sign * (exact // MICROS if whole else exact)
        result.rounded[record] = rounded and not whole


def _in_micros(number: Decimal) -> tuple[int, bool]:
    """Micros, and whether something real was rounded away.

    A float prints noise behind its 15 exact digits (12.340000000000002); that is not data.
    """
    micros = number * MICROS
    whole = micros.to_integral_value(ROUND_HALF_EVEN)
    if micros == whole:
        return int(whole), False
    digits = number.as_tuple().digits
    shown = number.normalize() if len(digits) <= _EXACT_DIGITS else _shorter(number)
    clean = shown * MICROS
    is_noise = len(digits) > _EXACT_DIGITS and clean == clean.to_integral_value()
    return int(whole), not is_noise


def _shorter(number: Decimal) -> Decimal:
    places = number.adjusted() - _EXACT_DIGITS + 1
    return number.quantize(Decimal(1).scaleb(places), ROUND_HALF_EVEN)


def mark_named(word: str) -> str:
    """ "." or "," for what a person calls point or comma; "" for anything else."""
    return {"point": POINT, ".": POINT, "comma": COMMA, ",": COMMA}.get(word.strip().casefold(), "")
