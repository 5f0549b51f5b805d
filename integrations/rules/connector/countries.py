"""Countries by the ISO 3166 code or a name in use, with the United Nations' name and region."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parents[2] / "connectors" / "countries.csv"


@dataclass(frozen=True, slots=True)
class Country:
    """``region`` as the United Nations group countries (Western Europe, Northern America ...)."""

    code: str
    name: str
    region: str


@cache
def countries() -> Mapping[str, Country]:
    """Every country by its code and by each of its names, in lower case."""
    found: dict[str, Country] = {}
    with FILE.open(encoding="utf-8", newline="") as opened:
        for row in csv.DictReader(opened):
            country = Country(row["code"], row["name"], row["region"])
            for word in (country.code, country.name, *row["also"].split(";")):
                found[word.casefold()] = country
    found.pop("", None)
    return found


def _country(text: str) -> Country | None:
    return countries().get(text.strip().casefold())


def name_of(text: str) -> str | None:
    """The full name, of a code or of a name in use; None for no country."""
    found = _country(text)
    return found.name if found else None


def code_of(text: str) -> str | None:
    found = _country(text)
    return found.code if found else None


def region_of(text: str) -> str | None:
    found = _country(text)
    return found.region if found else None
