"""Plans, targets and names are those of people."""

from collections import Counter
from datetime import date

import numpy as np

from demo.market.model import MICROS
from demo.market.season import black_friday, easter
from tests.demo.markets import LAST_DAY, line_days, line_position, market


def test_three_teams_under_two_directors_pay_in_three_currencies() -> None:
    made = market()
    assert len(made.teams) == 3
    assert len({team.director for team in made.teams}) == 2
    assert {line.currency for line in made.lines} == {"EUR", "GBP", "USD"}
    assert 35 <= len(made.campaigns) <= 50
    assert {line.channel for line in made.lines} == set(made.channels)


def test_campaigns_are_in_every_state_of_life() -> None:
    states = Counter(campaign.status for campaign in market().campaigns)
    assert set(states) == {"planned", "live", "paused", "completed"}
    assert states["paused"] == 1
    for campaign in market().campaigns:
        if campaign.status == "planned":
            assert campaign.flight_start > LAST_DAY
        if campaign.status == "completed":
            assert campaign.flight_end is not None
            assert campaign.flight_end < LAST_DAY


def test_names_are_unique_where_people_must_tell_them_apart() -> None:
    made = market()
    for records in (made.campaigns, made.lines, made.creatives, made.accounts, made.segments):
        keys = [record.key for record in records]
        assert len(set(keys)) == len(keys)
    assert len({(c.team, c.name.lower()) for c in made.campaigns}) == len(made.campaigns)
    assert len({(line.campaign, line.name) for line in made.lines}) == len(made.lines)
    owner = {line.key: line.campaign for line in made.lines}
    names = [(owner[creative.line], creative.name.lower()) for creative in made.creatives]
    assert len(set(names)) == len(names)
    linked = [(line.account, line.external_id) for line in made.lines]
    assert len(set(linked)) == len(linked)


def test_records_refer_to_each_other() -> None:
    made = market()
    campaigns = {c.key for c in made.campaigns}
    lines = {line.key for line in made.lines}
    accounts = {a.key: a for a in made.accounts}
    assert {line.campaign for line in made.lines} == campaigns
    assert {plan.line for plan in made.plans} == lines
    assert {c.line for c in made.creatives} == lines
    assert {t.campaign for t in made.targets if t.campaign} == campaigns
    assert {change.line for change in made.changes} <= lines
    audiences = {audience.key for audience in made.audiences}
    assert all(set(c.audiences) <= audiences for c in made.campaigns)
    for line in made.lines:
        account = accounts[line.account]
        assert (account.platform, account.currency) == (line.platform, line.currency)


def test_lines_have_three_to_six_creatives() -> None:
    counts = Counter(creative.line for creative in market().creatives)
    assert set(counts.values()) <= {3, 4, 5, 6}


def test_plans_are_round_and_reach_to_the_end_of_the_year() -> None:
    made = market()
    for plan in made.plans:
        step = 500 if plan.amount_micros >= 5_000 * MICROS else 100
        assert plan.amount_micros % (step * MICROS) == 0
        assert plan.month.day == 1
    always = {line.key for line in made.lines if line.ends_on is None}
    last = {plan.line: plan.month for plan in made.plans if plan.line in always}
    assert set(last.values()) == {date(2026, 12, 1)}


def test_spend_follows_its_plan_on_the_whole() -> None:
    made = market()
    spend = line_days(made, "spend_micros")
    months = {date(2026, m, 1) for m in range(3, 10)}
    start = date(2026, 3, 1).toordinal() - made.first_day.toordinal()
    end = date(2026, 10, 1).toordinal() - made.first_day.toordinal()
    steady = [line for line in made.lines if line.ends_on is None and line.paused_on is None]
    shares = []
    for line in steady:
        planned = sum(
            p.amount_micros for p in made.plans if p.line == line.key and p.month in months
        )
        if line.starts_on < date(2026, 3, 1):
            actual = spend[line_position(made, line.key), start:end].sum()
            shares.append(actual / (planned / MICROS))
    assert len(shares) > 20
    assert 0.9 < np.mean(shares) < 1.1
    assert all(0.75 < share < 1.3 for share in shares)


def test_targets_are_set_for_every_campaign_and_every_teams_quarter() -> None:
    made = market()
    for target in made.targets:
        assert target.value_micros > 0
        assert target.first_day <= target.last_day
        assert bool(target.currency) == (target.metric in {"revenue", "cpa"})
    metrics = {t.metric for t in made.targets}
    assert metrics == {"roas", "revenue", "cpa"}
    now = [t for t in made.targets if not t.campaign and t.first_day <= LAST_DAY <= t.last_day]
    assert {t.team for t in now} == {"dach", "uki", "na"}


def test_some_targets_are_met_and_some_are_not() -> None:
    made = market()
    spend, revenue = line_days(made, "spend_micros"), line_days(made, "revenue_micros")
    reached = []
    for target in made.targets:
        if target.campaign and target.metric == "roas" and target.first_day <= LAST_DAY:
            own = [i for i, line in enumerate(made.lines) if line.campaign == target.campaign]
            days = slice(max((target.first_day - made.first_day).days, 0), None)
            reached.append(
                revenue[own, days].sum() / spend[own, days].sum() * MICROS >= target.value_micros
            )
    assert 0.3 < np.mean(reached) < 0.95


def test_rates_are_dated_and_stay_near_each_other() -> None:
    rates = [rate for rate in market().fx_rates if rate.base == "GBP"]
    assert rates[0].valid_from == market().first_day
    assert all(0.9 < rate.rate < 1.5 for rate in rates)
    assert len({rate.valid_from for rate in rates}) == len(rates) > 100


def test_the_calendar_is_right() -> None:
    assert [black_friday(year) for year in (2024, 2025, 2026)] == [
        date(2024, 11, 29),
        date(2025, 11, 28),
        date(2026, 11, 27),
    ]
    assert [easter(year) for year in (2024, 2025, 2026)] == [
        date(2024, 3, 31),
        date(2025, 4, 20),
        date(2026, 4, 5),
    ]
