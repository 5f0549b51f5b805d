"""Two-sided probabilities that do not vanish: their logarithm is right where they underflow."""

import numpy as np
from scipy import special

from analytics.experiments.moments import Number

SMALLEST = 1e-300
LN10 = float(np.log(10.0))


def normal_log_p(statistic: Number) -> Number:
    """Natural logarithm of the two-sided normal probability."""
    log_p: Number = np.log(2.0) + special.log_ndtr(-np.abs(statistic))
    return log_p


def student_p(statistic: Number, freedom: Number) -> Number:
    """Two-sided probability of Student's t."""
    p: Number = 2 * special.stdtr(freedom, -np.abs(statistic))
    return p


def student_log_p(statistic: Number, freedom: Number, p: Number) -> Number:
    """Natural logarithm of `p` from `student_p`, also where `p` is too small for a float.

    There the statistic is turned into a normal one (Wallace 1959, "Bounds on normal approximations
    to Student's and the chi-square distributions"), exact enough for an exponent.
    """
    if np.min(p) > SMALLEST:
        logs: Number = np.log(p)
        return logs
    square = np.square(statistic)
    normal = (8 * freedom + 1) / (8 * freedom + 3) * np.sqrt(freedom * np.log1p(square / freedom))
    kept: Number = np.where(p > SMALLEST, np.log(np.maximum(p, SMALLEST)), normal_log_p(normal))[()]
    return kept


def p_text(log_p: float) -> str:
    """A probability as people read it: .0123, 5.7e-112, 1e-4321; never a bare zero."""
    exponent = log_p / LN10
    if exponent > -4:
        return f"{np.exp(log_p):.4f}".removeprefix("0") if exponent < 0 else "1"
    whole = int(np.floor(exponent))
    return f"{10 ** (exponent - whole):.1f}e{whole}"
