"""The market is the same for the same seed, adds up, and looks like a real company."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import date, timedelta

import numpy as np
import pytest

from demo.market import Facts, Market, simulate
from demo.market.model import MICROS, Creative, Line
from tests.demo.markets import LAST_DAY, line_days, market, to_eur


def digest(of: Market) -> str:
    total = hashlib.sha256(json.dumps(of.truth, sort_keys=True).encode())
    for field in fields(Facts):
        total.update(np.ascontiguousarray(getattr(of.facts, field.name)).tobytes())
    for records in (of.campaigns, of.lines, of.creatives, of.plans, of.targets, of.fx_rates):
        total.update(repr(records).encode())
    total.update(of.maturing.luck.tobytes())
    return total.hexdigest()


def test_the_same_seed_gives_the_same_bytes_and_another_does_not() -> None:
    first_day = LAST_DAY - timedelta(days=729)
    assert digest(market()) == digest(simulate(7, first_day, LAST_DAY))
    assert digest(market()) != digest(simulate(8, first_day, LAST_DAY))


def test_every_row_is_possible() -> None:
    facts = market().facts
    assert 100_000 < len(facts) < 400_000
    for field in fields(facts):
        column = getattr(facts, field.name)
        assert column.dtype == np.int64
        assert (column >= 0).all()
    assert (facts.clicks <= facts.impressions).all()
    assert (facts.conversions_micros <= facts.clicks * MICROS).all()
    assert (facts.conversions_micros % MICROS == 0).all()
    assert (facts.spend_micros % 10_000 == 0).all()
    assert (facts.revenue_micros % 10_000 == 0).all()
    assert ((facts.revenue_micros > 0) == (facts.conversions_micros > 0)).all()


def test_rows_are_sorted_and_each_combination_stands_once() -> None:
    facts = market().facts
    keys = np.stack([facts.day, facts.line, facts.creative, facts.segment], axis=1)
    assert (np.lexsort(keys.T[::-1]) == np.arange(len(facts))).all()
    assert len(np.unique(keys, axis=0)) == len(facts)


def test_delivery_stays_within_flights_and_creatives() -> None:
    made = market()
    flights: tuple[tuple[str, Sequence[Line | Creative]], ...] = (
        ("line", made.lines),
        ("creative", made.creatives),
    )
    for name, records in flights:
        owner = getattr(made.facts, name)
        for position, record in enumerate(records):
            days = made.facts.day[owner == position]
            if len(days):
                assert days.min() >= record.starts_on.toordinal()
                assert days.max() <= min(record.ends_on or LAST_DAY, LAST_DAY).toordinal()
    keys = [line.key for line in made.lines]
    line_of_creative = np.array([keys.index(creative.line) for creative in made.creatives])
    assert (line_of_creative[made.facts.creative] == made.facts.line).all()


def test_segments_belong_to_the_markets_of_the_lines_team() -> None:
    made = market()
    markets = {team.key: set(team.markets) for team in made.teams}
    pairs = np.unique(np.stack([made.facts.line, made.facts.segment], axis=1), axis=0)
    for line, segment in pairs:
        assert made.segments[segment].market in markets[made.lines[line].team]


def test_the_company_has_a_credible_size() -> None:
    made = market()
    spend = (line_days(made, "spend_micros") * to_eur(made))[:, -365:].sum()
    revenue = (line_days(made, "revenue_micros") * to_eur(made))[:, -365:].sum()
    orders = line_days(made, "conversions_micros")[:, -365:].sum()
    assert 10e6 < revenue < 40e6
    assert 3 < revenue / spend < 5
    assert 15 < spend / orders < 60


def test_every_channel_delivers_at_its_own_level() -> None:
    made = market()
    spend, revenue = line_days(made, "spend_micros"), line_days(made, "revenue_micros")
    returns = {}
    for channel in made.channels:
        own = [i for i, line in enumerate(made.lines) if line.channel == channel]
        returns[channel] = revenue[own].sum() / spend[own].sum()
    assert len(returns) == 8
    assert returns["email"] > returns["search"] > returns["social"] > returns["display"]
    assert all(1 < value < 25 for value in returns.values())


def test_weekdays_holidays_and_black_friday_show() -> None:
    made = market()
    always = [i for i, line in enumerate(made.lines) if line.ends_on is None]
    spend = line_days(made, "spend_micros")[always].sum(axis=0)
    ratio = line_days(made, "revenue_micros")[always].sum(axis=0) / spend
    start = made.first_day.toordinal()

    def around(day: date) -> tuple[float, float]:
        position = day.toordinal() - start
        rest = [position + 7 * k for k in (-4, -3, -2, 2, 3)]
        return float(ratio[position]), float(ratio[rest].mean())

    black_friday, usual = around(date(2025, 11, 28))
    assert black_friday > 1.15 * usual
    christmas, usual = around(date(2025, 12, 25))
    assert christmas < 0.75 * usual
    weekday = (np.arange(len(ratio)) + start - 1) % 7
    assert ratio[weekday == 6].mean() > 1.08 * ratio[weekday == 4].mean()


def test_attention_gets_dearer() -> None:
    made = market()
    line = [i for i, one in enumerate(made.lines) if one.key == "dach-brand-search-search"]
    price = (line_days(made, "spend_micros")[line] / line_days(made, "impressions")[line])[0]
    assert 1.05 < price[365:730].mean() / price[:365].mean() < 1.12


def test_the_truth_can_be_written_down() -> None:
    truth = json.loads(json.dumps(market().truth))
    delivered = {market().lines[i].key for i in np.unique(market().facts.line)}
    assert set(truth["lines"]) == delivered
    for line in truth["lines"].values():
        assert 0 < line["recent_elasticity"] < 1


def test_a_market_too_short_for_its_stories_is_refused() -> None:
    with pytest.raises(ValueError, match="400 days"):
        simulate(1, LAST_DAY - timedelta(days=300), LAST_DAY)
