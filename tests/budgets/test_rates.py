"""Exchange rates: dated, named, direct or inverse or crossed, entered by finance, never changed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgets.models import FxRate
from budgets.rules.fx import Quote, rate_on, rates_between
from budgets.selectors import budget_rate, in_reporting, newest_rates, rates_for
from core.errors import Conflict, Invalid, NotAllowed
from core.models import Event
from core.money import MICROS, Money, convert
from tests.budgets.world import rate
from tests.cast import Cast

JAN, JUL = date(2026, 1, 1), date(2026, 7, 1)
TODAY = date(2026, 11, 21)


def quote(base: str, to: str, value: str, day: date = JAN) -> Quote:
    return Quote(base, to, day, Decimal(value), f"{base}/{to}")


KNOWN = [
    quote("GBP", "EUR", "1.16"),
    quote("GBP", "EUR", "1.20", JUL),
    quote("EUR", "USD", "1.08"),
    quote("SEK", "EUR", "0.09"),
]


@pytest.mark.parametrize(
    ("base", "to", "day", "expected"),
    [
        ("GBP", "EUR", JAN, "1.16"),
        ("GBP", "EUR", date(2026, 6, 30), "1.16"),
        ("GBP", "EUR", JUL, "1.20"),
        ("EUR", "EUR", JAN, "1"),
        ("USD", "EUR", TODAY, Decimal(1) / Decimal("1.08")),
        ("GBP", "USD", TODAY, Decimal("1.20") * Decimal("1.08")),
        ("GBP", "EUR", date(2025, 12, 31), None),
        ("CHF", "EUR", TODAY, None),
        ("GBP", "CHF", TODAY, None),
    ],
)
def test_the_rate_of_a_day(base: str, to: str, day: date, expected: str | Decimal | None) -> None:
    found = rate_on(KNOWN, base, to, day, via="EUR")
    assert (found and found.rate) == (
        expected and pytest.approx(Decimal(expected), rel=Decimal("1e-20"))
    )


def test_a_rate_says_how_it_was_found() -> None:
    assert rate_on(KNOWN, "USD", "EUR", TODAY, "EUR").name == "EUR/USD, inverse"  # type: ignore[union-attr]
    crossed = rate_on(KNOWN, "GBP", "USD", TODAY, "EUR")
    assert crossed is not None
    assert crossed.name == "GBP/EUR, crossed through EUR"
    assert crossed.valid_from == JUL


def test_the_newer_direction_wins() -> None:
    both = [*KNOWN, quote("EUR", "GBP", "0.80", date(2026, 9, 1))]
    found = rate_on(both, "GBP", "EUR", TODAY, "EUR")
    assert found is not None
    assert found.rate == Decimal("1.25")


def test_every_rate_of_a_span_with_the_day_it_starts() -> None:
    found = rates_between(KNOWN, "GBP", "EUR", date(2026, 3, 1), TODAY, "EUR")
    assert [(r.valid_from, r.rate) for r in found] == [
        (JAN, Decimal("1.16")),
        (JUL, Decimal("1.20")),
    ]
    assert rates_between(KNOWN, "CHF", "EUR", JAN, TODAY, "EUR") == []


@given(
    st.integers(min_value=-(10**15), max_value=10**15),
    st.decimals(min_value="0.0001", max_value="10000", places=8),
)
def test_there_and_back_loses_at_most_the_rounding(micros: int, value: Decimal) -> None:
    known = [Quote("XAA", "EUR", JAN, value, "x")]
    there, back = rate_on(known, "XAA", "EUR", JAN, "EUR"), rate_on(known, "EUR", "XAA", JAN, "EUR")
    assert there is not None
    assert back is not None
    euros = convert(Money(micros, "XAA"), there.rate, "EUR")
    again = convert(euros, back.rate, "XAA")
    assert abs(again.micros - micros) <= int(back.rate) + 1


@pytest.mark.feature("9.6")
def test_no_person_enters_a_rate_alone(cast: Cast) -> None:
    with pytest.raises(NotAllowed, match="second person") as refused:
        rate("GBP", "EUR", "1.16", JAN, cast.auditor)
    assert refused.value.code == "needs_request"
    for user in (cast.executive, cast.director, cast.manager, cast.analyst, cast.admin):
        with pytest.raises(NotAllowed):
            rate("USD", "EUR", "0.9", JAN, user)
    rate("GBP", "EUR", "1.16", JAN)
    assert Event.objects.filter(action="fx_rate.entered").count() == FxRate.objects.count() == 1


def test_a_rate_is_never_changed_only_followed(cast: Cast) -> None:
    rate("GBP", "EUR", "1.16", JAN)
    with pytest.raises(Conflict, match="already"):
        rate("gbp", "eur", "1.17", JAN)
    rate("GBP", "EUR", "1.20", JUL)
    assert budget_rate("GBP", "EUR", TODAY).rate == Decimal("1.20")
    for base, to, value in (
        ("EUR", "EUR", "1"),
        ("EUR", "USD", "0"),
        ("EUR", "USD", "-1"),
        ("E", "USD", "1"),
    ):
        with pytest.raises(Invalid):
            rate(base, to, value, JAN)


def test_amounts_are_summed_in_the_reporting_currency_or_refused(cast: Cast) -> None:
    amounts = [Money(100 * MICROS, "EUR"), Money(100 * MICROS, "GBP")]
    with pytest.raises(Invalid, match="no budget rate from GBP to EUR"):
        in_reporting(amounts, TODAY)
    rate("GBP", "EUR", "1.16", JAN)
    assert in_reporting(amounts, TODAY) == Money(216 * MICROS, "EUR")


def test_what_the_query_asks_for(cast: Cast) -> None:
    rate("GBP", "EUR", "1.16", JAN)
    rate("EUR", "USD", "1.25", JAN)
    found = rates_for(["EUR", "GBP", "USD"], "EUR", JAN, TODAY)
    assert [(r.base, r.quote, r.rate) for r in found] == [
        ("GBP", "EUR", Decimal("1.16")),
        ("USD", "EUR", Decimal("0.8")),
    ]
    assert found[0].name == "Budget rate of 1 Jan 2026"


def test_a_new_rate_is_noticed_for_its_currency_only(cast: Cast) -> None:
    rate("GBP", "EUR", "1.16", JAN)
    before = newest_rates(["EUR", "GBP", "USD"], TODAY)
    rate("USD", "EUR", "0.9", JAN)
    rate("GBP", "EUR", "1.3", date(2027, 1, 1))
    after = newest_rates(["EUR", "GBP", "USD"], TODAY)
    assert after["GBP"] == before["GBP"]
    assert after["USD"] > before["USD"] == 0
    assert "EUR" not in after
