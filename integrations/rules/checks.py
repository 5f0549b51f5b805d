"""What is odd about good rows: taken as they are, and said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np

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
            f"{int(negative.sum()):,} rows have a negative cost (credits); they lower the spend.",
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
            f"{int(negative.sum()):,} rows have a negative count, such as clicks taken back.",
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
            f"{int(odd.sum()):,} rows have more clicks than impressions.",
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
            f"{int(masked.sum()):,} rows hold a bound such as <5 instead of a number; that value "
            "is kept as unknown, not as zero.",
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
            f"{int(rounded.sum()):,} rows have more than six decimals; they were rounded to the "
            "millionth.",
            body.some_lines(rounded),
        )
