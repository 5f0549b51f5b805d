"""Platforms without public rows: small rows made from what is known of their tables."""

from decimal import Decimal

import pytest

from integrations.rules.connector import RowsRefused, connectors
from tests.integrations.connector_rows import asked, only, table

pytestmark = pytest.mark.feature("3.1")


def test_pinterest_adds_paid_and_earned_figures() -> None:
    rows = table(
        "campaign_id date clickthrough_1 clickthrough_2 impression_1 impression_2"
        " spend_in_micro_dollar total_conversions total_conversions_value_in_micro_dollar",
        "1 2026-11-01 5 2 100 11 1250000 3 9990000",
        "1 2026-11-02 5 - 100 - 10 - -",
    )
    found = asked("pinterest_ads", {"campaign_report": rows})
    assert only(found, "clicks", "impressions", "spend", "conversions", "conversions_value") == [
        (7, 111, Decimal("1.25"), 3, Decimal("9.99")),
        (5, 100, Decimal("0.00001"), None, None),
    ]


REDDIT = table(
    "account_id campaign_id date region clicks impressions spend",
    "7 1 2026-11-01 north 5 100 1000000",
    "7 1 2026-11-01 south 1 20 500000",
    "7 2 2026-11-01 north 3 30 250000",
)
REDDIT_EVENTS = table(
    "campaign_id date event_name click_through_conversion_attribution_window_month"
    " view_through_conversion_attribution_window_month total_value",
    "1 2026-11-01 Lead 2 1 4000000",
    "1 2026-11-01 page_visit 90 9 1",
)


def test_reddit_conversions_are_neither_multiplied_nor_made_up() -> None:
    tables = {"campaign_report": REDDIT, "campaign_conversions_report": REDDIT_EVENTS}
    found = asked("reddit_ads", tables)
    assert only(found, "campaign_id", "clicks", "spend", "conversions", "conversions_value") == [
        ("1", 6, Decimal("1.5"), 3, 4),
        ("2", 3, Decimal("0.25"), None, None),
    ]


def test_reddit_events_are_a_choice() -> None:
    tables = {"campaign_report": REDDIT, "campaign_conversions_report": REDDIT_EVENTS}
    found = asked("reddit_ads", tables, conversion_events=["page_visit"])
    assert only(found, "conversions") == [(99,), (None,)]


SNAPCHAT_NAMES = {
    "campaign_history": table("id ad_account_id name updated_at", "1 7 Brand 2026-01-01"),
    "ad_account_history": table(
        "id name currency timezone updated_at", "7 Main USD America/Los_Angeles 2026-01-01"
    ),
}


def test_snapchat_hours_fall_on_the_accounts_day_and_cents_are_rounded_once() -> None:
    hours = table(
        "campaign_id date swipes impressions spend conversion_purchases conversion_purchases_value",
        "1 2026-11-02T06:00:00Z 1 10 4000 1 1000000",
        "1 2026-11-02T07:00:00Z 2 20 4000 - -",
        "1 2026-11-02T08:00:00Z 4 40 4000 - -",
    )
    found = asked("snapchat_ads", {"campaign_hourly_report": hours, **SNAPCHAT_NAMES})
    assert only(found, "date_day", "clicks", "spend", "conversions") == [
        ("2026-11-01", 3, Decimal("0.01"), 1),
        ("2026-11-02", 4, 0, None),
    ]


def test_snapchat_asks_for_the_account_because_of_its_time_zone() -> None:
    hours = table("campaign_id date swipes impressions spend", "1 2026-11-02T06:00:00Z 1 10 4000")
    with pytest.raises(RowsRefused, match="day of 1 row is not known") as refused:
        asked("snapchat_ads", {"campaign_hourly_report": hours})
    assert "time zone" in refused.value.remedy


def test_x_rounds_each_row_to_cents_before_it_adds() -> None:
    rows = table(
        "account_id campaign_id date placement clicks impressions billed_charge_local_micro"
        " conversion_purchases_metric conversion_custom_metric conversion_purchases_sale_amount",
        "7 1 2026-11-01T07:00:00Z timeline 1 10 4000 1 2 30.5",
        "7 1 2026-11-01T07:00:00Z search 2 20 6000 - 1 -",
    )
    accounts = table("id name timezone updated_at", "7 Main America/Los_Angeles 2026-01-01")
    found = asked("x_ads", {"campaign_report": rows, "account_history": accounts})
    names = ("date_day", "clicks", "spend", "conversions", "conversions_value")
    assert only(found, *names) == [("2026-11-01", 3, Decimal("0.01"), 4, Decimal("30.5"))]


def test_amazon_takes_the_window_of_thirty_days() -> None:
    rows = table(
        "campaign_id date clicks impressions cost purchases_7_d purchases_30_d sales_7_d sales_30_d",
        "1 2026-11-01 5 100 1.23 1 4 10.00 40.50",
    )
    (found,) = asked("amazon_ads", {"campaign_level_report": rows})
    assert (found["spend"], found["conversions"]) == (Decimal("1.23"), 4)
    assert found["conversions_value"] == Decimal("40.5")


def test_apple_never_adds_two_currencies() -> None:
    rows = table(
        "campaign_id date taps impressions local_spend_amount local_spend_currency tap_installs",
        "1 2026-11-01 5 100 1.20 USD 1",
        "1 2026-11-01 6 200 3.40 EUR 2",
    )
    found = asked("apple_search_ads", {"campaign_report": rows})
    assert only(found, "currency", "spend", "clicks", "conversions") == [
        ("EUR", Decimal("3.4"), 6, 2),
        ("USD", Decimal("1.2"), 5, 1),
    ]
    assert "conversions_value" not in found[0]


LINKEDIN = {
    "ad_analytics_by_campaign": table(
        "campaign_id day clicks impressions cost_in_usd cost_in_local_currency"
        " conversion_value_in_local_currency",
        "1 2026-11-01 5 100 1.10 1.00 9.00",
    ),
    "ad_campaign_history": table(
        "id account_id campaign_group_id name last_modified_time", "1 7 3 Leads 2026-01-01"
    ),
    "ad_account_history": table("id name currency last_modified_time", "7 Main EUR 2026-01-01"),
}


def test_linkedin_never_counts_value_in_one_currency_beside_cost_in_another() -> None:
    names = ("currency", "spend", "conversions_value")
    assert only(asked("linkedin_ads", LINKEDIN), *names) == [("USD", Decimal("1.1"), None)]
    local = asked("linkedin_ads", LINKEDIN, cost="local")
    assert only(local, *names) == [("EUR", 1, 9)]


def test_a_choice_that_is_none_says_which_there_are() -> None:
    with pytest.raises(RowsRefused, match="“pounds” is no choice for cost") as refused:
        asked("linkedin_ads", LINKEDIN, cost="pounds")
    assert refused.value.remedy == "Choose one of usd, local."
    with pytest.raises(RowsRefused, match="no setting “window”"):
        asked("linkedin_ads", LINKEDIN, window="7")


def test_every_platform_has_a_campaign_report_with_money() -> None:
    for connector in connectors().values():
        if connector.kind == "delivery":
            assert {"spend", "currency"} <= set(connector.reports["campaign"].columns)
