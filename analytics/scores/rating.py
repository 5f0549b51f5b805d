"""What a table can tell about an outcome: honest quality, leaks, reasons, and the frozen model."""

from collections.abc import Callable, Collection
from dataclasses import replace

import numpy as np

from analytics.arrays import FloatArray, IntArray, Numbers, as_floats
from analytics.results import Reason
from analytics.scores.encoding import Column, Columns, distinct, is_text
from analytics.scores.fitting import KINDS, fit
from analytics.scores.leaks import gaps, leak_suspects
from analytics.scores.record import Record
from analytics.scores.results import Factor, LeakSuspect, Quality, Rating
from analytics.scores.validation import (
    FOLDS,
    later_folds,
    quality,
    random_folds,
    unseen_chances,
)

MIN_ROWS, MIN_POSITIVES = 1000, 120
# Nearly every row has a value of its own: it names the row and says nothing about it.
IDENTIFIER = 0.9
# Calls of `tell` until the end.
STEPS = FOLDS * len(KINDS) + 1


def _silent() -> None:
    pass


def rate(
    target: str,
    table: Columns,
    outcome: IntArray,
    *,
    order: Numbers | None = None,
    keep: Collection[str] = (),
    seed: int = 1,
    tell: Callable[[], None] = _silent,
) -> Rating:
    """Rate how well the columns of `table` (N rows) foretell `outcome` (N,) of 0 and 1.

    Logistic regression and boosted trees are each fitted on four fifths of the rows and judged on
    the rest, five times; the one with the smaller log loss is fitted to all rows. With `order`
    (N,), when each row became known, they are judged on later rows than they learnt from, which is
    how they will be used. Columns that seem to know the outcome are left out unless in `keep`.
    `tell` is called `STEPS` times along the way.

    Refuses below 1,000 rows, 120 with the outcome or 120 without it, and where no column is left.
    Raises ValueError when lengths differ or an outcome is neither 0 nor 1.
    """
    if any(len(column) != len(outcome) for column in table.values()):
        raise ValueError("every column needs one value for each outcome")
    if not np.isin(outcome, (0, 1)).all():
        raise ValueError("an outcome is 0 or 1")
    positives = int(outcome.sum())
    if len(outcome) < MIN_ROWS:
        return _refusal(outcome, (), (), Reason.TOO_FEW_ROWS)
    if min(positives, len(outcome) - positives) < MIN_POSITIVES:
        return _refusal(outcome, (), (), Reason.TOO_FEW_POSITIVES)
    useless = tuple(name for name, column in table.items() if _is_useless(column))
    told = {name: column for name, column in table.items() if name not in useless}
    suspects = leak_suspects(told, outcome, keep=keep, seed=seed)
    leaking = {one.name for one in suspects if one.is_left_out}
    used = {name: column for name, column in told.items() if name not in leaking}
    if not used:
        return _refusal(outcome, suspects, useless, Reason.NO_COLUMNS)
    folds = random_folds(outcome, seed) if order is None else later_folds(as_floats(order))
    unseen = unseen_chances(target, used, outcome, folds, tell)
    compared = {kind: quality(outcome, chances) for kind, chances in unseen.items()}
    rating = _fitted(target, used, outcome, compared)
    tell()
    return replace(rating, suspects=suspects, left_out=useless)


def _fitted(target: str, table: Columns, outcome: IntArray, compared: dict[str, Quality]) -> Rating:
    best = min(compared, key=lambda kind: compared[kind].log_loss)
    record = fit(best, target, table, outcome)
    return Rating(
        n=len(outcome),
        positives=int(outcome.sum()),
        model=best,
        quality=compared[best],
        compared=compared,
        factors=_factors(record, table),
        suspects=(),
        left_out=(),
        record=record,
        reason=None,
    )


def _is_useless(column: Column) -> bool:
    """Constant, or a name for each row."""
    there = column[gaps(column) == 0]
    values = len(distinct(there)[0] if is_text(column) else np.unique(there))
    if values <= 1 and not 0 < len(there) < len(column):
        return True
    is_whole = is_text(column) or bool((np.mod(there.astype(np.float64), 1) == 0).all())
    return is_whole and values > IDENTIFIER * len(column)


def _factors(record: Record, table: Columns) -> tuple[Factor, ...]:
    """Every column by how far it moves chances, the farthest first."""
    effects = record.effects(table)
    found = [
        Factor(column.name, float(np.abs(effect).mean()), *_ends(table[column.name], effect))
        for column, effect in zip(record.encoding.columns, effects.T, strict=True)
    ]
    return tuple(sorted(found, key=lambda one: (-one.strength, one.name)))


def _ends(column: Column, effect: FloatArray) -> tuple[str, str]:
    """Where a column raises chances most and where it lowers them most."""
    if is_text(column):
        values, place = distinct(column)
        # A value that a handful of rows have is no answer.
        counts = np.bincount(place)
        mean = np.bincount(place, effect) / counts
        common = np.flatnonzero(counts >= min(len(column) / 100, counts.max()))
        ends = common[[mean[common].argmax(), mean[common].argmin()]]
        return values[ends[0]], values[ends[1]]
    numbers = np.asarray(column, dtype=np.float64)
    there = ~np.isnan(numbers)
    middle = np.median(numbers[there])
    high, low = effect[there & (numbers > middle)], effect[there & (numbers <= middle)]
    rises = not len(high) or high.mean() >= low.mean()
    return ("high", "low") if rises else ("low", "high")


def _refusal(
    outcome: IntArray, suspects: tuple[LeakSuspect, ...], useless: tuple[str, ...], reason: Reason
) -> Rating:
    return Rating(
        n=len(outcome),
        positives=int(outcome.sum()),
        model=None,
        quality=None,
        compared={},
        factors=(),
        suspects=suspects,
        left_out=useless,
        record=None,
        reason=reason,
    )
