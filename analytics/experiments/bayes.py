"""Probability to beat and expected loss, exact for shares and rates, normal for everything else."""

import numpy as np
from scipy import special

from analytics.arrays import FloatArray
from analytics.experiments.moments import Number, divide
from analytics.experiments.results import Belief, Posterior

PRIOR = (1.0, 1.0)
# Below this smallest parameter the densities have long tails and need a finer grid.
SKEWED, FINE, COARSE = 20.0, 192, 36
# Where the integrand has fallen to e^-36 of its peak nothing more is to be found.
DROP = 36.0


def beta_posterior(
    successes: Number, n: Number, *, level: float = 0.95, prior: tuple[float, float] = PRIOR
) -> Posterior:
    """The share behind `successes` of `n`, with a Beta prior (uniform unless told otherwise)."""
    yes, no = successes + prior[0], n - successes + prior[1]
    low = special.betaincinv(yes, no, (1 - level) / 2)
    high = special.betainccinv(yes, no, (1 - level) / 2)
    return Posterior(yes / (yes + no), low, high)


def beta_belief(
    successes: Number,
    n: Number,
    successes_treated: Number,
    n_treated: Number,
    *,
    prior: tuple[float, float] = PRIOR,
) -> Belief:
    """For shares with Beta posteriors, one integral each: to 1e-8 of the value down to 1e-30.

    With X below Y the integrals are P(X > Y) = int f_X F_Y and E(X - Y)+ = int f_X E(x - Y)+,
    over log odds by the trapezoid rule, which converges exponentially there (Trefethen and
    Weideman 2014, "The exponentially convergent trapezoidal rule"). Their complements follow
    without loss of digits.
    """
    control = successes + prior[0], n - successes + prior[1]
    treated = successes_treated + prior[0], n_treated - successes_treated + prior[1]
    gap = treated[0] / (treated[0] + treated[1]) - control[0] / (control[0] + control[1])
    ahead = gap > 0
    rows = np.array(np.broadcast_arrays(*control, *treated), dtype=np.float64)
    lower_first = np.where(ahead, rows, rows[[2, 3, 0, 1]])
    upset, loss = _upset(lower_first.reshape(4, -1)).reshape(2, *rows.shape[1:])
    return Belief(
        np.where(ahead, 1 - upset, upset)[()],
        (loss + np.maximum(-gap, 0.0))[()],
        (loss + np.maximum(gap, 0.0))[()],
    )


def _upset(rows: FloatArray) -> FloatArray:
    """P(X > Y) and E(X - Y)+, (2, R), of X ~ Beta(a, b) and Y ~ Beta(c, d); `rows` is (4, R)."""
    # Over the narrower density the other's distribution is smooth; 1 - X and 1 - Y trade places.
    spread = 1 / rows
    turned = spread[2] + spread[3] < spread[0] + spread[1]
    rows = np.where(turned, rows[::-1], rows)
    skewed = rows.min(axis=0) < SKEWED
    if not skewed.any():
        return _integrals(rows, COARSE)
    found = np.empty((2, rows.shape[1]))
    for chosen, nodes in ((skewed, FINE), (~skewed, COARSE)):
        found[:, chosen] = _integrals(rows[:, chosen], nodes)
    return found


def _odds_variance(a: FloatArray, b: FloatArray) -> FloatArray:
    variance: FloatArray = 1 / a + 1 / b
    return variance


def _integrals(rows: FloatArray, nodes: int) -> FloatArray:
    """Both integrals (2, R) over a grid of `nodes`, for parameters a, b, c, d (4, R)."""
    curve = _Integrand(rows[:, :, None])
    edges = curve.edges()
    low = edges[:, :1]
    step = (edges[:, 1:] - low) / (nodes - 1)
    x, density, below, other = curve.parts(low + step * np.arange(nodes))
    # E(x - Y)+ = (x - m) F(x) + m x (1 - x) f(x) / c, where x (1 - x) f is the density of log odds.
    mean = curve.c / (curve.c + curve.d)
    excess = np.maximum((x - mean) * below + mean * other / curve.c, 0.0)
    sums = np.stack(((density * below).sum(axis=1), (density * excess).sum(axis=1)))
    return np.minimum(sums * step[:, 0], 1.0)


