"""Rows that cannot be true as they stand."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from core.money import MICROS
from integrations.rules.monitors.answers import MEASURED, Observed, Signal, keys_of, spent
from integrations.rules.monitors.words import amount_text, counted, names_text, ranges_text


def negative(seen: Observed, threshold: float) -> Iterator[Signal]:
    """A measure below zero: credits and invalid clicks taken back, or a broken column."""
    rows = seen.judged
    below = [name for name in MEASURED if (rows[name] < 0).fillna(False).any()]
    wrong = rows[(rows[list(MEASURED)] < 0).fillna(False).any(axis=1)]
    yield from _signal(
        seen,
        wrong,
        threshold,
        cause="negative",
        what="below zero",
        why=f"{', '.join(below).capitalize()} went below zero. A platform's credit does that; so "
        "does a column that is read with the wrong sign.",
    )


def clicks_above(seen: Observed, threshold: float) -> Iterator[Signal]:
    """More clicks than impressions."""
    rows = seen.judged
    yield from _signal(
        seen,
        rows[(rows["clicks"] > rows["impressions"]).fillna(False)],
        threshold,
        cause="clicks",
        what="with more clicks than impressions",
        why="Nobody clicks what was not shown. Two columns may be exchanged, or one of them counts "
        "something else.",
    )


def spend_unseen(seen: Observed, threshold: float) -> Iterator[Signal]:
    """Money was spent and nothing shown; a missing number of impressions is not zero."""
    rows = seen.judged
    wrong = (rows["spend"] > 0) & (rows["impressions"] == 0)
    yield from _signal(
        seen,
        rows[wrong.fillna(False)],
        threshold,
        cause="spend",
        what="with spend and no impressions",
        why="Money was spent and nothing was shown. Impressions may come later, or their column was "
        "lost.",
    )


def conversions_unclicked(seen: Observed, threshold: float) -> Iterator[Signal]:
    """At least ``threshold`` conversions of a line on a day without a click."""
    rows = seen.judged
    wrong = (rows["conversions"] >= int(threshold * MICROS)) & (rows["clicks"] == 0)
    yield from _signal(
        seen,
        rows[wrong.fillna(False)],
        1,
        cause="conversions",
        what="with conversions and no clicks",
        why="Conversions are counted where nobody clicked: views may be counted as well, or clicks "
        "are missing.",
    )


def _signal(
    seen: Observed, wrong: pd.DataFrame, least: float, *, cause: str, what: str, why: str
) -> Iterator[Signal]:
    if len(wrong) < max(1, int(least)):
        return
    keys, amount = keys_of(wrong), spent(wrong)
    lines = [seen.lines.get(line, str(line)) for line in dict.fromkeys(key[0] for key in keys)]
    days = [day for _, day in keys]
    facts = [("Days", ranges_text(days)), ("Campaigns", names_text(lines))]
    if amount is not None:
        facts.append(("Spend in question", amount_text(amount, seen.currency)))
    yield Signal(
        cause=cause,
        title=f"{seen.name} has {counted(len(wrong), 'row')} {what}",
        detail=why,
        first_day=min(days),
        last_day=max(days),
        rows=len(wrong),
        amount_micros=amount,
        keys=keys,
        facts=tuple(facts),
    )
