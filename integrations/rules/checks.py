"""What is odd about good rows: taken as they are, and said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np

from core.text import counted
from integrations.rules.answers import COUNTS, Caution
from integrations.rules.body import Body
from integrations.rules.codes import Code
from integrations.rules.facts import Facts
from integrations.rules.grid import Flags
from integrations.rules.number_columns import BOUND, FINE


def cautions_about(body: Body, keep: Flags, facts: Facts) -> Iterator[Caution]:
    """Every caution about the kept rows."""
    yield from _negative_cost(body, keep)
    yield from _negative_counts(body, keep)
    yield from _more_clicks_than_views(body, keep)
    yield from _masked(body, keep)
    yield from _rounded(body, keep)
    if facts.incomplete:
        yield Caution(
            Code.INCOMPLETE_LAST_DAY,
            "The platform says that the last day is not complete yet; import it again later.",
        )


def provisional_days(body: Body, keep: Flags, facts: Facts) -> tuple[date, ...]:
    """Days the platform itself calls incomplete: the last one of such a file."""
    if not facts.incomplete or not keep.any():
        return ()
    return (date.fromordinal(int(body.days.end[keep].max())),)


def _negative_cost(body: Body, keep: Flags) -> Iterator[Caution]:
    spend = body.measured.numbers.get("spend")
    if spend is None:
        return
    negative = keep & (spend.states == FINE) & (spend.values < 0)
    if negative.any():
        yield Caution(
            Code.NEGATIVE_COST,
            f"{_rows(negative, 'have')} a negative cost (credits); that lowers the spend.",
            body.some_lines(negative),
        )


def _negative_counts(body: Body, keep: Flags) -> Iterator[Caution]:
    negative = np.zeros(len(keep), dtype=bool)
    for measure in COUNTS:
        numbers = body.measured.numbers.get(measure)
        if numbers is not None:
            negative |= (numbers.states == FINE) & (numbers.values < 0)
    negative &= keep
    if negative.any():
        yield Caution(
            Code.NEGATIVE_COUNT,
            f"{_rows(negative, 'have')} a negative count, such as clicks taken back.",
            body.some_lines(negative),
        )


def _more_clicks_than_views(body: Body, keep: Flags) -> Iterator[Caution]:
    clicks, views = (body.measured.numbers.get(name) for name in ("clicks", "impressions"))
    if clicks is None or views is None:
        return
    both = keep & (clicks.states == FINE) & (views.states == FINE)
    odd = both & (clicks.values > views.values)
    if odd.any():
        yield Caution(
            Code.CLICKS_GT_IMPRESSIONS,
            f"{_rows(odd, 'have')} more clicks than impressions.",
            body.some_lines(odd),
        )


def _masked(body: Body, keep: Flags) -> Iterator[Caution]:
    masked = np.zeros(len(keep), dtype=bool)
    for numbers in body.measured.numbers.values():
        masked |= numbers.states == BOUND
    masked &= keep
    if masked.any():
        yield Caution(
            Code.MASKED_VALUE,
            f"{_rows(masked, 'hold')} a bound such as <5 instead of a number, which is kept as "
            "unknown, not as zero.",
            body.some_lines(masked),
        )


def _rounded(body: Body, keep: Flags) -> Iterator[Caution]:
    rounded = np.zeros(len(keep), dtype=bool)
    for numbers in body.measured.numbers.values():
        rounded |= numbers.rounded
    rounded &= keep
    if rounded.any():
        yield Caution(
            Code.ROUNDED_VALUE,
            f"{_rows(rounded, 'have')} more than six decimals, rounded to the millionth.",
            body.some_lines(rounded),
        )


def _rows(flags: Flags, verb: str) -> str:
    return counted(int(flags.sum()), f"row {'has' if verb == 'have' else 'holds'}", f"rows {verb}")
