"""Reads a JSON document field by field, and says precisely what is wrong with one."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from pathlib import Path
from typing import Any, TypeVar

from analytics.commands.table import BadTable

# Beyond these the square of a square would overflow or vanish; no measurement is that large.
LARGEST, SMALLEST = 1e50, 1e-50
LARGEST_COUNT = 10**15
Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Field:
    """A place in a document: `where` is its dotted name, `value` what stands there."""

    path: Path
    where: str
    value: Any

    def wrong(self, needed: str) -> BadTable:
        """The error to raise: where, what stands there, what is needed."""
        text = json.dumps(self.value)
        shown = text if len(text) <= 60 else f"{text[:57]}..."
        return BadTable(f"{self.path}, {self.where or 'document'}: is {shown}; {needed}")

    def fields(self, known: Sequence[str], needed: Sequence[str] = ()) -> "dict[str, Field]":
        """The fields of an object by name; unknown and missing ones are errors."""
        found = self.named()
        for name in found:
            if name not in known:
                raise BadTable(
                    f"{self.path}, {self.inside(name)}: is not a field; known are "
                    f"{', '.join(known)}"
                )
        if missing := [name for name in needed if name not in found]:
            raise BadTable(
                f"{self.path}, {self.where or 'document'}: has no {missing[0]!r}; add it"
            )
        return found

    def named(self) -> "dict[str, Field]":
        """The fields of an object whose names are the reader's own."""
        if not isinstance(self.value, dict):
            raise self.wrong("an object {...} is needed")
        return {
            name: Field(self.path, self.inside(name), value) for name, value in self.value.items()
        }

    def inside(self, name: str) -> str:
        return f"{self.where}.{name}" if self.where else name

    def items(self, fewest: int = 1) -> "list[Field]":
        """The entries of a list."""
        if not isinstance(self.value, list) or len(self.value) < fewest:
            raise self.wrong(f"a list [...] with at least {fewest} entries is needed")
        return list(self._numbered())

    def _numbered(self) -> "Iterator[Field]":
        for number, value in enumerate(self.value):
            yield Field(self.path, f"{self.where}[{number}]", value)

    def text(self) -> str:
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.wrong("a text is needed")
        return self.value

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.wrong("true or false is needed")
        return self.value

    def number(self, meant: str, accepts: Callable[[float], bool] = isfinite) -> float:
        """A number that `accepts` admits; `meant` says which would be right."""
        is_number = isinstance(self.value, int | float) and not isinstance(self.value, bool)
        try:
            number = float(self.value) if is_number else float("nan")
        except OverflowError:
            number = float("inf")
        if not isfinite(number) or not accepts(number):
            raise self.wrong(f"{meant} is needed")
        if number and not SMALLEST <= abs(number) <= LARGEST:
            raise self.wrong(f"0 or a size from {SMALLEST:.0e} to {LARGEST:.0e} is needed")
        return number

    def whole(self, fewest: int) -> int:
        meant = f"a whole number from {fewest} to {LARGEST_COUNT:.0e}"
        return int(self.number(meant, lambda n: fewest <= n <= LARGEST_COUNT and n == int(n)))

    def choice(self, kind: type[Choice]) -> Choice:
        known = [str(member) for member in kind]
        if self.value not in known:
            raise self.wrong(f"one of {', '.join(known)} is needed")
        return kind(self.value)


def read_document(path: Path) -> Field:
    """The whole document of a JSON file in UTF-8."""
    try:
        value = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadTable(f"{path}: {error.strerror or error}") from error
    except json.JSONDecodeError as error:
        raise BadTable(
            f"{path}, line {error.lineno}, column {error.colno}: not JSON ({error.msg})"
        ) from error
    except (UnicodeDecodeError, RecursionError, ValueError) as error:
        raise BadTable(f"{path}: not JSON in UTF-8 ({error})") from error
    return Field(path, "", value)
