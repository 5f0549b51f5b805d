"""Numbers, amounts and moments as people read them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import formats
from core.money import Money
from core.parts import Delta

TODAY = date(2026, 11, 22)


def money(amount: str, currency: str = "EUR") -> Money:
    return Money.parse(amount, currency)


@pytest.mark.parametrize(
    ("amount", "currency", "short"),
    [
        ("9840000", "EUR", "€9.84M"),
        ("2200000", "EUR", "€2.20M"),
        ("22100000", "EUR", "€22.1M"),
        ("61000", "EUR", "€61k"),
        ("7930", "EUR", "€7.93k"),
        ("384", "EUR", "€384"),
        ("28.93", "EUR", "€28.93"),
        ("41.8", "EUR", "€41.80"),
        ("0", "EUR", "€0"),
        ("-36000", "EUR", "−€36k"),
        ("999950", "EUR", "€1.00M"),
        ("999.999", "EUR", "€1k"),
        ("64000", "USD", "$64k"),
        ("1200000", "CHF", "CHF\u00a01.20M"),
        ("99.999", "EUR", "€100"),
        ("1200", "JPY", "¥1.2k"),
    ],
)
def test_short_amounts_have_three_digits(amount: str, currency: str, short: str) -> None:
    assert formats.money(money(amount, currency)) == short


def test_exact_amounts_go_to_the_minor_unit() -> None:
    assert formats.money_exact(money("84216.4")) == "€84,216.40"
    assert formats.money_exact(money("-48000")) == "−€48,000.00"
    assert formats.money_exact(money("1200", "JPY")) == "¥1,200"
    assert formats.money_exact(money("1.5", "BHD")) == "BHD\u00a01.500"
    assert formats.money_whole(money("48000.4")) == "€48,000"
    assert formats.amount_typed(money("48000")) == "48,000"
    assert formats.amount_typed(money("1234567.5")) == "1,234,567.50"
    assert formats.amount_typed(money("1200", "JPY")) == "1,200"


def test_half_a_cent_is_rounded_to_even() -> None:
    assert formats.money_exact(money("0.125")) == "€0.12"
    assert formats.money_exact(money("0.135")) == "€0.14"


def test_differences_carry_their_sign() -> None:
    assert formats.money_signed(money("61000")) == "+€61k"
    assert formats.money_signed(money("-36000")) == "−€36k"
    assert formats.money_signed(money("0")) == "€0"
    assert formats.money_exact_signed(money("0.001")) == "€0.00"
    assert formats.signed(124) == "+124"
    assert formats.signed(Decimal(-46)) == "−46"
    assert formats.ratio_signed(0.26) == "+0.26×"


def test_no_negative_zero_is_printed() -> None:
    assert formats.number(Decimal("-0.2")) == "0"
    assert formats.percent_signed(-0.000001) == "0\u202f%"
    assert formats.money_exact(money("-0.001")) == "€0.00"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.034, "3.4"), (0.71, "71"), (0.978, "97.8"), (0.0003, "0.03"), (1.25, "125"), (0, "0")],
)
def test_shares_stand_before_a_narrow_space(share: float, text: str) -> None:
    assert formats.percent(share) == f"{text}\u202f%"


def test_rates_differ_in_points() -> None:
    assert formats.points(0.006) == "+0.6\u202fpt"
    assert formats.points(-0.003) == "−0.3\u202fpt"
    assert formats.points(0.01) == "+1\u202fpt"


def test_counts_and_sizes() -> None:
    assert formats.compact(1_240_000) == "1.24M"
    assert formats.compact(2.5) == "2.5"
    assert formats.number(18412) == "18,412"
    assert formats.ratio(4.26) == "4.26×"
    assert formats.size(2_100_000) == "2.1\u00a0MB"
    assert formats.size(820) == "820\u00a0B"


@given(st.integers(-(10**18), 10**18))
def test_short_amounts_stay_short(micros: int) -> None:
    text = formats.money(Money(micros, "EUR"))
    assert sum(c.isdigit() for c in text) <= 4
    assert "-" not in text


def test_the_year_is_printed_when_it_is_not_this_one() -> None:
    assert formats.day(date(2026, 11, 21), TODAY) == "Sat 21 Nov"
    assert formats.day(date(2025, 11, 21), TODAY) == "Fri 21 Nov 2025"
    assert formats.moment(datetime(2026, 11, 21, 23, 59, tzinfo=UTC), TODAY) == "Sat 21 Nov, 23:59"
    assert formats.month(date(2025, 10, 1), TODAY) == "October 2025"


def test_spans_name_what_differs() -> None:
    assert formats.span(date(2026, 11, 18), date(2026, 11, 21), TODAY) == "18–21 Nov"
    assert formats.span(date(2026, 11, 2), date(2026, 12, 20), TODAY) == "2 Nov – 20 Dec"
    assert formats.span(date(2025, 11, 2), date(2025, 12, 20), TODAY) == "2 Nov – 20 Dec 2025"
    assert formats.span(date(2026, 10, 25), date(2027, 1, 3), TODAY) == "25 Oct 2026 – 3 Jan 2027"
    assert formats.span(date(2026, 11, 2), date(2026, 11, 2), TODAY) == "2 Nov"


def test_time_left_and_gone() -> None:
    now = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    assert formats.left(now + timedelta(hours=26, minutes=30), now) == "26 h 30 m left"
    assert formats.left(now - timedelta(hours=2), now) == "over since 2 h"
    assert formats.ago(now - timedelta(minutes=32), now) == "32 m ago"
    assert formats.ago(now - timedelta(days=3, hours=4), now) == "3 days ago"
    assert formats.ago(now - timedelta(days=41), now) == "12 Oct"
    assert formats.ago(now - timedelta(days=400), now) == "18 Oct 2025"
    assert formats.ago(now, now) == "just now"


def test_a_deltas_arrow_and_judgement_are_separate() -> None:
    rising_cost = Delta.of(0.086, formats.percent_signed, up_is_good=False)
    assert (rising_cost.direction, rising_cost.tone) == ("up", "bad")
    assert rising_cost.text == "+8.6\u202f%"
    assert rising_cost.unsigned == "8.6\u202f%"
    assert Delta.of(-0.029, formats.percent_signed, up_is_good=None).tone == "neutral"
    assert Delta.of(0, formats.percent_signed, up_is_good=True).direction == "flat"
    assert Delta.of(-1, formats.signed, up_is_good=False).tone == "good"
