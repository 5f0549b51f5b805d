"""A funnel's steps as factors whose parts add up to the change of its last one."""

from collections.abc import Sequence
from itertools import combinations, pairwise
from math import factorial

from analytics.drivers.results import Link

MAX_STEPS = 8


def chain(
    names: Sequence[str], before: Sequence[float], after: Sequence[float]
) -> tuple[Link, ...]:
    """Split the change of the last amount over the K amounts (say spend, clicks, orders, revenue).

    The last is the first times every step's rate (clicks per spend, orders per click ...); each
    factor's part is its Shapley value: its effect averaged over all orders in which factors could
    have changed, so that the parts add up without a remainder and no order is preferred. Albrecht,
    François and Schoors 2002, "A Shapley decomposition of carbon emissions without residuals",
    Energy Policy 30. Works with zeros, where logarithms (LMDI) do not: a step without volume in one
    period keeps the other's rate, and what has come without any volume is a link of its own,
    "without volume".

    Raises ValueError unless there are two to eight names with an amount each.
    """
    if not 2 <= len(names) <= MAX_STEPS or not len(names) == len(before) == len(after):
        raise ValueError(
            f"a chain has 2 to {MAX_STEPS} names, each with an amount before and after"
        )
    old, new = _factors(before, after)
    parts = _shapley(old, new)
    labels = [names[0], *(f"{b} per {a}" for a, b in pairwise(names))]
    links = [Link(*one) for one in zip(labels, old, new, parts, strict=True)]
    rest = (after[-1] - before[-1]) - sum(parts)
    if abs(rest) > 1e-9 * (abs(after[-1]) + abs(before[-1])):
        links.append(
            Link("without volume", before[-1] - _product(old), after[-1] - _product(new), rest)
        )
    return tuple(links)


def _factors(before: Sequence[float], after: Sequence[float]) -> tuple[list[float], list[float]]:
    old, new = [before[0]], [after[0]]
    for step in range(1, len(before)):
        pairs = ((before[step], before[step - 1]), (after[step], after[step - 1]))
        rates = [top / bottom if bottom else None for top, bottom in pairs]
        known = [rate for rate in rates if rate is not None]
        for side, rate in zip((old, new), rates, strict=True):
            side.append(rate if rate is not None else (known or [0.0])[0])
    return old, new


def _shapley(old: Sequence[float], new: Sequence[float]) -> list[float]:
    """The Shapley value of each factor of a product that goes from `old` to `new`."""
    count = len(old)
    parts = []
    for factor in range(count):
        others = [place for place in range(count) if place != factor]
        part = 0.0
        for size in range(count):
            weight = factorial(size) * factorial(count - size - 1) / factorial(count)
            for moved in combinations(others, size):
                part += weight * _product(
                    [new[place] if place in moved else old[place] for place in others]
                )
        parts.append(part * (new[factor] - old[factor]))
    return parts


def _product(factors: Sequence[float]) -> float:
    product = 1.0
    for factor in factors:
        product *= factor
    return product
