"""Two currencies and one missing rate: every sum names its rate, or says what it leaves out."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from budgets.selectors import in_reporting
from budgets.selectors.closing import fiscal_month, month_items
from budgets.services import draws_set, line_create
from budgets.services.closing_batch import amount_of
from core.errors import Conflict, Invalid
from core.money import MICROS, MixedCurrencies, Money
from tests.approvals.test_api import Api
from tests.budgets.closing import close, closed_before
from tests.budgets.test_pages import open_page, text
from tests.budgets.world import AT, EARLIER, NOV, World, campaign_line, k, plan, rate
from tests.cast import Cast
from tests.world import load_steady

pytestmark = [pytest.mark.usefixtures("at"), pytest.mark.feature("2.1")]
GAP = "There is no budget rate from USD to EUR for 1 Nov 2026."


@pytest.fixture
def at() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def mixed(world: World, cast: Cast) -> World:
    """Pounds have a rate, dollars have none; a line in euros pays for a campaign in dollars."""
    rate("GBP", "EUR", "1.2", date(2026, 1, 1))
    dollars = line_create(
        user=None, fiscal_year=world.year, team=cast.dach, channel=world.shopping.channel,
        name="Shopping US", owner=cast.manager, currency="USD", at=EARLIER,
    )  # fmt: skip
    plan(dollars, NOV, 50)
    part = campaign_line(
        "Winter Dollars", cast.dach, cast.manager, world.shopping.channel, currency="USD"
    )
    parts = [world.winter_shopping, world.winter_feed, part]
    draws_set(line=world.shopping, user=None, campaign_lines=parts, at=EARLIER)
    load_steady(part, f"{NOV}-01", 10, spend="1000")
    load_steady(world.winter_shopping, f"{NOV}-01", 10, spend="1000")
    return world


def test_the_centre_adds_what_has_a_rate_and_says_what_it_leaves_out(
    mixed: World, cast: Cast
) -> None:
    page = open_page(cast.auditor, "budgets:centre", view="full")
    shown = text(page)
    assert GAP in shown
    assert "Shopping US is left out of the sums." in shown
    assert "1 GBP = 1.2 EUR (Budget rate of 1 Jan 2026)" in shown
    whole = page.context["sheet"].grid.total.cells[1]
    # 165k + 124k euros and 80k pounds at 1.2; never the 50k dollars.
    assert whole.planned == Money(k(165 + 124 + 96), "EUR")
    # Of the spend only what is in euros: the dollars have no rate.
    assert whole.actual == Money(k(10), "EUR")


def test_lines_exports_and_api_stay_in_each_lines_own_currency(mixed: World, cast: Cast) -> None:
    export = open_page(cast.auditor, "budgets:centre", export="csv")
    rows = list(csv.DictReader(io.StringIO(export.content.decode("utf-8-sig"))))
    november = {row["Line"]: row for row in rows if row["Month"] == NOV}
    planned = {name: (row["Planned"], row["Planned currency"]) for name, row in november.items()}
    assert planned["Shopping US"] == ("50000.00", "USD")
    assert planned["Shopping UK"] == ("80000.00", "GBP")
    assert not any("otal" in row["Line"] for row in rows)
    body = Api(cast.auditor).get("/fiscal-years/2026/months/").json()
    assert GAP in body["gaps"]
    cells = {
        line["name"]: next(m for m in line["months"] if m["month"] == NOV) for line in body["lines"]
    }
    assert cells["Shopping US"]["planned"] == {"amount": "50000.00", "currency": "USD"}
    assert cells["Shopping DE"]["actual"] == {"amount": "10000.00", "currency": "EUR"}


def test_sign_offs_and_variances_add_nothing_over_currencies(mixed: World, cast: Cast) -> None:
    variances = Api(cast.auditor).get(f"/month-closes/{NOV}/variances/").json()
    for row in variances:
        assert row["variance"]["currency"] == row["planned"]["currency"]
    signs = Api(cast.auditor).get(f"/month-closes/{NOV}/sign-offs/").json()
    (campaign,) = [row for row in signs if row["kind"] == "campaign"]
    assert campaign["figures"]["Spend"] == "€10,000.00 + $10,000.00"


def test_a_month_with_a_missing_rate_is_not_closed(mixed: World, cast: Cast) -> None:
    closed_before(mixed, NOV)
    later = AT.replace(month=12, day=5)
    with pytest.raises(Conflict, match="no budget rate from USD to EUR for 1 Nov 2026"):
        close(cast.auditor, NOV, at=later)
    with pytest.raises(Invalid, match="no budget rate from USD to EUR"):
        amount_of(month_items(fiscal_month(NOV)), date(2026, 11, 30))


@given(st.lists(st.tuples(st.integers(-(10**12), 10**12), st.sampled_from(["EUR", "USD"]))))
def test_plain_sums_over_two_currencies_are_impossible(amounts: list[tuple[int, str]]) -> None:
    money = [Money(micros, currency) for micros, currency in amounts]
    if len({one.currency for one in money}) < 2:
        return
    with pytest.raises(MixedCurrencies):
        sum(money[1:], money[0])


def test_a_sum_in_the_reporting_currency_is_exact_at_its_rate(mixed: World) -> None:
    amounts = [Money(k(1), "EUR"), Money(k(1), "GBP")]
    assert in_reporting(amounts, date(2026, 11, 1)).amount == Decimal(2_200)
    with pytest.raises(Invalid, match="no budget rate from USD"):
        in_reporting([*amounts, Money(MICROS, "USD")], date(2026, 11, 1))
