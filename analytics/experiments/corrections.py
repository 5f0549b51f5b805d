"""Probabilities corrected for having asked many questions."""

from collections.abc import Callable
from enum import StrEnum

import numpy as np

from analytics.arrays import FloatArray, Numbers


class Correction(StrEnum):
    """Holm, Bonferroni, Hommel and Sidak bound any false finding; BH and BY their share."""

    BONFERRONI = "bonferroni"
    HOLM = "holm"
    BH = "fdr_bh"
    BY = "fdr_by"
    HOMMEL = "hommel"
    SIDAK = "sidak"
    NONE = "none"


def corrected(p: Numbers, method: Correction) -> FloatArray:
    """Adjusted probabilities (M,) in the order of `p` (M,), at most 1.

    Bonferroni; Holm (1979), "A simple sequentially rejective multiple test procedure"; Benjamini
    and Hochberg (1995), "Controlling the false discovery rate"; Benjamini and Yekutieli (2001),
    "The control of the false discovery rate in multiple testing under dependency"; Hommel (1988),
    "A stagewise rejective multiple test procedure"; Sidak (1967), "Rectangular confidence regions".
    """
    values = np.asarray(p, dtype=np.float64)
    if ((values < 0) | (values > 1) | np.isnan(values)).any():
        raise ValueError("a probability is outside 0 to 1")
    order = np.argsort(values, kind="stable")
    answer = np.empty_like(values)
    answer[order] = np.minimum(_METHODS[method](values[order]), 1.0)
    return answer


def _sidak(p: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore"):
        answer: FloatArray = -np.expm1(len(p) * np.log1p(-p))
    return answer


def _holm(p: FloatArray) -> FloatArray:
    answer: FloatArray = np.maximum.accumulate(p * np.arange(len(p), 0, -1))
    return answer


def _step_up(p: FloatArray) -> FloatArray:
    scaled = p * len(p) / np.arange(1, len(p) + 1)
    answer: FloatArray = np.minimum.accumulate(scaled[::-1])[::-1]
    return answer


def _step_up_dependent(p: FloatArray) -> FloatArray:
    return _step_up(p) * float((1 / np.arange(1, len(p) + 1)).sum())


def _hommel(p: FloatArray) -> FloatArray:
    """The algorithm of Wright (1992), "Adjusted P-values for simultaneous inference"."""
    n = len(p)
    answer = p.copy()
    for m in range(n, 1, -1):
        tail = m * p[n - m + 1 :] / np.arange(2, m + 1)
        least = float(tail.min())
        answer[n - m + 1 :] = np.maximum(answer[n - m + 1 :], least)
        answer[: n - m + 1] = np.maximum(answer[: n - m + 1], np.minimum(least, m * p[: n - m + 1]))
    return answer


_METHODS: dict[Correction, Callable[[FloatArray], FloatArray]] = {
    Correction.BONFERRONI: lambda p: p * len(p),
    Correction.HOLM: _holm,
    Correction.BH: _step_up,
    Correction.BY: _step_up_dependent,
    Correction.HOMMEL: _hommel,
    Correction.SIDAK: _sidak,
    Correction.NONE: lambda p: p,
}
