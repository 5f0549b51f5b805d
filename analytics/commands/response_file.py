"""Reads the weeks of a market, and the options that speak of its channels."""

from argparse import Namespace
from collections.abc import Callable, Sequence
from datetime import date
from math import inf, isfinite
from pathlib import Path
from typing import Any

import numpy as np

from analytics.arrays import FloatArray
from analytics.commands.table import BadTable, cell_number, read_heading, read_rows
from analytics.response import Market

Wanted = dict[str, str]


def read_market(options: Namespace) -> Market:
    """The market of the file: one row a week, in order, without a gap."""
    path, there = options.file, read_heading(options.file)
    channels = {name: _column(name, there) for name in listed(options.channels)}
    controls = listed(options.controls or "")
    week = options.week or ("week" if "week" in there else there[0] if there else "week")
    columns = [*channels.values(), *controls, options.target]
    if len(set(columns)) != len(columns):
        raise BadTable(f"{path}: a column is named twice in --target, --channels, --controls")
    rows = list(read_rows(path, [week, *columns]))
    if not rows:
        raise BadTable(f"{path}: has a heading but no rows")
    _check_weeks(path, week, [(number, row[week]) for number, row in rows])
    spend = _block(path, rows, list(channels.values()), least=0.0)
    return Market(
        names=tuple(channels),
        spend=spend,
        result=_block(path, rows, [options.target])[:, 0],
        controls=_block(path, rows, controls),
        money=not options.not_money,
    )


def listed(text: str) -> list[str]:
    """Names between commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def by_channel(
    option: str, entries: Sequence[str], names: Sequence[str], read: Callable[[str], Any]
) -> dict[str, Any]:
    """`NAME=...` entries of an option by channel, each read by `read`, which raises ValueError."""
    found: dict[str, Any] = {}
    for entry in entries:
        name, _, text = entry.rpartition("=")
        if name not in names:
            raise BadTable(
                f"{option} {entry}: {name!r} is no channel; named are {', '.join(names)}"
            )
        if name in found:
            raise BadTable(f"{option} {entry}: {name} is there twice")
        try:
            found[name] = read(text)
        except ValueError as error:
            raise BadTable(f"{option} {entry}: {error}") from None
    return found


def factors(text: str) -> tuple[float, float]:
    """`0.7..1.3`, either end may be left out."""
    low, dots, high = text.partition("..")
    try:
        pair = float(low or 0), float(high or inf)
    except ValueError:
        pair = 1.0, 0.0
    if not dots or not 0 <= pair[0] <= pair[1]:
        raise ValueError("two multiples of today's spend like 0.7..1.3 are needed")
    return pair


def amount(text: str) -> float:
    """An amount of zero or more."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not isfinite(value) or value < 0:
        raise ValueError("an amount like 2000 is needed")
    return value


def mean_and_error(text: str) -> tuple[float, float]:
    """`2.5,0.4`: what an experiment measured, and its standard error."""
    parts = text.split(",")
    try:
        mean, error = (float(part) for part in parts)
    except ValueError:
        mean, error = 0.0, 0.0
    if not (isfinite(mean) and isfinite(error) and error > 0):
        raise ValueError("a return and its standard error like 2.5,0.4 are needed")
    return mean, error


def _column(name: str, there: Sequence[str]) -> str:
    """The column of a channel: its own name, or that with `_spend`."""
    return f"{name}_spend" if name not in there and f"{name}_spend" in there else name


def _block(
    path: Path, rows: Sequence[tuple[int, Wanted]], columns: Sequence[str], least: float = -inf
) -> FloatArray:
    values = np.empty((len(rows), len(columns)))
    for i, (number, row) in enumerate(rows):
        for j, column in enumerate(columns):
            values[i, j] = cell_number(path, number, column, row[column])
            if np.isnan(values[i, j]) or values[i, j] < least:
                needed = "an amount of zero or more" if least == 0 else "a number"
                raise BadTable(
                    f"{path}, line {number}: {column} is {row[column]!r}; {needed} is needed "
                    "for every week"
                )
    return values


def _check_weeks(path: Path, column: str, cells: Sequence[tuple[int, str]]) -> None:
    before: date | None = None
    for number, text in cells:
        try:
            day = date.fromisoformat(text.strip())
        except ValueError:
            raise BadTable(
                f"{path}, line {number}: {column} is {text!r}; the first day of a week like "
                "2026-11-16 is needed (--week names the column)"
            ) from None
        if before is not None and (day - before).days != 7:
            raise BadTable(
                f"{path}, line {number}: {day} comes after {before}; one row for each week, "
                "oldest first, without a gap is needed"
            )
        before = day
