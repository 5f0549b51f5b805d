"""A data frame of facts as PostgreSQL's binary COPY takes it, without one Python object per row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import Invalid
from metrics.choices import MEASURES

KEYS = ("line_id", "day", "source", "creative_id", "segment_id", "period_days")
KEY_TYPES = {
    "line_id": ">i8",
    "day": ">i4",
    "source": ">i4",
    "creative_id": ">i8",
    "segment_id": ">i8",
    "period_days": ">i2",
}
DEFAULTS = {"source": 0, "creative_id": 0, "segment_id": 0, "period_days": 1}
CHUNK = 100_000
# PostgreSQL counts days from here.
EPOCH = np.datetime64("2000-01-01", "D")
HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"

Whole = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class FactFrame:
    """Checked columns: keys complete, measures whole numbers with a mask of what is missing.

    Only measures the source reports are here; the others of a known fact stay as they are.
    """

    keys: dict[str, Whole]
    values: dict[str, Whole]
    missing: dict[str, Mask]

    def __len__(self) -> int:
        return len(self.keys["line_id"])

    @property
    def measures(self) -> list[str]:
        return list(self.values)

    @classmethod
    def of(cls, frame: pd.DataFrame) -> FactFrame:
        """Read a frame with ``line_id``, ``day`` and measures; other keys have defaults.

        Measures are whole numbers (``Int64``, integers, or objects with None); money and
        conversions are micros. Raises ``Invalid`` for unknown columns, fractions, missing
        keys and rows that state the same fact twice.
        """
        _check_columns(frame)
        keys = {name: _key(frame, name) for name in KEYS}
        measures = [_measure(frame, name) for name in MEASURES if name in frame]
        found = cls(
            keys=keys,
            values={name: values for name, values, _ in measures},
            missing={name: missing for name, _, missing in measures},
        )
        return found.in_order()

    def in_order(self) -> FactFrame:
        """The same rows by key: tables and indexes are then written from one end to the other.

        Raises ``Invalid`` when two rows state the same fact: their sum or the newer one must be
        chosen before.
        """
        order = np.lexsort([self.keys[name] for name in reversed(KEYS)])
        found = self._taken(order)
        found.refuse_repeated(order)
        return found

    def _taken(self, order: npt.NDArray[np.intp]) -> FactFrame:
        return FactFrame(
            keys={name: column[order] for name, column in self.keys.items()},
            values={name: column[order] for name, column in self.values.items()},
            missing={name: column[order] for name, column in self.missing.items()},
        )

    def refuse_repeated(self, order: npt.NDArray[np.intp]) -> None:
        """Raise for rows by key that follow one of the same key; ``order`` are their places before."""
        repeated = np.ones(max(len(self) - 1, 0), dtype=np.bool_)
        for column in self.keys.values():
            repeated &= column[1:] == column[:-1]
        if repeated.any():
            # lexsort keeps the order of equal rows, so the later one of a pair repeats.
            raise Invalid(
                f"{int(repeated.sum())} rows state a fact that another row states already.",
                code="DUPLICATE_IN_FILE",
                where=f"row {int(order[1:][repeated].min()) + 1}",
                remedy="Add such rows up, or keep one of them, before loading.",
            )

    def copied(self, start: int) -> bytes:
        """The rows from ``start`` (at most ``CHUNK``) as binary COPY data, without header.

        Rows with the same columns missing have the same length, so each such group is one
        array whose memory is what COPY expects. The order of rows does not matter.
        """
        part = slice(start, start + CHUNK)
        patterns = self._patterns(part)
        groups = (np.flatnonzero(patterns == pattern) for pattern in np.unique(patterns))
        return b"".join(self._packed(start + rows) for rows in groups)

    def chunks(self) -> Iterator[tuple[int, bytes]]:
        """All rows as COPY data, each chunk with the number of rows sent once it is through."""
        yield 0, HEADER
        for start in range(0, len(self), CHUNK):
            yield min(start + CHUNK, len(self)), self.copied(start)
        yield len(self), TRAILER

    def _patterns(self, part: slice) -> Whole:
        patterns = np.zeros(len(self.keys["line_id"][part]), dtype=np.int64)
        for bit, name in enumerate(self.measures):
            patterns |= self.missing[name][part].astype(np.int64) << bit
        return patterns

    def _packed(self, rows: npt.NDArray[np.intp]) -> bytes:
        """Rows that all miss the same measures."""
        first = rows[0]
        present = [name for name in self.measures if not self.missing[name][first]]
        columns = [*KEYS, *self.measures]
        layout: list[tuple[str, str]] = [("count", ">i2")]
        for name in columns:
            layout.append((f"{name}_length", ">i4"))
            if name in KEY_TYPES or name in present:
                layout.append((name, KEY_TYPES.get(name, ">i8")))
        packed = np.empty(len(rows), dtype=layout)
        packed["count"] = len(columns)
        for name in columns:
            self._fill(packed, name, rows)
        return packed.tobytes()

    def _fill(self, packed: npt.NDArray[np.void], name: str, rows: npt.NDArray[np.intp]) -> None:
        if name not in (packed.dtype.names or ()):
            packed[f"{name}_length"] = -1
            return
        source = self.keys if name in self.keys else self.values
        packed[f"{name}_length"] = packed.dtype[name].itemsize
        packed[name] = source[name][rows]


def _check_columns(frame: pd.DataFrame) -> None:
    unknown = sorted(set(map(str, frame.columns)) - {*KEYS, *MEASURES})
    missing = [name for name in ("line_id", "day") if name not in frame]
    if unknown or missing:
        raise Invalid(
            "A load of facts needs the columns line_id and day, and otherwise only keys and measures.",
            details=[{"message": f"unknown: {name}"} for name in unknown]
            + [{"message": f"missing: {name}"} for name in missing],
        )
    if not any(name in frame for name in MEASURES):
        raise Invalid("A load of facts needs at least one measure.")


def _key(frame: pd.DataFrame, name: str) -> Whole:
    if name not in frame:
        return np.full(len(frame), DEFAULTS[name], dtype=np.int64)
    column = frame[name]
    if column.isna().any():
        raise Invalid(f"A fact without {name} cannot be placed.", where=name)
    if name == "day":
        days = pd.to_datetime(column).to_numpy().astype("datetime64[D]")
        return (days - EPOCH).astype(np.int64)
    values: Whole = column.to_numpy(dtype=np.int64)
    low, high = (1 if name in ("line_id", "period_days") else 0), np.iinfo(KEY_TYPES[name]).max
    if len(values) and not low <= values.min() <= values.max() <= high:
        raise Invalid(f"{name} goes from {low} to {high}.", where=name)
    return values


def _measure(frame: pd.DataFrame, name: str) -> tuple[str, Whole, Mask]:
    column = frame[name]
    try:
        whole = column.astype("Int64")
    except (TypeError, ValueError, OverflowError) as error:
        raise _not_whole(name) from error
    if column.dtype.kind == "f":
        raise _not_whole(name)
    values = np.asarray(whole.to_numpy(dtype=np.int64, na_value=0), dtype=np.int64)
    return name, values, np.asarray(whole.isna(), dtype=np.bool_)


def _not_whole(name: str) -> Invalid:
    return Invalid(
        f"{name} holds something else than whole numbers, which cannot be stored exactly.",
        where=name,
        remedy="Give whole numbers (Int64): counts in units, money and conversions in micros.",
    )
