"""Comparing two permission matrices, and the addresses with the rights written down for them."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Cells = Mapping[tuple[str, str], str]
Rights = Mapping[tuple[str, str, str], str]

URL_COLUMNS = ("name", "path", "method", "acts")
BETWEEN = " | "


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two sides differ; a side that lacks the place is empty."""

    where: str
    here: str
    there: str

    def __str__(self) -> str:
        return f"{self.where}: here “{self.here or '–'}”, there “{self.there or '–'}”"


def read_matrix(path: Path) -> dict[tuple[str, str], str]:
    """The cells of a permission matrix by action and column; notes are left out."""
    with path.open(newline="", encoding="utf-8") as file:
        return {
            (row["action"], column): value.strip()
            for row in csv.DictReader(file)
            for column, value in row.items()
            if column not in ("action", "note") and value is not None
        }


def matrix_differences(here: Cells, there: Cells) -> list[Difference]:
    """Every cell that is not the same on both sides."""
    places = dict.fromkeys([*here, *there])
    return [
        Difference(
            f"{action}, {column}", here.get((action, column), ""), there.get((action, column), "")
        )
        for action, column in places
        if here.get((action, column)) != there.get((action, column))
    ]


def read_rights(path: Path) -> dict[tuple[str, str, str], str]:
    """The written-down rights by name, path and method."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {(row["name"], row["path"], row["method"]): row["acts"] for row in rows}


def write_rights(path: Path, rights: Rights) -> None:
    """Write the rights down, one line per address and method."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(URL_COLUMNS)
        writer.writerows([*place, acts] for place, acts in rights.items())


def rights_differences(
    declared: Rights, written: Rights, undeclared: Sequence[str]
) -> list[Difference]:
    """Addresses without a line, lines without an address, other rights, and no rights at all."""
    found = [
        Difference(f"{name} {method} {path}", declared.get(place, ""), written.get(place, ""))
        for place in dict.fromkeys([*declared, *written])
        for name, path, method in [place]
        if declared.get(place) != written.get(place)
    ]
    nameless = [
        Difference(f"{name} {method} {path}", acts, "a view names its acts by gate, public or acts")
        for (name, path, method), acts in declared.items()
        if acts in undeclared
    ]
    return [*found, *nameless]
