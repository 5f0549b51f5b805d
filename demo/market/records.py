"""The company's own papers: targets, the optimisation log, exchange rates."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from demo.market import stories
from demo.market.catalogue import ORDER_VALUE, REPORTING_CURRENCY, TEAMS
from demo.market.model import MICROS, Campaign, Change, FxRate, MonthPlan, Target
from demo.market.roster import Roster

TOLERANCE_PERCENT = 5
# What management asks, as a share of what a line usually returns: some goals are easy.
AMBITION = (0.96, 1.12)
# Returns asked of the two campaigns that the stories are about.
STORY_RETURNS = {
    stories.LIMITED_LINE.rpartition("-")[0]: 4.5,
    stories.FALLING_LINE.rpartition("-")[0]: 2.7,
}
FX_START = {"GBP": 1.165, "USD": 0.921}


def targets_of(
    roster: Roster,
    plans: tuple[MonthPlan, ...],
    first_day: date,
    last_day: date,
    generator: np.random.Generator,
) -> tuple[Target, ...]:
    """Targets of campaigns for their flight or the year, and of teams by quarter."""
    book = _Book(roster, plans)
    found: list[Target] = []
    for campaign in roster.campaigns:
        ambition = float(generator.uniform(*AMBITION))
        found.extend(_campaign_targets(campaign, book, last_day, ambition))
    for year in range(first_day.year, last_day.year + 1):
        for month in (1, 4, 7, 10):
            quarter = date(year, month, 1), _month_end(date(year, month + 2, 1))
            if quarter[1] >= first_day + timedelta(days=90):
                found.extend(_team_targets(book, quarter))
    return tuple(found)


class _Book:
    """What was planned, and what it usually brings."""

    def __init__(self, roster: Roster, plans: tuple[MonthPlan, ...]) -> None:
        usual = {
            line.key: (line, part.roas)
            for line, part in zip(roster.lines, roster.parts, strict=True)
        }
        self.rows = [(*usual[plan.line], plan) for plan in plans]

    def money(
        self, first: date, last: date, *, campaign: str = "", team: str = ""
    ) -> tuple[float, float]:
        """Planned spend and usual revenue of the months that begin within the days, in units."""
        spent = brought = 0.0
        for line, roas, plan in self.rows:
            mine = line.campaign == campaign if campaign else line.team == team
            if mine and first.replace(day=1) <= plan.month <= last:
                spent += plan.amount_micros / MICROS
                brought += plan.amount_micros / MICROS * roas
        return spent, brought


def _campaign_targets(
    campaign: Campaign, book: _Book, last_day: date, ambition: float
) -> Iterator[Target]:
    year = date(last_day.year, 1, 1), date(last_day.year, 12, 31)
    first = campaign.flight_start if campaign.flight_end else max(campaign.flight_start, year[0])
    last = campaign.flight_end or year[1]
    spent, brought = book.money(first, last, campaign=campaign.key)
    roas = round(STORY_RETURNS.get(campaign.key, brought / spent * ambition), 1)
    currency = next(team.currency for team in TEAMS if team.key == campaign.team)

    def target(metric: str, value: float, unit: str) -> Target:
        micros = round(value * MICROS)
        return Target(
            campaign.team, campaign.key, metric, first, last, micros, unit, TOLERANCE_PERCENT
        )

    yield target("roas", roas, "")
    yield target("revenue", _round(spent * roas), currency)
    if "-search" in campaign.key:
        yield target("cpa", round(ORDER_VALUE[campaign.team] / roas * 2) / 2, currency)


def _team_targets(book: _Book, quarter: tuple[date, date]) -> Iterator[Target]:
    for team in TEAMS:
        spent, brought = book.money(*quarter, team=team.key)
        for metric, value, unit in (
            ("revenue", _round(brought), team.currency),
            ("roas", round(brought / spent, 1), ""),
        ):
            micros = round(value * MICROS)
            yield Target(team.key, "", metric, *quarter, micros, unit, TOLERANCE_PERCENT)


def _round(amount: float) -> int:
    """To two significant digits, as goals are set."""
    step = int(10 ** max(len(str(int(amount))) - 2, 0))
    return max(round(amount / step), 1) * step


def _month_end(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def log_of(roster: Roster, last_day: date) -> tuple[Change, ...]:
    """The optimisation log, oldest first; entries of lines that did not run yet are left out."""
    begun = {line.key: line.starts_on for line in roster.lines}
    return tuple(
        Change(
            key=f"change-{number + 1}",
            line=change.line,
            made_on=made_on,
            kind=change.kind,
            what=change.what,
            old_value=change.old,
            new_value=change.new,
            hypothesis=change.hypothesis,
            metric="roas",
            expected_low_percent=change.expected[0],
            expected_percent=change.expected[1],
            expected_high_percent=change.expected[2],
        )
        for number, change in enumerate(stories.CHANGES)
        if (made_on := last_day - timedelta(days=change.days_ago)) > begun[change.line]
    )


def rates_of(first_day: date, last_day: date, generator: np.random.Generator) -> tuple[FxRate, ...]:
    """Weekly rates into the reporting currency, wandering a little."""
    days = [first_day + timedelta(days=7 * i) for i in range((last_day - first_day).days // 7 + 1)]
    rates: list[FxRate] = []
    for base, start in FX_START.items():
        path = start * np.exp(np.cumsum(generator.normal(0, 0.004, len(days))))
        rates.extend(
            FxRate(base, REPORTING_CURRENCY, day, Decimal(f"{rate:.4f}"))
            for day, rate in zip(days, path, strict=True)
        )
    return tuple(rates)
