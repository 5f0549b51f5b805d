"""Candidate curves: shapes spread evenly over their prior, so that each is equally likely.

Decay has median .37 a week and lies below .9, of which a tenth is left after five months (Leone
1995, "Generalizing what is known about temporal aggregation and advertising carryover", finds six
to nine months at most).
Half of the most is reached near today's average, give or take a factor of 1.5: budgets are rarely
far below or beyond where curves bend. Slopes go from concave (.7) to S-shaped (2.4), median 1.3.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from analytics.arrays import FloatArray

CURVES = 256
MOST_DECAY, DECAY_POWER = 0.9, 1.3
HALF_DEVIATION = 0.4
SLOPE_MEDIAN, SLOPE_DEVIATION = 1.3, 0.3
# Root of x^4 = x + 1: steps by its powers fill a cube most evenly (Roberts 2018, "The Unreasonable
# Effectiveness of Quasirandom Sequences").
_PLASTIC = 1.2207440846057596


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """N curves of each of C channels, parameters (C, N); `shape` (C, N, T) is 0 to 1 by week."""

    decay: FloatArray
    half: FloatArray
    slope: FloatArray
    shape: FloatArray


def candidates_of(spend: FloatArray) -> Candidates:
    """Candidate curves for weekly spend (T, C), of which each column has some."""
    steps = np.arange(1, CURVES + 1)[:, None] * _PLASTIC ** -np.arange(1.0, 4.0)
    place = (0.5 + steps) % 1
    decay = MOST_DECAY * place[:, 0] ** DECAY_POWER
    slope = SLOPE_MEDIAN * np.exp(SLOPE_DEVIATION * ndtri(place[:, 2]))
    factor = np.exp(HALF_DEVIATION * ndtri(place[:, 1]))
    half = spend.mean(axis=0)[:, None] / (1 - decay) * factor
    carried = np.empty((spend.shape[1], CURVES, len(spend)))
    last = np.zeros(carried.shape[:2])
    for week, row in enumerate(spend):
        last = row[:, None] + decay * last
        carried[:, :, week] = last
    ratio = (carried / half[..., None]) ** slope[:, None]
    channels = (spend.shape[1], 1)
    return Candidates(np.tile(decay, channels), half, np.tile(slope, channels), 1 - 1 / (1 + ratio))
