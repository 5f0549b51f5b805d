"""Journeys as an absorbing Markov chain, and what would be lost without a channel, in closed form.

Kemeny and Snell (1960), "Finite Markov Chains", chapter III, for the fundamental matrix; the
removal effect is that of Anderl, Becker, von Wangenheim and Schumann (2016), "Mapping the customer
journey". Removing a channel sends whoever reaches it to no conversion; nothing is spread anew.
"""

from dataclasses import dataclass

import numpy as np

from analytics.arrays import FloatArray, IntArray
from analytics.attribution.paths import Paths, sums

# Dense algebra: a matrix of this side takes some seconds.
MOST_STATES = 3_000


class TooManyStates(Exception):
    """The chain has more than MOST_STATES states."""


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """S states between start and end: probabilities to begin there (S,), to go from one to the
    next (S, S), to convert from there (S,). `channel` (S,) is the channel a state stands at."""

    begin: FloatArray
    move: FloatArray
    convert: FloatArray
    channel: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class States:
    """The state of every touch (T,), and the channel each state stands at (S,)."""

    of_touch: IntArray
    channel: IntArray


def states(paths: Paths, order: int) -> States:
    """A state is a channel (order 1), or a channel with the one before it in the path (order 2).

    Raises TooManyStates where there are more than the algebra bears.
    """
    count = len(paths.channels)
    if order == 1:
        found = States(paths.touch, np.arange(count))
    else:
        before = np.concatenate(([count], paths.touch[:-1]))[: len(paths.touch)]
        before[paths.starts[:-1][paths.lengths > 0]] = count
        pair = before * count + paths.touch
        seen = np.bincount(pair, minlength=count * (count + 1)) > 0
        found = States((np.cumsum(seen) - 1)[pair], np.flatnonzero(seen) % max(count, 1))
    if len(found.channel) > MOST_STATES:
        raise TooManyStates
    return found


def chain(paths: Paths, of: States, gained: FloatArray) -> Chain:
    """The chain of all paths, each counted `gained` (P,) times as converted and as often as it
    ended in nothing. A state that no counted path reaches is left at once."""
    size = len(of.channel)
    total = gained + paths.nulls
    some = paths.lengths > 0
    begins, ends = paths.starts[:-1][some], paths.starts[1:][some] - 1
    weight = total[paths.path_of_touch]
    leaves = sums(of.of_touch, weight, size)
    share = np.divide(1.0, leaves, out=np.zeros(size), where=leaves > 0)
    goes_on = np.ones(len(paths.touch), dtype=bool)
    goes_on[ends] = False
    here = np.flatnonzero(goes_on)
    steps = of.of_touch[here] * size + of.of_touch[here + 1]
    moves = sums(steps, weight[here], size * size).reshape(size, size)
    everybody = total[some].sum()
    return Chain(
        begin=sums(of.of_touch[begins], total[some], size) / (everybody or 1.0),
        move=moves * share[:, None],
        convert=sums(of.of_touch[ends], gained[some], size) * share,
        channel=of.channel,
    )


def removal_effects(model: Chain, channels: int) -> FloatArray:
    """The share of conversions lost without each channel (K,), zero where nothing converts.

    With N = (I - Q)^-1, s the begin and r the convert probabilities, those who pass a set of
    states A and convert are (sN)_A N_AA^-1 (Nr)_A: the first visit to A, then on from there. One
    inverse serves all channels; at order 1 this is (sN)_k (Nr)_k / N_kk.
    """
    passes = np.linalg.inv(np.eye(len(model.begin)) - model.move)
    visits, reach = model.begin @ passes, passes @ model.convert
    converting = float(model.begin @ reach)
    effects = np.zeros(channels)
    if converting <= 0:
        return effects
    for number in range(channels):
        at = np.flatnonzero(model.channel == number)
        onward = np.linalg.solve(passes[np.ix_(at, at)], reach[at])
        effects[number] = visits[at] @ onward / converting
    return effects
