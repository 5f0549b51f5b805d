"""All models on the same paths."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import floor

import numpy as np

from analytics.arrays import FloatArray
from analytics.attribution import shares
from analytics.attribution.chain import TooManyStates, chain, removal_effects, states
from analytics.attribution.paths import Paths, sums
from analytics.attribution.results import Attribution, ChannelRange, Credit
from analytics.attribution.shares import Position, Rule
from analytics.results import Reason

# Below, shares are anecdotes: with 30 conversions a share of a half is known to about 18 points.
LEAST_CONVERSIONS = 30
MARKOV_ORDERS = {"markov": 1, "markov_2": 2}


@dataclass(frozen=True, slots=True)
class Settings:
    """`half_life` in days; `direct` names the channel of people who came by themselves."""

    half_life: float = 7.0
    position: Position = Position.U
    direct: str = "direct"


def rules(settings: Settings) -> dict[str, Rule]:
    """The models that share out each path by itself, by name."""
    return {
        "first": shares.first,
        "last": shares.last,
        "last_non_direct": lambda paths: shares.last_non_direct(paths, direct=settings.direct),
        "linear": shares.linear,
        "position": lambda paths: shares.position(paths, form=settings.position),
        "time_decay": lambda paths: shares.time_decay(paths, half_life=settings.half_life),
        "shapley": shares.shapley,
    }


def attribute(
    paths: Paths, *, whole: Paths | None = None, settings: Settings | None = None
) -> Attribution:
    """Credit every channel by every model.

    `whole` are the same journeys without a lookback, for the Markov models; without it they work
    on `paths` as they are. With no answer from a model its credit says why.
    """
    settings = settings or Settings()
    journeys = whole or paths
    found = {name: by_rule(paths, rule(paths)) for name, rule in rules(settings).items()}
    found |= {name: by_chain(journeys, order) for name, order in MARKOV_ORDERS.items()}
    lost = 1 - paths.touched
    return Attribution(
        channels=paths.channels,
        models=found,
        conversions=float(paths.conversions.sum()),
        value=float(paths.value.sum()),
        unattributed=float(paths.conversions @ lost),
        unattributed_value=float(paths.value @ lost),
        disagreement=disagreement(found),
        reasons=tuple(_reasons(journeys, settings)),
    )


def by_rule(paths: Paths, share: FloatArray) -> Credit:
    """Credit by the share of each touch (T,) in its path."""
    path, count = paths.path_of_touch, len(paths.channels)
    return Credit(
        conversions=sums(paths.touch, share * paths.conversions[path], count),
        value=sums(paths.touch, share * paths.value[path], count),
    )


def by_chain(paths: Paths, order: int) -> Credit:
    """Credit by removal effect of the Markov chain of this order.

    Conversions and value each have a chain of their own: in that of value a converting path counts
    as much as it was worth.
    """
    count = len(paths.channels)
    try:
        of = states(paths, order)
    except TooManyStates:
        none = np.zeros(count)
        return Credit(none, none, none, Reason.TOO_MANY_STATES)
    effects, worths = (
        removal_effects(chain(paths, of, gained), count)
        for gained in (paths.conversions, paths.value)
    )
    return Credit(
        conversions=_split(float(paths.conversions @ paths.touched), effects),
        value=_split(float(paths.value @ paths.touched), worths),
        removal_effect=effects,
    )


def _split(amount: float, effects: FloatArray) -> FloatArray:
    total = float(effects.sum())
    return effects * (amount / total) if total > 0 else np.zeros_like(effects)


def _reasons(paths: Paths, settings: Settings) -> list[Reason]:
    found = []
    if paths.conversions.sum() < LEAST_CONVERSIONS:
        found.append(Reason.TOO_FEW_CONVERSIONS)
    if not (paths.nulls * paths.touched).any():
        found.append(Reason.NO_NULL_PATHS)
    if settings.position is not Position.U and (paths.milestones < 0).all():
        found.append(Reason.NO_MILESTONES)
    return found


def shares_by_model(models: dict[str, Credit]) -> dict[str, FloatArray]:
    """Each channel's share of the credited conversions (K,), of the models that have an answer."""
    return {
        name: credit.conversions / credit.conversions.sum()
        for name, credit in models.items()
        if credit.conversions.sum() > 0
    }


def disagreement(models: dict[str, Credit]) -> float | None:
    """The share of credit two models place differently, on average over pairs; None below two.

    Half the sum of absolute differences, the total variation distance of two distributions.
    """
    found = list(shares_by_model(models).values())
    apart = [float(np.abs(a - b).sum()) / 2 for a, b in combinations(found, 2)]
    return sum(apart) / len(apart) if apart else None


def ranges(answer: Attribution) -> tuple[ChannelRange, ...]:
    """What the models say of each channel, from the least share to the most, widest range first."""
    found = shares_by_model(answer.models)
    names = list(found)
    table = np.array([found[name] for name in names]).reshape(len(names), len(answer.channels))
    rows = [
        ChannelRange(
            channel=channel,
            low=float(column.min()),
            high=float(column.max()),
            low_model=names[int(column.argmin())],
            high_model=names[int(column.argmax())],
        )
        for channel, column in zip(answer.channels, table.T, strict=True)
        if names
    ]
    return tuple(sorted(rows, key=lambda row: (row.low - row.high, row.channel)))


def whole_units(credit: FloatArray, total: int) -> tuple[int, ...]:
    """Split `total` whole units (cents, micros) in proportion to `credit` (K,), to the last unit.

    Largest remainder: everyone gets the whole part, the units left go to the largest fractions.
    """
    parts = [Fraction(float(part)) for part in credit]
    amount = sum(parts)
    if amount <= 0:
        return (0,) * len(parts)
    exact = [total * part / amount for part in parts]
    given = [floor(part) for part in exact]
    order = sorted(range(len(exact)), key=lambda k: given[k] - exact[k])
    for k in order[: total - sum(given)]:
        given[k] += 1
    return tuple(given)
