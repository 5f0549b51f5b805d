"""What moving budget from one line to another should change, and the best single move.

Around today's level a line's return is level x (spend / today's spend) ^ elasticity. Both the level
(block bootstrap of the last four weeks, and a stated drift of 10 %) and the elasticity
(`analytics.marginal`) are drawn, so every answer is a range. It assumes that the lines do not feed each other and that nothing but the
move changes; it knows no season.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from math import inf

import numpy as np

from analytics.arrays import FloatArray
from analytics.daily import DailyRatio
from analytics.marginal import PRIOR_DEVIATION, elasticities
from analytics.resample import RESAMPLES, block_indices, block_length, log_sum_noise
from analytics.results import (
    Elasticity,
    MoveEffect,
    MoveSuggestion,
    Percentiles,
    Reason,
)

RECENT_DAYS = 28
LEVEL = 0.80
# How far a line's return per spend is assumed to drift by itself within a month, as a standard
# deviation of its log. Without it two quiet months would promise more than a third one keeps.
DRIFT = 0.10
STEPS = 12


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """How a line answers to spend now, per day, with draws (B,) of its return and elasticity."""

    key: str
    spend: float
    back: float
    elasticity: Elasticity
    back_draws: FloatArray
    elasticity_draws: FloatArray
    reason: Reason | None

    @property
    def marginal(self) -> float | None:
        """What one more unit of spend returns."""
        if self.elasticity.value is None or self.spend <= 0:
            return None
        return self.elasticity.value * self.back / self.spend

    def at(self, spend: float) -> "Response":
        """The same line at another spend a day, such as next month's plan; itself when refused.

        A line without spend there takes no part in moves (NO_SPEND).
        """
        if self.reason is not None:
            return self
        if spend <= 0:
            return replace(self, spend=0.0, back=0.0, reason=Reason.NO_SPEND)
        factor = spend / self.spend
        return replace(
            self,
            spend=spend,
            back=self.back * factor ** (self.elasticity.value or 0.0),
            back_draws=self.back_draws * factor**self.elasticity_draws,
        )

    def change(self, amount: float, days: int) -> FloatArray:
        """Draws (B,) of the change in return when `amount` more is spent over `days`."""
        factor = max(1 + amount / (self.spend * days), 0.0)
        changed: FloatArray = days * self.back_draws * (factor**self.elasticity_draws - 1)
        return changed


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a line may give or take over the period, in units of spend.

    `committed` cannot be taken away; `ceiling` is the most it can spend, None where nothing stops
    it.
    """

    committed: float = 0.0
    ceiling: float | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What a single move may do: `max_shift` of the giver's spend, `max_growth` of the receiver's.

    `step` is the unit a person would move, `max_loss` the probability of a loss that is still
    taken for a gain.
    """

    days: int = 28
    max_shift: float = 0.20
    max_growth: float = 0.30
    step: float = 100.0
    max_loss: float = 0.20


def responses(keys: Sequence[str], daily: DailyRatio, *, seed: int) -> tuple[Response, ...]:
    """Return how each line answers to spend; `daily` has return as `top`, spend as `bottom`.

    All lines must be in one currency. A line whose elasticity is refused, or that returned nothing
    in the last four weeks, carries the reason and takes no part in moves. Leave out days that still
    mature: a young day looks like a poor one.
    """
    if len(keys) != len(daily.top):
        raise ValueError("every line needs a key")
    return tuple(
        _response(key, daily, position, elasticity, seed)
        for position, (key, elasticity) in enumerate(zip(keys, elasticities(daily), strict=True))
    )


def move_effect(giver: Response, receiver: Response, amount: float, *, days: int) -> MoveEffect:
    """Return what moving `amount` from `giver` to `receiver` over `days` changes in the return.

    Raises ValueError when the amount is not positive or more than the giver spends.
    """
    if amount <= 0 or (giver.reason is None and amount > giver.spend * days * (1 + 1e-9)):
        raise ValueError("an amount must be positive and no more than the giver spends")
    reason = giver.reason or receiver.reason
    lost = gained = None
    if reason is None:
        lost, gained = giver.change(-amount, days), receiver.change(amount, days)
    return MoveEffect(
        giver=giver.key,
        receiver=receiver.key,
        amount=amount,
        days=days,
        gain=None if lost is None or gained is None else _percentiles(gained + lost),
        giver_loss=None if lost is None else _percentiles(lost),
        receiver_gain=None if gained is None else _percentiles(gained),
        giver_marginal=giver.marginal,
        receiver_marginal=receiver.marginal,
        reason=reason,
    )


def suggest_move(
    lines: Sequence[Response],
    limits: Limits,
    bounds: Sequence[Bounds] | None = None,
    *,
    giver: str | None = None,
) -> MoveSuggestion:
    """Return the single move with the largest median gain, or why there is none.

    `bounds` go with the lines, in their order; with `giver` only that line may give. Tries every ordered pair and twelve amounts up to what the limits and bounds allow, in whole
    steps. A move counts only when its chance of a loss is at most `limits.max_loss`.
    """
    own = [Bounds()] * len(lines) if bounds is None else list(bounds)
    fit = [(line, bound) for line, bound in zip(lines, own, strict=True) if line.reason is None]
    refused = tuple((line.key, line.reason) for line in lines if line.reason is not None)
    best: tuple[float, MoveEffect, str | None] | None = None
    considered = paying = 0
    for (source, give), (receiver, take) in permutations(fit, 2):
        if giver not in (None, source.key) or _pays_no_more(receiver, source):
            continue
        paying += 1
        room, binding = _room(source, give, receiver, take, limits)
        considered += room >= limits.step
        for amount in _amounts(room, limits.step):
            found = _worth(source, receiver, amount, limits)
            if found is not None and (best is None or found > best[0]):
                at_limit = binding if amount + limits.step > room else None
                effect = move_effect(source, receiver, amount, days=limits.days)
                best = found, effect, at_limit
    if best is None:
        reason = dict(refused).get(giver or "") or _why_none(len(fit), paying, considered)
        return MoveSuggestion(None, None, considered, refused, reason)
    return MoveSuggestion(best[1], best[2], considered, refused, None)


def _why_none(fit: int, paying: int, considered: int) -> Reason:
    """Why there is no move: what is missing first, then what forbids it, then what it is worth."""
    if fit < 2:
        return Reason.NO_PARTNER
    if not paying:
        return Reason.PAYS_NO_MORE
    return Reason.INSIDE_NOISE if considered else Reason.NO_ROOM


def _response(
    key: str, daily: DailyRatio, position: int, elasticity: Elasticity, seed: int
) -> Response:
    present = np.flatnonzero(daily.present[position])[-RECENT_DAYS:]
    top, bottom = daily.top[position, present], daily.bottom[position, present]
    reason = elasticity.reason or (None if top.sum() > 0 else Reason.TOO_SPARSE)
    nothing = np.zeros(0)
    if reason is not None:
        spend = float(bottom.mean()) if len(bottom) else 0.0
        back = float(top.mean()) if len(top) else 0.0
        return Response(key, spend, back, elasticity, nothing, nothing, reason)
    spend, back = float(bottom.mean()), float(top.mean())
    n = len(top)
    # Lines must not share their luck, whatever their order or number.
    own_seed = (seed, *key.encode())
    drawn = block_indices(n, n, block=block_length(n), seed=own_seed)
    level = log_sum_noise(top, back / spend * bottom, np.array([0]), drawn, level=LEVEL, lost=1)[
        :, 0
    ]
    spread = PRIOR_DEVIATION * np.sqrt(1 - elasticity.weight)
    luck = np.random.default_rng((*own_seed, 1)).standard_normal((2, RESAMPLES))
    draws = np.clip((elasticity.value or 0.0) + spread * luck[0], 0.0, 1.0)
    back_draws = back * np.exp(level + DRIFT * luck[1])
    return Response(key, spend, back, elasticity, back_draws, draws, None)


def _room(
    giver: Response, give: Bounds, receiver: Response, take: Bounds, limits: Limits
) -> tuple[float, str]:
    """The largest amount the limits and bounds allow, and which of them stops it there."""
    given, taken = giver.spend * limits.days, receiver.spend * limits.days
    room = {
        "max_shift": limits.max_shift * given,
        "committed": given - give.committed,
        "max_growth": limits.max_growth * taken,
        "ceiling": inf if take.ceiling is None else take.ceiling - taken,
    }
    binding = min(room, key=lambda limit: room[limit])
    return max(room[binding], 0.0), binding


def _pays_no_more(receiver: Response, giver: Response) -> bool:
    return (receiver.marginal or 0.0) <= (giver.marginal or 0.0)


def _amounts(room: float, step: float) -> list[float]:
    """Up to twelve amounts in whole steps, the largest first."""
    most = int(room / step + 1e-9)
    counts = {max(round(most * part / STEPS), 1) for part in range(1, STEPS + 1)} if most else set()
    return [count * step for count in sorted(counts, reverse=True)]


def _worth(giver: Response, receiver: Response, amount: float, limits: Limits) -> float | None:
    """Median gain of a move, None when a loss is too likely."""
    gain = receiver.change(amount, limits.days) + giver.change(-amount, limits.days)
    median = float(np.median(gain))
    return median if median > 0 and float((gain < 0).mean()) <= limits.max_loss else None


def _percentiles(draws: FloatArray) -> Percentiles:
    p10, p50, p90 = np.quantile(draws, [0.1, 0.5, 0.9])
    return Percentiles(float(p10), float(p50), float(p90), float((draws < 0).mean()))
