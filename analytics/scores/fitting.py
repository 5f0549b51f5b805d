"""Fits the two models; what it returns no longer needs the libraries.

Both run with their usual settings and fixed seeds: the same rows give the same record.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.arrays import FloatArray, IntArray
from analytics.scores.encoding import Columns, Encoding, fit_encoding
from analytics.scores.record import LOGISTIC, TREES, Record, Tree

KINDS = (LOGISTIC, TREES)
BOOSTING = {
    "learning_rate": 0.1,
    "max_iter": 100,
    "max_leaf_nodes": 15,
    "min_samples_leaf": 20,
    "early_stopping": False,
    "random_state": 1,
}


def fit(kind: str, target: str, table: Columns, outcome: IntArray) -> Record:
    """Fit a model of `kind` to rows whose outcome (N,) of 0 and 1 is known."""
    encoding = fit_encoding(table, outcome)
    make = _logistic if kind == LOGISTIC else _boosted
    return make(target, encoding, table, outcome)


def _logistic(target: str, encoding: Encoding, table: Columns, outcome: IntArray) -> Record:
    # Two seconds to load, which only fitting is worth.
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    design = encoding.design(table)
    model = LogisticRegression(max_iter=1000).fit(design, outcome)
    slopes: FloatArray = np.asarray(model.coef_[0], dtype=np.float64)
    centre = design.mean(axis=0)
    return Record(
        target=target,
        kind=LOGISTIC,
        encoding=encoding,
        base=float(model.intercept_[0] + centre @ slopes),
        coefficients=tuple(slopes.tolist()),
        centre=tuple(centre.tolist()),
        trees=(),
        rows=len(outcome),
        positives=int(outcome.sum()),
    )


def _boosted(target: str, encoding: Encoding, table: Columns, outcome: IntArray) -> Record:
    model = boosting(encoding.ranks(table), outcome)
    # The library has no public way to read its trees; a test compares them with its own answers.
    trees = tuple(_tree(one.nodes) for (one,) in model._predictors)  # noqa: SLF001
    start = float(model._baseline_prediction.item())  # noqa: SLF001
    return Record(
        target=target,
        kind=TREES,
        encoding=encoding,
        base=start + sum(tree.value[0] for tree in trees),
        coefficients=(),
        centre=(),
        trees=trees,
        rows=len(outcome),
        positives=int(outcome.sum()),
    )


def boosting(ranks: FloatArray, outcome: IntArray) -> Any:
    """The library's model of outcomes (N,) by ranks (N, K)."""
    # A second to load, which only fitting is worth.
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    # Threads add up in another order each time, and crowd out whatever else runs.
    with threadpool_limits(limits=1):
        return HistGradientBoostingClassifier(**BOOSTING).fit(ranks, outcome)


def _tree(nodes: NDArray[Any]) -> Tree:
    """The library's nodes, whose inner ones have no mean: that of the rows below them."""
    value, left, right, count = (nodes[name].copy() for name in ("value", "left", "right", "count"))
    inner = nodes["is_leaf"] == 0
    # Children stand behind their parents.
    for node in np.flatnonzero(inner)[::-1]:
        below = [left[node], right[node]]
        value[node] = np.average(value[below], weights=count[below])
    return Tree(
        feature=tuple(np.where(inner, nodes["feature_idx"], -1).tolist()),
        threshold=tuple(nodes["num_threshold"].tolist()),
        left=tuple(left.tolist()),
        right=tuple(right.tolist()),
        value=tuple(value.tolist()),
    )
