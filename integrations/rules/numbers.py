"""What one number looks like, whatever its language: `1,234.56`, `1.234,56 €`, `(12.34)`, `--`.

Numbers are understood by their *shape*: the text with every digit written as 9, or 0 where the
first digit is a zero. A column of a million cells has a few dozen shapes, so each is understood
once, and the digits are then added up by their places in all cells of that shape.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final

from integrations.rules.currencies import signs
from integrations.rules.grid import DATE, EMPTY_FORMULA, NUMBER, OTHER, TEXT
from integrations.rules.words import is_missing

POINT: Final = "."
COMMA: Final = ","
MARKS: Final = (POINT, COMMA)

_BLANKS = " \t\u00a0\u2009\u202f"
_GROUP_MARKS = ("'", "’", " ", "\u00a0", "\u2009", "\u202f")
_MINUS = ("-", "\u2212")
_CORE = re.compile("[09][09.,'’ \u00a0\u2009\u202f]*[09.]|[09]|[.,][09]+")
_BOUND = re.compile(r"[<>≤≥]\s*(?:[09][09.,]*|[.,][09]+)\s*%?")


class Sort(Enum):
    """What a cell in a number column is."""

    NUMBER = "number"
    MISSING = "missing"
    BOUND = "bound"
    FORMULA = "formula"
    NOT_A_NUMBER = "not a number"


@dataclass(frozen=True, slots=True)
class Shape:
    """``decimals``: for each decimal mark under which the text is a number, how many of its digits
    stand behind the mark. ``currency``: the sign or code written with it, "" if none."""

    sort: Sort
    digits: int = 0
    negative: bool = False
    decimals: Mapping[str, int] | None = None
    currency: str = ""

    def under(self, mark: str) -> int | None:
        """Digits behind the decimal mark, or None when this is no number under that mark."""
        return (self.decimals or {}).get(mark)

    @property
    def proves(self) -> str:
        """The one mark under which this is a number, or "" when both or none would do."""
        marks = list(self.decimals or {})
        return marks[0] if len(marks) == 1 else ""

    @property
    def is_ambiguous(self) -> bool:
        """Whether the two marks give two different numbers, as in 1.234."""
        return len(set((self.decimals or {}).values())) > 1


_BAD = Shape(Sort.NOT_A_NUMBER)
LONGEST: Final = 48  # bytes; no number is longer


def understand(shape: str, kind: int = TEXT) -> Shape:
    """Read one shape; anything that is not written like a number is ``NOT_A_NUMBER``.

    ``kind`` is what a workbook says about the cell: a number there always has a decimal point, and
    dates, errors and true or false are no numbers.
    """
    return _understand(shape, kind) if len(shape) <= LONGEST else _BAD


@lru_cache(maxsize=4096)
def _understand(shape: str, kind: int) -> Shape:
    if kind == EMPTY_FORMULA:
        return Shape(Sort.FORMULA)
    text = _unquoted(shape).strip(_BLANKS)
    if is_missing(text):
        return Shape(Sort.MISSING)
    if kind in (DATE, OTHER):
        return _BAD
    if _BOUND.fullmatch(text):
        return Shape(Sort.BOUND)
    found = _number(text)
    places = found.under(POINT)
    if kind == NUMBER and places is not None:
        return Shape(Sort.NUMBER, found.digits, found.negative, dict.fromkeys(MARKS, places))
    return found


def shape_of(text: str) -> str:
    """The text with every digit as 9, or 0 where the first digit is a zero."""
    shape = re.sub("[0-9]", "9", text)
    first = shape.find("9")
    return shape[:first] + "0" + shape[first + 1 :] if text[first : first + 1] == "0" else shape


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def _number(text: str) -> Shape:
    core, negative, currency = _undress(text)
    if not _CORE.fullmatch(core):
        return _BAD
    decimals = {mark: places for mark in MARKS if (places := _places(core, mark)) is not None}
    if not decimals:
        return _BAD
    digits = core.count("0") + core.count("9")
    return Shape(Sort.NUMBER, digits, negative, decimals, currency)


def _undress(text: str) -> tuple[str, bool, str]:
    """The bare digits and marks, whether they are negative, and the currency beside them.

    A sign or a currency that stands twice is left in place, so the text is no number then.
    """
    core, signed, negative, currency = text, False, False, ""
    for _ in range(4):
        core = core.strip(_BLANKS)
        if not signed and core[:1] == "(" and core[-1:] == ")":
            core, signed, negative = core[1:-1], True, True
        elif not signed and core[:1] in (*_MINUS, "+"):
            core, signed, negative = core[1:], True, core[0] != "+"
        elif not signed and core[-1:] in _MINUS:
            core, signed, negative = core[:-1], True, True
        elif not currency:
            core, currency = _without_currency(core)
    return core.strip(_BLANKS), negative, currency


def _without_currency(text: str) -> tuple[str, str]:
    head = re.match(r"[^09(+\-\u2212\s\u00a0\u202f]{1,5}", text)
    tail = re.search(r"[^09)+\-\u2212\s\u00a0\u202f]{1,5}$", text)
    for found in (head, tail):
        if found and found[0] in signs():
            return text[: found.start()] + text[found.end() :], found[0]
    return text, ""


def _places(core: str, mark: str) -> int | None:
    """Digits behind ``mark`` if ``core`` is a well-formed number with that decimal mark."""
    whole, found, fraction = core.partition(mark)
    if found and (not fraction or fraction.strip("09")):
        return None
    if not whole:
        return len(fraction) if found else None
    return len(fraction) if _is_whole(whole, mark) else None


def _is_whole(text: str, mark: str) -> bool:
    """Digits alone, or digits in groups of three (or the Indian twos) with one kind of mark."""
    if not text.strip("09"):
        return True
    for group in (*(other for other in MARKS if other != mark), *_GROUP_MARKS):
        parts = text.split(group)
        if len(parts) > 1:
            return _is_grouped(parts, indian=group == COMMA)
    return False


def _is_grouped(parts: list[str], *, indian: bool) -> bool:
    head, *middle, tail = parts
    if any(part.strip("09") for part in parts) or not head or head[0] == "0" or len(tail) != 3:
        return False
    western = len(head) <= 3 and all(len(part) == 3 for part in middle)
    lakhs = indian and len(head) <= 2 and all(len(part) == 2 for part in middle)
    return western or lakhs
