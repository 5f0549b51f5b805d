"""What a mapping file may say about a value: the functions of its expressions.

Each states the kinds it takes and gives, so that a mapping file is checked when it is loaded. A
text where a number is wanted is read as one. Missing values stay missing (no data is not zero)
except where the function's sentence says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from typing import Final

import pandas as pd

from core.money import MICROS
from integrations.rules.connector import addresses, countries, values
from integrations.rules.connector.values import Column, Kind

TEXT, NUMBER, DAY, FLAG = Kind.TEXT, Kind.NUMBER, Kind.DAY, Kind.FLAG
CENT = MICROS // 100

# Read by the engine itself, because they look at more than one value.
AGGREGATES: Final = {"sum": NUMBER, "count": NUMBER}
OR_ZERO: Final = "or_zero"
ONE_OF: Final = "one_of"
NTH: Final = "nth"
SPECIAL: Final = {OR_ZERO: NUMBER, ONE_OF: FLAG, NTH: TEXT}


@dataclass(frozen=True, slots=True)
class Function:
    """``takes`` is the kind of each argument; with ``repeats`` the last may stand several times.

    ``alike``: all arguments, and the answer, are of one kind, whichever it is.
    ``words``: the last argument is a plain text in quotes.
    """

    run: Callable[..., Column]
    takes: tuple[Kind, ...]
    gives: Kind
    repeats: bool = False
    alike: bool = False
    words: bool = False

    def accepts(self, count: int) -> bool:
        """Whether it may be called with so many arguments."""
        return count >= len(self.takes) if self.repeats else count == len(self.takes)

    def kinds(self, count: int) -> tuple[Kind, ...]:
        """What each of so many arguments must be."""
        return (*self.takes, *self.takes[-1:] * (count - len(self.takes)))


def coalesce(*columns: Column) -> Column:
    """The first value that is there."""
    return reduce(lambda found, other: found.where(found.notna(), other), columns)


def total(*columns: Column) -> Column:
    """The sum of those that are there; missing only where none is."""
    added = reduce(lambda left, right: left + right, (column.fillna(0) for column in columns))
    known = reduce(lambda left, right: left | right, (column.notna() for column in columns))
    return added.where(known)


def after(texts: Column, mark: str) -> Column:
    """What stands behind the last ``mark``; a text without it stays as it is."""
    return values.each(texts, lambda text: text.rpartition(mark)[2] or None, TEXT)


def parameter(texts: Column, name: str) -> Column:
    return values.each(texts, partial(addresses.parameter, name=name), TEXT)


def in_currency(amounts: Column, currencies: Column, wanted: str) -> Column:
    """Amounts that are not known to be of another currency; those that are, are no data."""
    return amounts.mask((currencies != wanted).fillna(value=False))


def date_text(year: Column, month: Column, day: Column) -> Column:
    """A day whose year, month and day stand apart, as a text."""
    parts = [year, month.str.zfill(2), day.str.zfill(2)]
    return values.joined(parts, "-")


def join(*parts: Column) -> Column:
    """Texts with a dash between them."""
    return values.joined(parts, "-")


def words(*parts: Column) -> Column:
    """Texts with a blank between them."""
    return values.joined(parts, " ")


def is_word(texts: Column, word: str) -> Column:
    """Whether a text is this word, in whatever case."""
    return texts.map(str.casefold, na_action="ignore") == word.casefold()


def _text(read: Callable[[str], str | None]) -> Function:
    return Function(lambda texts: values.each(texts, read, TEXT), (TEXT,), TEXT)


FUNCTIONS: Final = {
    # Numbers
    "number": Function(lambda numbers: numbers, (NUMBER,), NUMBER),
    "micros": Function(values.micros_of, (TEXT,), NUMBER),
    "add": Function(lambda left, right: left + right, (NUMBER, NUMBER), NUMBER),
    "subtract": Function(lambda left, right: left - right, (NUMBER, NUMBER), NUMBER),
    "total": Function(total, (NUMBER,), NUMBER, repeats=True),
    "one_if": Function(lambda flags: flags.astype(values.NUMBER_TYPE) * MICROS, (FLAG,), NUMBER),
    "cents": Function(partial(values.rounded, unit=CENT), (NUMBER,), NUMBER),
    "whole": Function(partial(values.rounded, unit=MICROS), (NUMBER,), NUMBER),
    "in_currency": Function(in_currency, (NUMBER, TEXT), NUMBER, words=True),
    # Any kind
    "coalesce": Function(coalesce, (TEXT,), TEXT, repeats=True, alike=True),
    # Days
    "day": Function(values.days_of, (TEXT,), DAY),
    "month": Function(values.months_of, (TEXT,), DAY),
    "moment": Function(values.moments_of, (TEXT,), Kind.MOMENT),
    "day_in": Function(values.days_in_zone, (TEXT, TEXT), DAY),
    "date_text": Function(date_text, (TEXT, TEXT, TEXT), TEXT),
    # Texts
    "lower": _text(str.lower),
    "upper": _text(str.upper),
    "after": Function(after, (TEXT,), TEXT, words=True),
    "join": Function(join, (TEXT,), TEXT, repeats=True),
    "words": Function(words, (TEXT,), TEXT, repeats=True),
    "first_item": _text(addresses.first_item),
    "base_url": _text(addresses.base),
    "url_host": _text(addresses.host),
    "url_path": _text(addresses.path),
    "parameter": Function(parameter, (TEXT,), TEXT, words=True),
    "country_name": _text(countries.name_of),
    "country_code": _text(countries.code_of),
    "country_region": _text(countries.region_of),
    # Conditions
    "is_word": Function(is_word, (TEXT,), FLAG, words=True),
    "flag": Function(values.flags_of, (TEXT,), FLAG),
    "known": Function(lambda column: column.notna(), (TEXT,), FLAG),
}


def one_of(texts: Column, wanted: Sequence[str]) -> Column:
    """Whether a text is one of a list, in whatever case."""
    plain = [word.casefold() for word in wanted]
    return texts.map(str.casefold, na_action="ignore").isin(plain)


def nth(group: Column, order: Column) -> Column:
    """The place of a row among those of its group, from 1, by the order of another column."""
    ranked = pd.DataFrame({"group": group, "order": values.ranks(order)})
    places = ranked.groupby("group", dropna=False)["order"].rank("first").astype(values.NUMBER_TYPE)
    return places.astype(values.TEXT_TYPE)
