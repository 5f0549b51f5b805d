"""Chances of rows that the model had not seen, and how good they are."""

from collections.abc import Callable, Iterator, Sequence
from math import sqrt
from statistics import NormalDist

import numpy as np

from analytics.arrays import FloatArray, IntArray
from analytics.results import Interval
from analytics.scores.encoding import Columns
from analytics.scores.fitting import KINDS, fit
from analytics.scores.results import Group, Quality

FOLDS = 5
GROUPS = 10
LEVEL = 0.95
# No chance is quite 0 or 1 where its logarithm is taken.
SURE = 1e-9

Fold = tuple[IntArray, IntArray]


def random_folds(outcome: IntArray, seed: int) -> list[Fold]:
    """Rows to learn from and rows to judge on, five times, each with its share of outcomes."""
    number = np.empty(len(outcome), dtype=np.int64)
    random = np.random.default_rng(seed)
    for value in (0, 1):
        rows = random.permutation(np.flatnonzero(outcome == value))
        number[rows] = np.arange(len(rows)) % FOLDS
    return [(np.flatnonzero(number != n), np.flatnonzero(number == n)) for n in range(FOLDS)]


def later_folds(order: FloatArray) -> list[Fold]:
    """The same, always judging on rows that come later than those learnt from.

    `order` (N,) is when each row became known; the first sixth is only learnt from.
    """
    blocks = np.array_split(np.argsort(order, kind="stable"), FOLDS + 1)
    return [(np.concatenate(blocks[:n]), blocks[n]) for n in range(1, FOLDS + 1)]


def unseen_chances(
    target: str,
    table: Columns,
    outcome: IntArray,
    folds: Sequence[Fold],
    tell: Callable[[], None],
) -> dict[str, FloatArray]:
    """The chance each model gives to each row it had not seen, (N,); NaN for rows never judged."""
    found = {kind: np.full(len(outcome), np.nan) for kind in KINDS}
    for learnt, judged in folds:
        for kind, chances in found.items():
            record = fit(kind, target, taken(table, learnt), outcome[learnt])
            chances[judged] = record.chances(taken(table, judged))
            tell()
    return found


def taken(table: Columns, rows: IntArray) -> Columns:
    return {name: column[rows] for name, column in table.items()}


def quality(outcome: IntArray, chances: FloatArray) -> Quality:
    """Measure chances (N,) against outcomes (N,) of 0 and 1; rows without a chance do not count."""
    there = ~np.isnan(chances)
    came, said = outcome[there], chances[there]
    sure = np.clip(said, SURE, 1 - SURE)
    ranked = list(_groups(came, said))
    area = auc(came, said)
    return Quality(
        auc=area,
        auc_interval=_auc_interval(area, int(came.sum()), int(len(came) - came.sum())),
        brier=float(np.mean((said - came) ** 2)),
        log_loss=float(-np.mean(np.where(came == 1, np.log(sure), np.log(1 - sure)))),
        calibration_error=sum(abs(one.said - one.came) * one.n for one in ranked) / len(came),
        lift=ranked[-1].came / float(came.mean()),
        groups=tuple(ranked),
    )


def auc(outcome: IntArray, score: FloatArray) -> float:
    """The area under the ROC curve; rows with equal scores share their rank.

    Mann and Whitney 1947, "On a Test of Whether one of Two Random Variables is Stochastically
    Larger than the Other".
    """
    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    positives = int(outcome.sum())
    above = float(ranks[outcome == 1].sum()) - positives * (positives + 1) / 2
    return above / (positives * (len(outcome) - positives))


def _auc_interval(area: float, positives: int, negatives: int) -> Interval:
    """Hanley and McNeil 1982, "The Meaning and Use of the Area under a ROC Curve", equation 2."""
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area) + (positives - 1) * (q1 - area**2) + (negatives - 1) * (q2 - area**2)
    reach = _z() * sqrt(max(spread, 0.0) / (positives * negatives))
    return Interval(max(area - reach, 0.0), min(area + reach, 1.0), LEVEL)


def _groups(came: IntArray, said: FloatArray) -> Iterator[Group]:
    for rows in np.array_split(np.argsort(said, kind="stable"), GROUPS):
        share = float(came[rows].mean())
        yield Group(len(rows), float(said[rows].mean()), share, wilson(share, len(rows)))


def wilson(share: float, n: int) -> Interval:
    """The interval of a share of `n` (Wilson 1927, "Probable Inference")."""
    z = _z()
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return Interval(max(centre - reach, 0.0), min(centre + reach, 1.0), LEVEL)


def _z() -> float:
    return NormalDist().inv_cdf(0.5 + LEVEL / 2)
