"""What was planted can be seen in the data, whatever day it is."""

from datetime import date, timedelta

import numpy as np
import pytest

from analytics.compare import before_after
from analytics.daily import DailyRatio
from analytics.periods import month_edges
from analytics.results import Better, Comparison, Verdict
from analytics.trend import falls_in_a_row, ratio_trends
from demo.market import Market
from tests.demo.markets import LAST_DAY, line_days, line_position, market

OTHER_DAYS = (date(2026, 2, 2), date(2026, 5, 17), date(2025, 12, 30))


def ordinals(of: Market) -> np.ndarray:
    return np.arange(of.first_day.toordinal(), of.last_day.toordinal() + 1)


@pytest.mark.parametrize("last_day", [LAST_DAY, *OTHER_DAYS])
def test_one_return_falls_month_after_month_and_is_found_today(last_day: date) -> None:
    made = market(7, last_day)
    today = last_day + timedelta(days=1)
    daily = DailyRatio(
        line_days(made, "revenue_micros", known_at=today),
        line_days(made, "spend_micros", known_at=today),
        ordinals(made),
    )
    edges = month_edges(made.first_day.toordinal(), last_day.toordinal())
    trends = ratio_trends(daily, edges=edges, seed=1, last=4)
    falling = [
        line.key
        for line, trend in zip(made.lines, trends, strict=True)
        if falls_in_a_row(trend, at_least=3)
    ]
    story = made.truth["falling"]
    assert story["line"] in falling
    # Seasons, drift and the tired creative make a few others slip; most lines hold.
    assert len(falling) <= 5
    fall = trends[line_position(made, story["line"])]
    assert fall.slope == pytest.approx(story["change_per_month"], abs=0.06)


def test_the_tired_creative_loses_its_clicks() -> None:
    made, tired = market(), market().truth["tired_creative"]
    creative = [c.key for c in made.creatives].index(tired["creative"])
    since = date.fromisoformat(tired["since"]).toordinal()
    own = made.facts.creative == creative
    age = made.facts.day - since

    def click_rate(rows: np.ndarray) -> float:
        return float(made.facts.clicks[rows].sum() / made.facts.impressions[rows].sum())

    fresh = click_rate(own & (age < 7))
    now = click_rate(own & (age >= age[own].max() - 6))
    assert now / fresh == pytest.approx(1 - tired["click_rate_lost"], abs=0.1)
    siblings = (made.facts.line == made.facts.line[own][0]) & ~own & (age >= 0)
    late, early = siblings & (age >= age.max() - 6), siblings & (age < 7)
    assert click_rate(late) / click_rate(early) == pytest.approx(1, abs=0.1)


def test_the_outage_shows_as_spend_without_conversions_on_one_platform() -> None:
    made, outage = market(), market().truth["outage"]
    first, last = (date.fromisoformat(outage[key]).toordinal() for key in ("first_day", "last_day"))
    during = (made.facts.day >= first) & (made.facts.day <= last)
    platform = np.array([line.platform == outage["platform"] for line in made.lines])
    blind = during & platform[made.facts.line]
    assert made.facts.spend_micros[blind].sum() > 0
    assert made.facts.conversions_micros[blind].sum() == 0
    assert made.facts.conversions_micros[during & ~blind].sum() > 0
    around = platform[made.facts.line] & ~during & (np.abs(made.facts.day - first) < 10)
    days = len(np.unique(made.facts.day[around]))
    usual = made.facts.conversions_micros[around].sum() / 1e6 / days * (last - first + 1)
    assert sum(outage["lost_conversions"].values()) == pytest.approx(usual, rel=0.2)


def test_one_line_is_stopped_by_its_budget_above_its_target() -> None:
    made, story = market(), market().truth["budget_limited"]
    position = line_position(made, story["line"])
    spend = line_days(made, "spend_micros")[position, -60:-21]
    planned = next(
        p.amount_micros / 1e6
        for p in made.plans
        if p.line == story["line"] and p.month == date(2026, 10, 1)
    )
    assert (spend[-31:] / (planned / 31) > 0.98).all()
    assert (spend[-31:] / (planned / 31) <= 1.0 + 1e-6).all()
    revenue = line_days(made, "revenue_micros")[position, -60:-21]
    campaign = made.lines[position].campaign
    target = next(
        t.value_micros / 1e6 for t in made.targets if t.campaign == campaign and t.metric == "roas"
    )
    assert revenue.sum() / spend.sum() > 1.1 * target


def test_one_line_overspends_this_month() -> None:
    made, story = market(), market().truth["overspending"]
    position = line_position(made, story["line"])
    spent = line_days(made, "spend_micros")[position, -21:].sum()
    planned = next(
        p.amount_micros / 1e6
        for p in made.plans
        if p.line == story["line"] and p.month == date(2026, 11, 1)
    )
    assert spent / (planned * 21 / 30) == pytest.approx(1 + story["share_over_plan"], abs=0.05)


def test_the_paused_line_is_silent_since() -> None:
    made, story = market(), market().truth["paused"]
    days = made.facts.day[made.facts.line == line_position(made, story["line"])]
    assert days.max() == date.fromisoformat(story["since"]).toordinal() - 1


def test_budgets_vary_enough_to_learn_from() -> None:
    made = market()
    spend = line_days(made, "spend_micros")
    weeks = spend[:, -182:].reshape(len(made.lines), 26, 7).sum(axis=2)
    running = (spend[:, -182:] > 0).all(axis=1)
    variation = np.log(weeks[running]).std(axis=1)
    assert np.mean(variation > 0.08) > 0.7
    assert variation.min() < 0.12


def verdict_on(made: Market, number: int) -> tuple[float, Comparison]:
    """The planted effect of a change, and what a comparison with untouched lines says."""
    change = made.changes[number]
    days, on = ordinals(made), change.made_on.toordinal()
    near = (days >= on - 70) & (days <= min(on + 40, days[-1] - 14))
    spend, revenue = line_days(made, "spend_micros"), line_days(made, "revenue_micros")
    touched = {c.line for c in made.changes if abs(c.made_on.toordinal() - on) < 60}
    touched.add(made.truth["falling"]["line"])
    others = [
        i
        for i, line in enumerate(made.lines)
        if line.key not in touched and spend[i, near].min() > 0
    ]
    own = line_position(made, change.line)
    answer = before_after(
        DailyRatio(revenue[own, near], spend[own, near], days[near]),
        DailyRatio(revenue[others][:, near], spend[others][:, near], days[near]),
        changed_on=on,
        better=Better.HIGHER,
        seed=1,
    )
    return made.truth["changes"][change.key]["effect"], answer


@pytest.mark.feature("8.6")
def test_the_log_of_changes_can_be_judged() -> None:
    answers = [verdict_on(market(seed), number) for seed in (1, 2, 7) for number in range(12)]
    helped = [a.verdict for effect, a in answers if effect > 0]
    hurt = [a.verdict for effect, a in answers if effect < 0]
    idle = [a.verdict for effect, a in answers if effect == 0]
    assert helped.count(Verdict.HELPED) >= 0.6 * len(helped)
    assert helped.count(Verdict.HURT) == 0
    assert hurt.count(Verdict.HURT) >= 0.5 * len(hurt)
    assert hurt.count(Verdict.HELPED) == 0
    assert idle.count(Verdict.CANNOT_TELL) >= 0.6 * len(idle)
    held = [not a.effect_interval.excludes(effect) for effect, a in answers if a.effect_interval]
    assert np.mean(held) >= 0.65
