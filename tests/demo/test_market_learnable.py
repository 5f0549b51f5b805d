"""What is planted can be learnt back from what the company sees."""

from datetime import date
from functools import lru_cache

import numpy as np
import pytest

from analytics.daily import DailyRatio
from analytics.moves import Limits, Response, responses, suggest_move
from analytics.results import MoveSuggestion
from demo.market import Market
from tests.demo.markets import LAST_DAY, line_days, market

# The last two weeks still mature.
MATURE = -14
MARKETS = [(seed, day) for seed in (5, 6, 7) for day in (LAST_DAY, date(2026, 6, 17))]


@lru_cache(maxsize=32)
def learnt(made: Market, team: str) -> tuple[tuple[Response, ...], MoveSuggestion]:
    """Responses of the team's running lines, and the best single move between them."""
    spend = line_days(made, "spend_micros")[:, :MATURE]
    revenue = line_days(made, "revenue_micros")[:, :MATURE]
    days = np.arange(made.first_day.toordinal(), made.last_day.toordinal() + 1)[:MATURE]
    own = [i for i, x in enumerate(made.lines) if x.team == team and spend[i, -28:].sum() > 0]
    keys = [made.lines[i].key for i in own]
    lines = responses(keys, DailyRatio(revenue[own], spend[own], days), seed=1)
    return lines, suggest_move(lines, Limits())


def true_change(made: Market, line: Response, amount: float) -> float:
    """What the planted curve says about `amount` more over four weeks."""
    truth = made.truth["lines"][line.key]
    half, elasticity = truth["half"], truth["recent_elasticity"]
    now = half * (1 - elasticity) / elasticity
    then = now * (1 + amount / (line.spend * 28))
    share = (then / (half + then)) / (now / (half + now))
    return float(line.back * 28 * (share - 1))


def test_elasticities_come_back_within_their_intervals() -> None:
    held, errors, weights = [], [], []
    for seed, day in MARKETS:
        made = market(seed, day)
        for team in made.teams:
            for line in learnt(made, team.key)[0]:
                found = line.elasticity
                if found.interval is not None and found.value is not None:
                    truth = made.truth["lines"][line.key]["recent_elasticity"]
                    held.append(not found.interval.excludes(truth))
                    errors.append(found.value - truth)
                    weights.append(found.weight)
    assert len(held) > 120
    assert 0.75 <= np.mean(held) <= 0.99
    assert np.mean(errors) == pytest.approx(0, abs=0.06)
    assert 0.2 < np.mean(weights) < 0.7


@pytest.mark.feature("8.4")
def test_suggested_moves_truly_gain_within_their_range() -> None:
    gains, held = [], []
    for seed, day in MARKETS:
        made = market(seed, day)
        for team in made.teams:
            lines, suggestion = learnt(made, team.key)
            move = suggestion.move
            if move is not None and move.gain is not None:
                by_key = {line.key: line for line in lines}
                gain = true_change(made, by_key[move.giver], -move.amount)
                gain += true_change(made, by_key[move.receiver], move.amount)
                gains.append(gain)
                held.append(move.gain.p10 <= gain <= move.gain.p90)
    assert len(gains) >= 15
    assert np.mean(np.array(gains) > 0) >= 0.9
    assert np.mean(held) >= 0.65


def test_money_can_leave_the_falling_line_for_a_better_one() -> None:
    made = market()
    lines, _ = learnt(made, "dach")
    falling = made.truth["falling"]["line"]
    answer = suggest_move(lines, Limits(), giver=falling)
    assert answer.move is not None
    assert answer.move.gain is not None
    assert answer.move.gain.p10 > 0
    assert answer.move.receiver == made.truth["budget_limited"]["line"]
