"""Reads daily numbers from a CSV, and says precisely what is wrong with one."""

import csv
import zlib
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from gzip import GzipFile
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO

import numpy as np

from analytics.arrays import FloatArray, IntArray
from analytics.commands.progress import Bar

ROWS_A_STEP = 20_000
DAILY_FILE = "a CSV in UTF-8 with a row a day, or .csv.gz; several rows of a day are added up"


class BadTable(Exception):
    """The file cannot be used; the message says where, why and what is needed."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Measures by series and day, each (S, D); NaN where the file has no row or no value."""

    series: tuple[str, ...]
    days: IntArray
    measures: dict[str, FloatArray]


def add_daily_options(parser: ArgumentParser) -> None:
    """What every command on daily numbers asks about the file."""
    parser.add_argument("--day", default="day", metavar="COLUMN", help="column of the day")
    parser.add_argument(
        "--fill", action="store_true", help="a day without a row is a zero, not unknown"
    )


def read_table(
    path: Path, *, day: str, series: str | None, measures: Sequence[str], fill: bool = False
) -> Table:
    """Return daily sums of the named columns, by the values of column `series` if given.

    Several rows of one series and day are added up. Days run from the first to the last in the
    file; with `fill` a day without a row counts as zero, else it stays unknown, as does a day with
    an empty cell. `.gz` is read too.
    """
    needed = [day, *([series] if series else []), *measures]
    rows = list(read_rows(path, needed))
    if not rows:
        raise BadTable(f"{path}: has a heading but no rows")
    parsed = [
        (
            row[series].strip() if series else "all",
            _day(path, number, day, row[day]),
            [cell_number(path, number, name, row[name]) for name in measures],
        )
        for number, row in rows
    ]
    names = tuple(sorted({name for name, _, _ in parsed}))
    first, last = min(d for _, d, _ in parsed), max(d for _, d, _ in parsed)
    cube = np.full((len(measures), len(names), last - first + 1), 0.0 if fill else np.nan)
    position = {name: i for i, name in enumerate(names)}
    for name, when, values in parsed:
        cell = cube[:, position[name], when - first]
        cell[:] = np.where(np.isnan(cell), values, cell + values)
    days = np.arange(first, last + 1, dtype=np.int64)
    return Table(names, days, dict(zip(measures, cube, strict=True)))


def read_heading(path: Path) -> list[str]:
    """The names of the columns, none where the file is empty."""
    with _text(path) as (file, _):
        return list(csv.DictReader(file).fieldnames or [])


def read_rows(path: Path, needed: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows with their line numbers, once the heading is known to be complete."""
    with _text(path) as (file, disk), Bar(f"Reading {path.name}", path.stat().st_size) as bar:
        reader = csv.DictReader(file, restval="")
        there = reader.fieldnames or []
        missing = [name for name in needed if name not in there]
        if missing:
            raise BadTable(
                f"{path}: no column {', '.join(map(repr, missing))}; "
                f"the file has {', '.join(map(repr, there)) or 'no heading'}"
            )
        for row in reader:
            if reader.line_num % ROWS_A_STEP == 0:
                bar.at(disk.tell())
            yield reader.line_num, row


@contextmanager
def _text(path: Path) -> Iterator[tuple[TextIOWrapper, BinaryIO]]:
    """The file as text, and as it lies on the disk; what goes wrong is said as a BadTable."""
    try:
        with path.open("rb") as disk:
            plain = GzipFile(fileobj=disk) if path.suffix == ".gz" else disk
            yield TextIOWrapper(plain, encoding="utf-8-sig", newline=""), disk
    except OSError as error:
        raise BadTable(f"{path}: {error.strerror or error}") from error
    except (UnicodeDecodeError, csv.Error, EOFError, zlib.error) as error:
        raise BadTable(f"{path}: not a CSV in UTF-8 ({error})") from error


def _day(path: Path, number: int, column: str, text: str) -> int:
    try:
        return date.fromisoformat(text.strip()).toordinal()
    except ValueError:
        raise BadTable(
            f"{path}, line {number}: {column} is {text!r}; a day like 2026-11-21 is needed"
        ) from None


def cell_number(path: Path, number: int, column: str, text: str) -> float:
    """The value, NaN where the cell is empty."""
    if not text.strip():
        return float("nan")
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        raise BadTable(
            f"{path}, line {number}: {column} is {text!r}; a plain number like 1234.5 is needed"
        )
    return value
