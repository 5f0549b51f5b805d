"""Amounts of several currencies: joined at named, dated rates, or not at all."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

import pytest

from core.periods import FiscalCalendar
from metrics.selectors import query, rates
from metrics.services import Rate, register_rates
from tests.cast import Cast
from tests.world import TODAY, load_days, make_line

OCTOBER = FiscalCalendar().parse("2026-10", today=TODAY)
AUTUMN = FiscalCalendar().parse("2026-09..2026-10", today=TODAY)
SEPTEMBER_RATE = Rate("USD", "EUR", date(2026, 1, 1), Decimal("0.9"), "Budget rate 2026")
OCTOBER_RATE = Rate("USD", "EUR", date(2026, 10, 1), Decimal("0.8123456789"), "ECB")


@pytest.fixture
def known_rates() -> Iterator[list[Rate]]:
    """Rates that a test puts in; what was registered before comes back afterwards."""
    before = list(rates._providers)
    given: list[Rate] = []

    def provider(currencies: Sequence[str], to: str, first: date, last: date) -> list[Rate]:
        return [r for r in given if r.base in currencies and r.quote == to]

    register_rates(provider)
    yield given
    rates._providers[:] = before


@pytest.fixture
def two_currencies(cast: Cast) -> None:
    euro = make_line(cast, currency="EUR", channel="search")
    dollar = make_line(cast, currency="USD", channel="search")
    for line in (euro, dollar):
        load_days(
            line,
            {
                "2026-09-30": {"spend": "10", "revenue": "30", "clicks": 10},
                "2026-10-01": {"spend": "7", "revenue": "14", "clicks": 10},
            },
        )


@pytest.mark.usefixtures("two_currencies")
def test_mixed_currencies_without_a_rate_are_none_with_the_reason(known_rates: list[Rate]) -> None:
    found = query(
        metrics=["spend", "roas", "cpc", "clicks", "ctr"],
        by=["channel", "month"],
        period=AUTUMN,
        viewer=None,
    )
    for row in (found.totals, *found.rows):
        assert (row["spend"], row["roas"], row["cpc"]) == (None, None, None)
    assert found.totals["clicks"] == 40
    assert set(found.refused) == {"spend", "roas", "cpc"}
    assert found.refused["spend"] == (
        "Amounts in EUR and USD cannot be given in EUR: there is no rate from USD to EUR on "
        "1 Sep 2026."
    )


@pytest.mark.usefixtures("two_currencies")
def test_amounts_go_through_the_rate_of_their_day_and_are_rounded_once(
    known_rates: list[Rate],
) -> None:
    known_rates += [SEPTEMBER_RATE, OCTOBER_RATE]
    found = query(metrics=["spend", "roas", "cpc"], by=["month"], period=AUTUMN, viewer=None)
    september, october = found.rows
    assert september["spend"] == 19_000_000
    assert october["spend"] == round(7_000_000 * (1 + Decimal("0.8123456789")))
    assert found.totals["spend"] == round(26_000_000 + 7_000_000 * Decimal("0.8123456789"))
    assert september["roas"] == 3
    assert october["cpc"] == round(7_000_000 * Decimal("1.8123456789") / 20)
    assert found.currency == "EUR"
    assert [rate.name for rate in found.rates] == ["Budget rate 2026", "ECB"]
    assert found.refused == {}


@pytest.mark.usefixtures("two_currencies")
def test_a_rate_that_starts_too_late_refuses_only_what_it_does_not_cover(
    known_rates: list[Rate],
) -> None:
    known_rates.append(OCTOBER_RATE)
    found = query(metrics=["spend"], by=["month"], period=AUTUMN, viewer=None)
    assert [row["spend"] is None for row in found.rows] == [True, False]
    assert found.totals["spend"] is None
    assert "no rate from USD to EUR on 1 Sep 2026" in found.refused["spend"]


@pytest.mark.usefixtures("two_currencies")
def test_a_row_in_one_currency_has_its_ratio_without_a_rate(known_rates: list[Rate]) -> None:
    found = query(metrics=["spend", "roas"], by=["line"], period=OCTOBER, viewer=None)
    assert [row["roas"] for row in found.rows] == [2, 2]
    assert [row["spend"] for row in found.rows] == [7_000_000, None]
    assert found.totals["roas"] is None


@pytest.mark.usefixtures("two_currencies")
def test_split_by_currency_every_row_keeps_its_own(known_rates: list[Rate]) -> None:
    found = query(metrics=["spend"], by=["currency"], period=OCTOBER, viewer=None)
    assert [(row["currency"], row["spend"]) for row in found.rows] == [
        ("EUR", 7_000_000),
        ("USD", 7_000_000),
    ]
    assert found.totals["spend"] is None
    assert str(found.value("spend", found.rows[1])) == "7.00 USD"
    assert found.refused["spend"] == "Amounts in EUR and USD cannot be added up without a rate."


def test_one_currency_stays_as_it_is_and_can_be_asked_in_another(
    cast: Cast, known_rates: list[Rate]
) -> None:
    known_rates.append(SEPTEMBER_RATE)
    load_days(make_line(cast, currency="USD"), {"2026-10-01": {"spend": "10"}})
    make_line(cast, currency="EUR")
    own = query(metrics=["spend"], period=OCTOBER, viewer=None)
    assert (own.currency, own.totals["spend"]) == ("USD", 10_000_000)
    euro = query(metrics=["spend"], period=OCTOBER, currency="eur", viewer=None)
    assert (euro.currency, euro.totals["spend"]) == ("EUR", 9_000_000)
    assert euro.rates == (SEPTEMBER_RATE,)
    franc = query(metrics=["spend", "clicks"], period=OCTOBER, currency="CHF", viewer=None)
    assert franc.totals["spend"] is None
    assert "no rate from USD to CHF" in franc.refused["spend"]


def test_a_line_without_amounts_does_not_spoil_the_others(
    cast: Cast, known_rates: list[Rate]
) -> None:
    load_days(make_line(cast, currency="EUR"), {"2026-10-01": {"spend": "10", "clicks": 1}})
    load_days(make_line(cast, currency="USD"), {"2026-10-01": {"clicks": 1}})
    found = query(metrics=["spend", "clicks"], period=OCTOBER, viewer=None)
    assert found.totals == {"spend": 10_000_000, "clicks": 2}
    assert found.refused == {}


@pytest.mark.usefixtures("two_currencies")
def test_the_past_and_its_channels_convert_too(known_rates: list[Rate]) -> None:
    known_rates.append(SEPTEMBER_RATE)
    found = query(metrics=["spend"], by=["channel"], period=OCTOBER, as_of=TODAY, viewer=None)
    assert found.totals["spend"] == 13_300_000
