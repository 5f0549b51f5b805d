"""The known exports, as data: `integrations/layouts/*.toml`.

A layout says by which headers a platform's export is recognised, in every language we have seen,
and which target each header goes to. Adding a platform is adding a file.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from integrations.rules.currencies import is_code, signs

FOLDER = Path(__file__).parent.parent / "layouts"
GENERIC = "generic"
_NOT_A_LAYOUT = "words"

_BRACKET = re.compile(r"\s*[(\[]\s*([^)\]]{1,4})\s*[)\]]\s*$")
_NO_CURRENCY = frozenset({"ALL"})  # "Clicks (ALL)" is no Albanian lek
_BLANKS = re.compile(r"[\s_]+")


@dataclass(frozen=True, slots=True)
class Header:
    """A header reduced to what its words say: ``Amount spent (USD)`` is "amount spent" in USD.

    ``currency`` is a code, or a sign such as € that may mean several currencies.
    """

    key: str
    currency: str = ""


def normal(text: str) -> Header:
    """The key by which headers are compared: one case, one kind of blank, currency apart."""
    plain = unicodedata.normalize("NFKC", text).strip().strip("\ufeff\"' ")
    found = _BRACKET.search(plain)
    currency = _currency(found[1]) if found else ""
    if found and currency:
        plain = plain[: found.start()]
    return Header(_BLANKS.sub(" ", plain).strip().casefold(), currency)


def _currency(text: str) -> str:
    """The text if it is a currency's code or a sign that is no word."""
    is_sign = text in signs() and not text.isalpha()
    return text if is_sign or (is_code(text) and text not in _NO_CURRENCY) else ""


@dataclass(frozen=True, slots=True)
class Conditional:
    """``value`` columns count for a target only in rows whose ``when`` column is one of ``words``."""

    value: frozenset[str]
    when: frozenset[str]
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Layout:
    """``columns`` and ``fallback``: header key to target; a fallback counts when no column of the
    target is there. ``languages``: header key to the languages it is written in."""

    key: str
    name: str
    platform: str
    kind: str
    distinctive: frozenset[str]
    at_least: int
    columns: Mapping[str, str]
    fallback: Mapping[str, str]
    languages: Mapping[str, frozenset[str]]
    conditional: Mapping[str, Conditional]
    left_out: Mapping[str, str]
    left_out_numbers: frozenset[str]
    date_order: str = ""
    date_why: str = ""
    nameless_first_row: bool = False
    # Of customer files: what one row is, the targets of which it needs one each, and header key to
    # what its cells say of a person ("email").
    entity: str = ""
    required: tuple[tuple[str, ...], ...] = ()
    personal: Mapping[str, str] = field(default_factory=dict)


@cache
def layouts() -> Mapping[str, Layout]:
    """All layouts by key."""
    files = sorted(FOLDER.glob("*.toml"))
    read = (tomllib.loads(path.read_text("utf-8")) for path in files if path.stem != _NOT_A_LAYOUT)
    return {layout.key: layout for layout in map(_layout, read)}


@cache
def known_headers() -> frozenset[str]:
    """Every header key that any layout knows, to find the header row."""
    found: set[str] = set()
    for layout in layouts().values():
        found |= set(layout.columns) | set(layout.fallback) | set(layout.left_out)
        found |= layout.distinctive
        for condition in layout.conditional.values():
            found |= condition.value | condition.when
    return frozenset(found)


@cache
def left_out() -> Mapping[str, str]:
    """Header keys that no layout imports, with the reason."""
    return layouts()[GENERIC].left_out


def left_out_numbers() -> frozenset[str]:
    """Those of them that hold numbers: ratios and counts of people."""
    return layouts()[GENERIC].left_out_numbers


def _keys(headers: list[str]) -> Iterator[str]:
    return (normal(header).key for header in headers)


def _layout(source: Mapping[str, Any]) -> Layout:
    languages: dict[str, set[str]] = {}
    columns = dict(_targets(source.get("columns", {}), languages))
    for name, by_language in source.get("segments", {}).items():
        columns.update(_targets({f"segment.{name}": by_language}, languages))
    return Layout(
        key=source["key"],
        name=source["name"],
        platform=source["platform"],
        kind=source["kind"],
        distinctive=frozenset(_keys(source["recognise"]["headers"])),
        at_least=source["recognise"]["at_least"],
        columns=columns,
        fallback=dict(_targets(source.get("fallback", {}), languages)),
        languages={key: frozenset(names) for key, names in languages.items()},
        conditional={
            target: Conditional(
                value=frozenset(_keys(rule["value"])),
                when=frozenset(_keys(rule["when"])),
                words=frozenset(word.casefold() for word in rule["is"]),
            )
            for target, rule in source.get("conditional", {}).items()
        },
        left_out={
            key: group["why"]
            for group in source.get("left_out", {}).values()
            for key in _keys(group["headers"])
        },
        left_out_numbers=frozenset(
            key
            for group in source.get("left_out", {}).values()
            if group["numbers"]
            for key in _keys(group["headers"])
        ),
        date_order=source.get("dates", {}).get("order", ""),
        date_why=source.get("dates", {}).get("why", ""),
        nameless_first_row=source.get("totals", {}).get("nameless_first_row", False),
        entity=source.get("entity", ""),
        required=tuple(tuple(group) for group in source.get("required", ())),
        personal={
            key: kind
            for kind, headers in source.get("personal", {}).items()
            for key in _keys(headers)
        },
    )


def _targets(
    tables: Mapping[str, Mapping[str, list[str]]], languages: dict[str, set[str]]
) -> Iterator[tuple[str, str]]:
    """Header key and target; notes the language of each header on the way."""
    for target, by_language in tables.items():
        for language, headers in by_language.items():
            for key in _keys(headers):
                languages.setdefault(key, set()).add(language)
                yield key, target
