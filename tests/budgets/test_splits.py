"""Splits always sum to what was split, to the micro: 100,000 of them, and the page and API that use them."""

from __future__ import annotations

import random
from decimal import Decimal
from itertools import pairwise

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from budgets.rules.splits import Way, split_amount
from core.errors import Invalid
from core.money import MICROS, Money, convert, split
from tests.budgets.world import DEC, NOV, World
from tests.cast import Cast

FEATURE = pytest.mark.feature("2.1")
CURRENCIES = ("EUR", "JPY", "BHD")


@FEATURE
def test_100_000_splits_and_conversions_leave_nothing_over() -> None:
    chance, missing, drift = random.Random(5), 0, 0
    for _ in range(100_000):
        total = Money(chance.randint(1, 10**13), chance.choice(CURRENCIES))
        weights = [chance.randint(0, 10_000) for _ in range(chance.randint(1, 6))]
        weights[0] += 1
        parts = split(total.micros, weights)
        missing += sum(parts) != total.micros
        rate = Decimal(chance.randint(1, 10**7)).scaleb(-5)
        whole = convert(total, rate, "USD").micros
        drift += sum(split(whole, parts)) != whole if any(parts) else 0
    assert (missing, drift) == (0, 0)


@FEATURE
@settings(max_examples=400, deadline=None, database=None, derandomize=True)
@given(
    micros=st.integers(1, 10**15),
    currency=st.sampled_from(CURRENCIES),
    count=st.integers(1, 24),
)
def test_equal_parts_sum_and_differ_by_one_unit_at_most(
    micros: int, currency: str, count: int
) -> None:
    parts = [part.micros for part in split_amount(Money(micros, currency), count)]
    assert sum(parts) == micros
    unit = {"EUR": 10_000, "JPY": MICROS, "BHD": 1_000}[currency]
    assert max(parts) - min(parts) < 2 * unit


@FEATURE
@settings(max_examples=400, deadline=None, database=None, derandomize=True)
@given(
    cuts=st.lists(st.integers(0, 10_000), min_size=0, max_size=10), micros=st.integers(1, 10**15)
)
def test_percentages_of_two_decimals_sum(cuts: list[int], micros: int) -> None:
    edges = [0, *sorted(cuts), 10_000]
    shares = [Decimal(b - a) / 100 for a, b in pairwise(edges)]
    parts = split_amount(Money(micros, "EUR"), len(shares), Way.PERCENT, shares)
    assert sum(part.micros for part in parts) == micros
    assert all(part.micros == 0 for part, share in zip(parts, shares, strict=True) if not share)


@FEATURE
@pytest.mark.parametrize(
    ("way", "shares", "said"),
    [
        (Way.PERCENT, ["50", "49.9"], "0.1 missing"),
        (Way.AMOUNT, ["60", "41"], "1 too much"),
        (Way.AMOUNT, ["100"], "2 parts need 2 shares"),
        (Way.PERCENT, ["150", "-50"], "none below zero"),
    ],
)
def test_shares_that_do_not_sum_are_refused_with_the_difference(
    way: Way, shares: list[str], said: str
) -> None:
    with pytest.raises(Invalid) as refused:
        split_amount(Money(100 * MICROS, "EUR"), 2, way, [Decimal(share) for share in shares])
    assert said in f"{refused.value.message} {refused.value.remedy}"


@FEATURE
def test_the_form_of_an_order_shows_the_parts_and_makes_rows_of_them(
    world: World, cast: Cast, client: Client
) -> None:
    client.force_login(cast.manager)
    posted = {
        "currency": "EUR", "split-total": "100", "split-way": "equally",
        "split-places": [str(world.display.pk), str(world.shopping.pk)],
        "split-first": NOV, "split-last": DEC, "split-shares": "",
        "rows-TOTAL_FORMS": "1", "rows-INITIAL_FORMS": "0", "kind": "order",
    }  # fmt: skip
    shown = client.post("/budgets/orders/split/", posted).content.decode()
    assert "4 parts = €100.00, nothing left over" in shown
    thirds = {**posted, "split-places": [str(world.display.pk)], "split-way": "percent"}
    wrong = client.post("/budgets/orders/split/", {**thirds, "split-shares": "50 49"})
    assert "1 % missing" in wrong.content.decode() or "1 missing" in wrong.content.decode()
    filled = client.post("/budgets/orders/new/", {**thirds, "split-shares": "75 25", "fill": "1"})
    assert filled.status_code == 200
    rows = filled.context["sheet"].rows
    assert [row["amount"].value() for row in rows] == ["75", "25"]


@FEATURE
def test_the_api_splits_by_the_same_rule(world: World, cast: Cast, client: Client) -> None:
    client.force_login(cast.manager)
    body = {"total": "100.00", "currency": "EUR", "count": 3}
    answer = client.post("/api/v1/splits/", body, content_type="application/json")
    amounts = [part["amount"] for part in answer.json()["parts"]]
    assert amounts == ["33.34", "33.33", "33.33"]
    assert world.display.currency == "EUR"
