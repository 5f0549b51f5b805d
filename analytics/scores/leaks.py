"""Columns that know the outcome because they were filled in after it.

The length of a call says how it went, the tag that a salesperson gives a lead says that it was
won: a model with such a column looks splendid and is of no use, as the column is still empty when
a chance is needed. Two signs are looked for. A column that by itself ranks as well as all others
together is one; there are no such gifts in honest data. Gaps that rank well are the other: who
fills a cell in, and when, depends on the outcome. Only people know when a column is filled in, so
both are suspicions.
"""

from collections.abc import Collection

import numpy as np

from analytics.arrays import FloatArray, IntArray
from analytics.scores.encoding import Column, Columns, distinct, is_text
from analytics.scores.results import LeakSuspect, LeakSuspicion
from analytics.scores.validation import auc, random_folds

# An AUC that hardly any single honest column reaches, how near it must come to that of the others
# to be named, and by how much it must beat them to be left out.
STRONG, NEAR, CLEAR = 0.75, 0.02, 0.01
STRONG_GAPS = 0.65
BINS = 20
PRIOR_ROWS = 20


def leak_suspects(
    table: Columns, outcome: IntArray, *, keep: Collection[str] = (), seed: int = 1
) -> tuple[LeakSuspect, ...]:
    """Return the suspects among the columns, the strongest first.

    Those that beat all others together are left out, except what is in `keep`, one after the other
    so that one does not hide behind the next. Columns are judged by the log-odds of their values or of
    twenty ranges, learnt from other rows than they are applied to; all others together by the sum
    of theirs (naive Bayes).
    """
    folds = random_folds(outcome, seed)
    odds = {name: _odds(_bins(column), outcome, folds) for name, column in table.items()}
    alone = {name: auc(outcome, one) for name, one in odds.items()}
    found = []
    total = sum(odds.values(), np.zeros(len(outcome)))
    for name in sorted(alone, key=lambda name: (-alone[name], name)):
        others = auc(outcome, total - odds[name])
        if alone[name] >= STRONG and alone[name] >= others - NEAR:
            is_left_out = name not in keep and alone[name] >= others + CLEAR
            found.append(
                LeakSuspect(name, LeakSuspicion.TELLS_ALL_ALONE, alone[name], others, is_left_out)
            )
            total = total - odds[name] if is_left_out else total
    named = {one.name for one in found}
    rest = {name: column for name, column in table.items() if name not in named}
    return (*found, *_by_gaps(rest, outcome, total, odds))


def _by_gaps(
    table: Columns, outcome: IntArray, total: FloatArray, odds: dict[str, FloatArray]
) -> list[LeakSuspect]:
    found = []
    for name, column in table.items():
        alone = auc(outcome, gaps(column).astype(np.float64))
        alone = max(alone, 1 - alone)
        if alone >= STRONG_GAPS:
            others = auc(outcome, total - odds[name])
            found.append(LeakSuspect(name, LeakSuspicion.TELLS_BY_GAPS, alone, others, False))
    return sorted(found, key=lambda one: (-one.alone, one.name))


def gaps(column: Column) -> FloatArray:
    """Where the column has no value; (N,) of 0 and 1."""
    empty = column == "" if is_text(column) else np.isnan(np.asarray(column, dtype=np.float64))
    return np.asarray(empty, dtype=np.float64)


def _bins(column: Column) -> IntArray:
    """The values of text, or twenty ranges of numbers with about as many rows each; gaps apart."""
    if is_text(column):
        return distinct(column)[1]
    values = np.asarray(column, dtype=np.float64)
    gap = np.isnan(values)
    known = values[~gap] if (~gap).any() else np.zeros(1)
    edges = np.unique(np.quantile(known, np.arange(1, BINS) / BINS))
    return np.where(gap, BINS, np.digitize(values, edges)).astype(np.int64)


def _odds(bins: IntArray, outcome: IntArray, folds: list[tuple[IntArray, IntArray]]) -> FloatArray:
    """The log-odds of each row's bin against those of all rows, learnt from other rows."""
    odds = np.empty(len(outcome))
    for learnt, judged in folds:
        base = outcome[learnt].mean()
        rows = np.bincount(bins[learnt], minlength=bins.max() + 1)
        came = np.bincount(bins[learnt], outcome[learnt], bins.max() + 1)
        share = (came + PRIOR_ROWS * base) / (rows + PRIOR_ROWS)
        odds[judged] = np.log(share / (1 - share))[bins[judged]] - np.log(base / (1 - base))
    return odds
