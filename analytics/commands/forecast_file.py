"""Reads the daily series of `forecast` and its plan, and writes its answer."""

import csv
from array import array
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import numpy as np

from analytics.commands.table import BadTable, cell_number, read_rows
from analytics.forecast import Forecast, Panel

SERIES, DAY, VALUE, SPEND = "unique_id", "ds", "y", "spend"
HEADING = (SERIES, DAY, "cutoff", "yhat", "lo80", "hi80", "lo95", "hi95")
# Thirty years; a slip of the pen in a year would otherwise ask for a panel of millennia.
LONGEST_SPAN = 11_000


def read_panel(path: Path, column: str = VALUE) -> Panel:
    """Return the daily series of a file with unique_id, ds and one column of numbers.

    Several rows of a series and day are added up; a day without a row or value is unknown.
    """
    names: dict[str, int] = {}
    known_days: dict[str, int] = {}
    series, days, values = array("l"), array("l"), array("d")
    for number, row in read_rows(path, (SERIES, DAY, column)):
        name, text = row[SERIES].strip(), row[DAY]
        if not name:
            raise BadTable(f"{path}, line {number}: {SERIES} is empty; every row needs its series")
        if text not in known_days:
            known_days[text] = cell_day(f"{path}, line {number}: {DAY}", text)
        series.append(names.setdefault(name, len(names)))
        days.append(known_days[text])
        values.append(cell_number(path, number, column, row[column]))
    if not names:
        raise BadTable(f"{path}: has a heading but no rows")
    return _panel(path, list(names), np.array(series), np.array(days), np.array(values))


def cell_day(where: str, text: str) -> int:
    """The ordinal of a day; a time of day after it is left aside."""
    try:
        return date.fromisoformat(text.strip()[:10]).toordinal()
    except ValueError:
        raise BadTable(f"{where} is {text!r}; a day like 2026-11-21 is needed") from None


def _panel(
    path: Path,
    names: list[str],
    series: "np.ndarray[tuple[int], np.dtype[np.int64]]",
    days: "np.ndarray[tuple[int], np.dtype[np.int64]]",
    values: "np.ndarray[tuple[int], np.dtype[np.float64]]",
) -> Panel:
    first, last = int(days.min()), int(days.max())
    if last - first > LONGEST_SPAN:
        raise BadTable(
            f"{path}: {DAY} runs from {date.fromordinal(first)} to {date.fromordinal(last)}; "
            f"at most {LONGEST_SPAN:,} days can be used"
        )
    known = ~np.isnan(values)
    if not known.any():
        raise BadTable(f"{path}: no row has a value")
    table = np.zeros((len(names), last - first + 1))
    there = np.zeros_like(table, dtype=np.bool_)
    place = series[known], days[known] - first
    np.add.at(table, place, values[known])
    there[place] = True
    table[~there] = np.nan
    order = sorted(range(len(names)), key=names.__getitem__)
    return Panel(tuple(names[i] for i in order), np.arange(first, last + 1), table[order])


def write_forecasts(path: Path, forecasts: Iterable[Forecast]) -> int:
    """Write a row per series, day and cut-off; return how many. The file appears when complete."""
    rows = 0
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADING)
            for told in forecasts:
                rows += _write(writer.writerows, told)
        part.replace(path)
    except OSError as error:
        raise BadTable(f"{path}: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
    return rows


def _write(write: "csv._writer.writerows", told: Forecast) -> int:  # type: ignore[name-defined]
    cutoff = date.fromordinal(told.cutoff).isoformat()
    days = [date.fromordinal(int(day)).isoformat() for day in told.days]
    columns = (told.mean, told.low80, told.high80, told.low95, told.high95)
    for i, name in enumerate(told.names):
        cells = zip(*(column[i] for column in columns), strict=True)
        write(
            [name, day, cutoff, *(f"{value:.6g}" for value in cell)]
            for day, cell in zip(days, cells, strict=True)
        )
    return len(told.names) * len(days)
