"""Words in many languages that dates, totals and missing values are written with."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

from integrations.rules.layouts import FOLDER

_LONGEST_LABEL = 200
_TOTAL_OF = re.compile(r"totals? (?:of|for|from) \d+\b.*")


@cache
def _words() -> Mapping[str, Any]:
    return tomllib.loads((FOLDER / "words.toml").read_text("utf-8"))


@cache
def months() -> Mapping[str, int]:
    """Month names and their short forms in lower case, to 1 to 12."""
    return {
        name: number
        for names in _words()["months"].values()
        for number, forms in enumerate(names, start=1)
        for name in forms.split()
    }


@cache
def date_filler() -> frozenset[str]:
    return frozenset(_words()["dates"]["filler"])


def date_order_of(language: str) -> str:
    """dmy or ymd where the language settles it, else ""."""
    return str(_words()["date_order"].get(language, ""))


def locale_habits(locale: str) -> tuple[str, str] | None:
    """Order of dates and decimal mark of a locale such as de-DE; None when it is not known."""
    found = _words()["locales"].get(locale.replace("_", "-"))
    return (found[0], found[1]) if found else None


def known_locales() -> list[str]:
    """The locales whose habits are known."""
    return sorted(_words()["locales"])


@cache
def _total_words() -> frozenset[str]:
    return frozenset(_words()["totals"]["words"])


def is_total_label(text: str) -> bool:
    """Whether a cell names a total: "Total: Account", "Gesamt", "Total of 12 campaigns".

    A campaign called "Total Care" is none.
    """
    if len(text) > _LONGEST_LABEL:
        return False
    label = " ".join(text.split()).casefold()
    head, colon, _ = label.partition(":")
    return (
        label in _total_words()
        or bool(colon and head in _total_words())
        or _TOTAL_OF.fullmatch(label) is not None
    )


@cache
def _missing() -> frozenset[str]:
    return frozenset(_words()["missing"]["words"])


@cache
def _errors() -> frozenset[str]:
    return frozenset(_words()["missing"]["errors"])


def is_error(text: str) -> bool:
    """Whether a cell holds a spreadsheet's error, such as #N/A."""
    return text.strip().casefold() in _errors()


def is_missing(text: str) -> bool:
    """Whether a cell says "no data": blank, --, a dash, n/a. Never the same as zero."""
    plain = text.strip()
    return not plain or plain.casefold() in _missing()
