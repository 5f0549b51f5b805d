"""The accepted rows as one data frame: categories, dates and nullable whole numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from integrations.rules.answers import DIMENSIONS, EVENT_MEASURES, MEASURES
from integrations.rules.cells import Column, combine, compact, constant
from integrations.rules.day_columns import Days
from integrations.rules.grid import Flags, Places
from integrations.rules.number_columns import FINE, Numbers

_EPOCH = 719163  # ordinal of 1 January 1970


def frame_of(
    lines: Places,
    days: Days,
    texts: Mapping[str, Column],
    numbers: Mapping[str, Numbers],
    keep: Flags,
    kind: str,
) -> pd.DataFrame:
    """One line per kept record, with every column of its ``kind`` (delivery or events), whether the
    file has it or not."""
    kept = _Kept(keep)
    data: dict[str, object] = {"row": lines[kept.places]}
    data["day"] = _dates(days.end[kept.places])
    data["period_start"] = _dates(days.start[kept.places])
    is_events = kind == "events"
    for target in ("event_name", "currency") if is_events else DIMENSIONS:
        if target not in data:
            data[target] = kept.category(texts.get(target))
    for target in EVENT_MEASURES if is_events else MEASURES:
        data[target] = kept.whole_numbers(numbers.get(target))
    return pd.DataFrame(data, copy=False)


class _Kept:
    """Takes the kept records out of columns; without a copy where all are kept."""

    def __init__(self, keep: Flags) -> None:
        self.count = int(keep.sum())
        self.places = slice(None) if keep.all() else np.flatnonzero(keep)

    def category(self, column: Column | None) -> pd.Categorical:
        if column is None:
            short = constant("", self.count)
        else:
            short = compact(Column(column.codes[self.places], column.values))
        codes: Any = short.codes  # its stubs know lists only
        return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(list(short.values)))

    def whole_numbers(self, numbers: Numbers | None) -> pd.arrays.IntegerArray:
        if numbers is None:
            return pd.arrays.IntegerArray(
                np.zeros(self.count, dtype=np.int64), np.ones(self.count, dtype=bool)
            )
        missing = numbers.states[self.places] != FINE
        return pd.arrays.IntegerArray(numbers.values[self.places], missing)


def _dates(ordinals: Places) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
    return (ordinals - _EPOCH).astype("datetime64[D]").astype("datetime64[s]")


def segments_of(columns: Mapping[str, Column], count: int) -> Column | None:
    """Leftover dimensions as JSON text with sorted keys; a blank one is left out of its row."""
    if not columns:
        return None
    names = sorted(columns)
    codes = combine([columns[name].codes for name in names], count)
    _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    texts = tuple(_segment_text(names, columns, int(place)) for place in first)
    return Column(inverse.astype(np.int32), texts)


def _segment_text(names: Sequence[str], columns: Mapping[str, Column], place: int) -> str:
    cells = {name.removeprefix("segment."): columns[name].of(place).strip() for name in names}
    found = {name: text for name, text in cells.items() if text}
    return json.dumps(found, ensure_ascii=False, sort_keys=True) if found else ""
