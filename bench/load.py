"""Loading 411,000 facts into a table of ten million against a raw COPY of the same rows, in turns.

What is loaded are the newest days of every line: first as new rows, then restated, then the
same again. The peer is the least that any import must do: PostgreSQL's COPY of the same rows as CSV, into
a table without a key, committed; making the CSV is not counted. Ours does everything from the
data frame to the commit: checks, history, keys, differences and three roll-ups.

Compared are processor seconds of both processes, because loads take long enough for other
work on the machine to get into them; the seconds on the wall stand beside.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from statistics import median

import pandas as pd
from django.db import connection, transaction

from bench._market import (
    KNOWN,
    Compared,
    Cost,
    cost,
    database,
    fill,
    load,
    market,
    settle,
    wanted_rows,
)

CHUNK = 1 << 20
COLUMNS = [
    "line_id",
    "day",
    "creative_id",
    "segment_id",
    "impressions",
    "clicks",
    "spend",
    "conversions",
    "revenue",
]
TYPES = {"day": "date"}
RESTATED = 3
IMPORTED = 411_000


def raw_copy(frame: pd.DataFrame) -> Callable[[], None]:
    """COPY of the frame's CSV into a bare table."""
    text = frame[COLUMNS].to_csv(index=False, header=False, date_format="%Y-%m-%d").encode()
    types = ", ".join(f"{name} {TYPES.get(name, 'bigint')}" for name in COLUMNS)

    def copy() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS bench_raw")
            cursor.execute(f"CREATE TABLE bench_raw ({types})")
            with cursor.copy("COPY bench_raw FROM STDIN (FORMAT CSV)") as stream:
                for start in range(0, len(text), CHUNK):
                    stream.write(text[start : start + CHUNK])

    return copy


def restated(frame: pd.DataFrame, number: int) -> pd.DataFrame:
    """Every row with other clicks and revenue."""
    changed = frame.copy()
    changed["clicks"] += number
    changed["revenue"] += number * 10_000
    return changed


def newest(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The facts that are there before, and those of the last days, about ``IMPORTED`` of them."""
    day = frame["day"].sort_values(ignore_index=True).iloc[-min(IMPORTED, len(frame) // 2)]
    is_new = frame["day"] >= day
    return frame[~is_new], frame[is_new]


def measure(frame: pd.DataFrame) -> list[Compared]:
    copy = raw_copy(frame)
    copy()
    raw, first = [cost(copy)], [cost(partial(load, frame, KNOWN))]
    settle()
    same, changed = [], []
    for number in range(1, RESTATED + 1):
        later = KNOWN + timedelta(hours=number)
        loading = partial(load, restated(frame, number), later)
        raw.append(cost(copy))
        changed.append(cost(loading))
        settle()
        raw.append(cost(copy))
        same.append(cost(loading))
    return [
        _compared("every row new", first, raw, 0.10),
        _compared("every row restated", changed, raw, 0.10),
        _compared("the same file again, nothing changes", same, raw, 0.25),
    ]


def _compared(name: str, ours: list[Cost], raw: list[Cost], goal: float) -> Compared:
    mine, peer = (median(item.processor for item in items) for items in (ours, raw))
    walls = [median(item.wall for item in items) for items in (ours, raw)]
    ratio = peer / mine
    shown = f"{name} (wall {walls[0]:.1f} s, {walls[1] / walls[0]:.3f})"
    return Compared(shown, mine, peer, ratio, f">= {goal}", ratio >= goal)


def main() -> int:
    with database():
        before, imported = newest(market(wanted_rows()).frame)
        fill(before)
        found = measure(imported)
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS bench_raw")
    print(
        f"{len(imported):,} rows into {len(before):,}; ratio of rows a second to raw COPY, in turns"
    )
    for item in found:
        print(item.row())
    print("Fails when ours brings fewer rows a second than the goal's share of a raw COPY.")
    return 0 if all(item.passes for item in found) else 1


if __name__ == "__main__":
    sys.exit(main())
