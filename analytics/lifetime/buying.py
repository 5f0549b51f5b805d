"""What customers not yet old enough are expected to buy: when, until when, and for how much.

BG/NBD of Fader, Hardie and Lee (2005), ""Counting your customers" the easy way": each customer buys
at a rate of their own (gamma), and after each purchase is lost with a chance of their own (beta).
Amounts by the gamma-gamma model of Fader and Hardie (2013), "The gamma-gamma model of monetary
value". Times are in weeks.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, gammaln

from analytics.arrays import FloatArray
from analytics.lifetime.customers import Customers
from analytics.lifetime.results import LifetimeValue
from analytics.resample import percentile_interval
from analytics.results import Reason

LEAST_CUSTOMERS, LEAST_REPEATERS = 100, 30
DRAWS, LEVEL = 300, 0.9
# Of logarithms: further out the likelihood is flat, and powers overflow.
MOST_LOG, CURVATURE_STEP, TINY = 12.0, 1e-3, 1e-300


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Each customer's repeat purchases (days with one), the week of the last, the weeks known, and
    the mean amount of a repeat purchase; all (C,), counted from the first purchase."""

    repeats: FloatArray
    latest: FloatArray
    weeks: FloatArray
    amount: FloatArray


@dataclass(frozen=True, slots=True)
class Buying:
    """BG/NBD: rates are gamma (`r`, `alpha` weeks), chances of being lost beta (`a`, `b`)."""

    r: float
    alpha: float
    a: float
    b: float


