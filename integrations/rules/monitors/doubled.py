"""The same numbers twice: a campaign that came in under two names, or a day that was copied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from integrations.rules.monitors.answers import Observed, Signal, keys_of, spent
from integrations.rules.monitors.words import amount_text, counted, names_text, ranges_text

# Small numbers are equal by chance; a day with this many impressions is not.
LEAST_IMPRESSIONS = 100
LEAST_OF_DAY = 1_000
SAME = ["day", "impressions", "clicks", "spend"]


def duplicate(seen: Observed, threshold: float) -> Iterator[Signal]:
    """Lines with equal numbers on ``threshold`` days, and days equal to the day before."""
    yield from _twin_lines(seen, max(1, int(threshold)))
    yield from _copied_days(seen)


def _twin_lines(seen: Observed, least: int) -> Iterator[Signal]:
    mine = _comparable(seen.judged).assign(mine=True)
    other = _comparable(seen.others).assign(mine=False)
    both = pd.concat([mine, other[other["day"] >= pd.Timestamp(seen.since)]])
    pairs = both.merge(both, on=SAME, suffixes=("", "_twin"))
    # The line that came later is the copy; lines number themselves in the order of coming.
    pairs = pairs[(pairs["line_id"] > pairs["line_id_twin"]) & pairs["mine"]]
    parts: Any = pairs.groupby(["line_id", "line_id_twin"])
    for (line, twin), found in parts:
        if len(found) >= least:
            yield _twin(seen, int(line), int(twin), found)


def _comparable(rows: pd.DataFrame) -> pd.DataFrame:
    enough = (rows["impressions"] >= LEAST_IMPRESSIONS) & (rows["clicks"] > 0)
    return rows.loc[enough.fillna(False), ["line_id", *SAME]].dropna()


def _twin(seen: Observed, line: int, twin: int, found: pd.DataFrame) -> Signal:
    names = [seen.lines.get(line, str(line)), seen.lines.get(twin, str(twin))]
    amount = spent(found) or 0
    keys = keys_of(found)
    days = [day for _, day in keys]
    return Signal(
        cause=f"duplicate:{line}:{twin}",
        title=f"“{names[0]}” repeats the numbers of “{names[1]}” on {counted(len(found), 'day')}",
        detail="Impressions, clicks and spend are the same to the last digit, so this is one "
        "campaign that came in twice and counts double.",
        first_day=min(days),
        last_day=max(days),
        rows=len(found),
        amount_micros=amount,
        keys=keys,
        facts=(
            ("Days", ranges_text(days)),
            ("Counted twice", amount_text(amount, seen.currency)),
        ),
        more={"line": line, "twin": twin},
    )


def _copied_days(seen: Observed) -> Iterator[Signal]:
    """Whole days that say of every line what the day before said."""
    groups: Any = seen.days.groupby("day")
    days: dict[pd.Timestamp, pd.DataFrame] = dict(iter(groups))
    copied = [
        part
        for stamp, part in days.items()
        if stamp >= pd.Timestamp(seen.since) and _equals(part, days.get(stamp - pd.Timedelta("1D")))
    ]
    if not copied:
        return
    rows = pd.concat(copied)
    keys, amount = keys_of(rows), spent(rows)
    stamps = [day for _, day in keys]
    names = [seen.lines.get(line, str(line)) for line in dict.fromkeys(key[0] for key in keys)]
    yield Signal(
        cause="duplicate:day",
        title=f"{seen.name} repeats the day before on {counted(len(copied), 'day')}",
        detail="Every number of every campaign is that of the day before. That does not happen by "
        "itself: an old day was sent again under a new date.",
        first_day=min(stamps),
        last_day=max(stamps),
        rows=len(rows),
        amount_micros=amount,
        keys=keys,
        facts=(("Days", ranges_text(stamps)), ("Campaigns", names_text(names))),
    )


def _equals(part: pd.DataFrame, before: pd.DataFrame | None) -> bool:
    if before is None or len(part) != len(before) or part["impressions"].sum() < LEAST_OF_DAY:
        return False
    columns = ["line_id", "impressions", "clicks", "spend"]
    now, then = (
        frame[columns].sort_values("line_id").reset_index(drop=True) for frame in (part, before)
    )
    return bool(now.equals(then))