class _Integrand:
    """f_X F_Y over log odds: log-concave, so that Newton's steps find its peak and its edges."""

    def __init__(self, rows: FloatArray) -> None:
        self.a, self.b, self.c, self.d = rows
        self.area, self.other_area = special.betaln(self.a, self.b), special.betaln(self.c, self.d)

    def parts(self, odds: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """The share x at these log odds, density of X, distribution and density of Y."""
        yes, no = special.log_expit(odds), special.log_expit(-odds)
        density = np.exp(self.a * yes + self.b * no - self.area)
        other = np.exp(self.c * yes + self.d * no - self.other_area)
        x = special.expit(odds)
        return x, density, special.betainc(self.c, self.d, x), other

    def log(self, odds: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Logarithm, up to a constant, with its first and second derivative."""
        x = special.expit(odds)
        yes, no = special.log_expit(odds), special.log_expit(-odds)
        below = np.log(np.maximum(special.betainc(self.c, self.d, x), 1e-300))
        hazard = np.exp(self.c * yes + self.d * no - self.other_area - below)
        value = self.a * yes + self.b * no + below
        slope = self.a * (1 - x) - self.b * x + hazard
        bend = hazard * (self.c * (1 - x) - self.d * x - hazard) - (self.a + self.b) * x * (1 - x)
        return value, slope, np.minimum(bend, -1e-12)

    def peak(self) -> FloatArray:
        """Where most of it lies, from the normal approximation and two steps of Newton's."""
        own, other = _odds_variance(self.a, self.b), _odds_variance(self.c, self.d)
        middle, far = np.log(self.a / self.b), np.log(self.c / self.d)
        at = middle - own / (own + other) * np.minimum(middle - far, 0.0)
        for _ in range(2):
            _, slope, bend = self.log(at)
            at = at - np.minimum(np.maximum(slope / bend, -2.0), 2.0)
        return np.asarray(at)

    def edges(self) -> FloatArray:
        """Where it has fallen by `DROP` on both sides (R, 2).

        A tangent of a concave curve never stops short of it, so that the steps err outwards.
        """
        peak = self.peak()
        top, _, bend = self.log(peak)
        sides = np.array([-1.0, 1.0])
        at = peak + sides * np.sqrt(-2 * DROP / bend)
        for _ in range(2):
            value, slope, _ = self.log(at)
            at = at - (value - top + DROP) / (sides * np.minimum(sides * slope, -1e-9))
        return np.asarray(at)


def gamma_belief(events: Number, n: Number, events_treated: Number, n_treated: Number) -> Belief:
    """Exact for Poisson rates with Jeffreys' prior, Gamma(1/2, 0).

    P(rate_t > rate_c) is a Beta distribution function at n_c / (n_c + n_t), because a Gamma over
    the sum of two is a Beta; the losses are the same with one event more.
    """
    a, c = events + 0.5, events_treated + 0.5
    share = n / (n + n_treated)
    beats = special.betainc(a, c, share)
    mean, mean_treated = a / n, c / n_treated
    kept = mean_treated * special.betainc(a, c + 1, share) - mean * special.betainc(a + 1, c, share)
    kept = np.maximum(kept, 0.0)
    return Belief(beats, np.maximum(kept - (mean_treated - mean), 0.0), kept)


def normal_belief(estimate: Number, standard_error: Number) -> Belief:
    """For any estimate with a normal error and a flat prior."""
    z = divide(estimate, standard_error)
    density = np.exp(-np.square(z) / 2) / np.sqrt(2 * np.pi)
    gain = standard_error * (density + np.abs(z) * special.ndtr(np.abs(z)))
    # phi(z) - z Phi(-z), through the scaled tail so that it keeps its digits far out.
    scaled = special.erfcx(np.abs(z) / np.sqrt(2)) * np.sqrt(np.pi / 2)
    tail = standard_error * density * np.maximum(1 - np.abs(z) * scaled, 0.0)
    return Belief(special.ndtr(z), np.where(z > 0, tail, gain)[()], np.where(z > 0, gain, tail)[()])