@dataclass(frozen=True, slots=True)
class Spending:
    """Gamma-gamma: an amount is gamma (`p`, rate), the rates are gamma (`q`, `gamma`)."""

    p: float
    q: float
    gamma: float


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Positive parameters (K,) of greatest likelihood, and the root (K, K) of the covariance of
    their logarithms."""

    best: FloatArray
    root: FloatArray

    def drawn(self, generator: np.random.Generator) -> list[float]:
        """Parameters that the data allow as well."""
        noise = self.root @ generator.standard_normal(len(self.best))
        return [float(number) for number in self.best * np.exp(noise)]


def history(customers: Customers) -> History:
    """What the models need; several purchases of one day are one.

    Raises ValueError where a customer was not won by a purchase: the models count from there.
    """
    pairs = np.stack([customers.customer, customers.age], axis=1)
    once, which = np.unique(pairs, axis=0, return_inverse=True)
    who, age = once[:, 0], once[:, 1]
    amount = np.bincount(which, customers.amount, len(once))
    again, count = age > 0, len(customers.since)
    if (~again).sum() < count:
        raise ValueError("every customer must begin with a purchase")
    repeats = np.bincount(who[again], minlength=count).astype(np.float64)
    latest = np.zeros(count)
    np.maximum.at(latest, who, age / 7)
    total = np.bincount(who[again], amount[again], count)
    mean = np.divide(total, repeats, out=np.zeros(count), where=repeats > 0)
    return History(repeats, latest, (customers.known - 1) / 7, np.maximum(mean, 0.0))


def fit_buying(seen: History) -> Fit:
    """The parameters of Buying; maximum likelihood over all customers."""
    x, latest, weeks = seen.repeats, seen.latest, seen.weeks
    bought = x > 0

    def loss(logs: FloatArray) -> float:
        r, alpha, a, b = np.exp(np.clip(logs, -MOST_LOG, MOST_LOG))
        common = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b)
        alive = -(r + x) * np.log(alpha + weeks)
        lost = np.log(a) - np.log(np.maximum(b + x - 1, TINY)) - (r + x) * np.log(alpha + latest)
        return -float((common + np.logaddexp(alive, np.where(bought, lost, -np.inf))).sum())

    return _fit(loss, (1.0, 5.0, 1.0, 2.0))


def fit_spending(seen: History) -> Fit:
    """The parameters of Spending; maximum likelihood over customers with repeat purchases."""
    some = seen.amount > 0
    x, mean = seen.repeats[some], seen.amount[some]
    unit = float(mean.mean())
    z = mean / unit

    def loss(logs: FloatArray) -> float:
        p, q, gamma = np.exp(np.clip(logs, -MOST_LOG, MOST_LOG))
        shape = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(gamma)
        return -float((shape + p * x * np.log(x * z) - (p * x + q) * np.log(gamma + x * z)).sum())

    fit = _fit(loss, (2.0, 3.0, 1.0))
    return Fit(fit.best * [1, 1, unit], fit.root)


def _fit(loss: Callable[[FloatArray], float], start: tuple[float, ...]) -> Fit:
    found = minimize(loss, np.log(start), method="L-BFGS-B").x
    values, vectors = np.linalg.eigh(_curvature(loss, found))
    # What the data leave open in one direction is no less uncertain than one unit of its logarithm.
    root: FloatArray = vectors / np.sqrt(np.maximum(values, 1.0))
    return Fit(np.exp(found), root)


def _curvature(loss: Callable[[FloatArray], float], at: FloatArray) -> FloatArray:
    """Second derivatives (K, K) by central differences."""
    steps = np.eye(len(at)) * CURVATURE_STEP
    corners = [
        [
            loss(at + one + two)
            - loss(at + one - two)
            - loss(at - one + two)
            + loss(at - one - two)
            for two in steps
        ]
        for one in steps
    ]
    return np.array(corners) / (4 * CURVATURE_STEP**2)


def predicted_value(customers: Customers, *, horizon: int, seed: int) -> LifetimeValue:
    """What a customer brings in the first `horizon` days, as seen and, where still open, expected.

    The interval holds the chance of single customers' futures, of who became a customer, and the
    error of the fitted curves (normal in the logarithms of their parameters).
    """
    seen = history(customers)
    count, old = len(seen.repeats), int((customers.known >= horizon).sum())
    if count < LEAST_CUSTOMERS or int((seen.amount > 0).sum()) < LEAST_REPEATERS:
        none = Reason.TOO_FEW_CUSTOMERS
        return LifetimeValue(horizon, None, None, count, old, none, "predicted")
    buying, spending = fit_buying(seen), fit_spending(seen)
    near = customers.age < horizon
    so_far = np.bincount(customers.customer[near], customers.amount[near], count)
    to_come = np.maximum(horizon - customers.known, 0) / 7
    generator = np.random.default_rng(seed)
    means = np.empty(DRAWS)
    expected = np.zeros(count)
    for draw in range(DRAWS):
        best = Buying(*buying.best), Spending(*spending.best)
        expected += simulated(seen, to_come, *best, generator) / DRAWS
        other = Buying(*buying.drawn(generator)), Spending(*spending.drawn(generator))
        future = simulated(seen, to_come, *other, generator)
        weight = generator.multinomial(count, np.full(count, 1 / count))
        means[draw] = weight @ (so_far + future) / count
    return LifetimeValue(
        horizon=horizon,
        value=float((so_far + expected).mean()),
        interval=percentile_interval(means, LEVEL),
        n=count,
        seen=old,
        reason=None,
        method="predicted",
    )


def simulated(
    seen: History,
    weeks: FloatArray,
    buying: Buying,
    spending: Spending,
    generator: np.random.Generator,
) -> FloatArray:
    """One possible future: the amount each customer buys for in the next `weeks` (C,).

    Given their history, customers still there have a gamma rate and a beta chance of being lost;
    they buy until one or the other ends it.
    """
    x = seen.repeats
    buyer = buying.r + x
    gone = buying.a / np.maximum(buying.b + x - 1, TINY)
    odds = gone * ((buying.alpha + seen.weeks) / (buying.alpha + seen.latest)) ** buyer
    there = generator.random(len(x)) * (1 + np.where(x > 0, odds, 0.0)) < 1
    rate = generator.gamma(buyer, 1 / (buying.alpha + seen.weeks))
    lost = np.clip(generator.beta(buying.a, buying.b + x), 1e-12, 1.0)
    bought = np.where(
        there, np.minimum(generator.poisson(rate * weeks), generator.geometric(lost)), 0
    )
    scale = generator.gamma(spending.p * x + spending.q, 1 / (spending.gamma + x * seen.amount))
    amount: FloatArray = generator.gamma(spending.p * bought) / scale
    return amount
