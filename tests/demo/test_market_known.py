"""Young days are incomplete by the planted curve, and grow into their final values."""

from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest

from demo.market.delays import PLATFORMS, known_shares
from tests.demo.markets import LAST_DAY, market

TODAY = LAST_DAY + timedelta(days=1)


def test_what_is_known_ends_yesterday_and_spend_is_final_at_once() -> None:
    known, final = market().known_at(TODAY), market().facts
    assert len(known) == len(final)
    assert (known.spend_micros == final.spend_micros).all()
    assert (known.clicks == final.clicks).all()
    earlier = market().known_at(LAST_DAY)
    assert earlier.day.max() == (LAST_DAY - timedelta(days=1)).toordinal()


@pytest.mark.parametrize("age", [1, 3, 7, 14])
def test_the_share_known_follows_the_planted_curve(age: int) -> None:
    made, shares = market(), known_shares()
    arrived, final = np.zeros(len(PLATFORMS)), np.zeros(len(PLATFORMS))
    # Thirty days, each seen at the same age, so that luck evens out.
    for back in range(40, 70):
        day = LAST_DAY - timedelta(days=back)
        known = made.known_at(day + timedelta(days=age))
        rows = np.flatnonzero(known.day == day.toordinal())
        platform = made.maturing.platform[rows]
        np.add.at(arrived, platform, known.conversions_micros[rows])
        np.add.at(final, platform, made.facts.conversions_micros[rows])
    heard = final > 300e6
    assert heard.sum() >= 5
    assert arrived[heard] / final[heard] == pytest.approx(shares[heard, age], abs=0.05)
    assert (arrived <= final).all()
    assert arrived.sum() < final.sum()


def test_known_values_never_shrink_and_are_final_after_four_weeks() -> None:
    made = market()
    count = int(np.searchsorted(made.facts.day, (LAST_DAY - timedelta(days=59)).toordinal()))
    rows = slice(count - 3000, count)
    before = np.zeros(3000, dtype=np.int64)
    for day in range(59, 31, -1):
        known = made.known_at(LAST_DAY - timedelta(days=day))
        now = known.revenue_micros[rows][: len(before)]
        grown = np.zeros(3000, dtype=np.int64)
        grown[: len(now)] = now
        assert (grown >= np.where(np.arange(3000) < len(now), before, 0)).all()
        before = grown
    done = made.known_at(LAST_DAY - timedelta(days=30))
    assert (done.revenue_micros[rows] == made.facts.revenue_micros[rows]).all()


def test_recent_days_are_visibly_below_their_final_values() -> None:
    known, final = market().known_at(TODAY), market().facts
    young = final.day > (LAST_DAY - timedelta(days=3)).toordinal()
    share = known.revenue_micros[young].sum() / final.revenue_micros[young].sum()
    assert 0.55 < share < 0.85
    assert (known.conversions_micros <= final.conversions_micros).all()


def test_imports_day_by_day_build_up_to_what_is_known() -> None:
    made = market()
    mornings = [TODAY - timedelta(days=back) for back in range(9, -1, -1)]
    batches = [made.known_at(mornings[0])]
    batches += [made.news(*pair) for pair in pairwise(mornings)]
    table: dict[tuple[int, ...], int] = {}
    for rows in batches:
        keys = np.stack([rows.line, rows.day, rows.creative, rows.segment], axis=1)
        table |= zip(map(tuple, keys.tolist()), rows.revenue_micros.tolist(), strict=True)
    known = made.known_at(TODAY)
    assert len(table) == len(known)
    assert sum(table.values()) == known.revenue_micros.sum()
    restated = batches[-1].day < (LAST_DAY - timedelta(days=1)).toordinal()
    assert restated.sum() > 50
