"""Fiscal years, budget lines, what was planned, and the rates it was planned at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import partial

from budgets.models import BudgetLine, FiscalYear, FxRate, LedgerTransaction
from budgets.services import (
    Leg,
    draws_set,
    line_create,
    line_leg,
    rate_enter,
    source_leg,
    transfer,
    year_open,
)
from demo.company.people import DIRECTORS, DIVISIONS, MANAGERS
from demo.company.records import Company, month_key
from demo.market.catalogue import CHANNELS
from demo.market.model import MICROS, Line, MonthPlan, Team

# Years before this many days ago were planned by budget line only.
PLANNED_IN_PARTS = timedelta(days=250)
# Next year's books are opened in autumn.
OPENED = (10, 1)
GL_CODES = {
    "search": "6110", "shopping": "6115", "social": "6120", "display": "6130",
    "affiliates": "6140", "email": "6150", "creators": "6160", "retail_media": "6170",
}  # fmt: skip
# Kept on every budget line and given to nobody yet.
RESERVE_PERCENT = 3
RESERVE_STEP = 100 * MICROS


def plan_budgets(company: Company) -> None:
    """Let every fiscal year of the market be opened in its time."""
    earliest = company.moments.on(company.market.first_day - timedelta(days=12), 10)
    for year in sorted({plan.month.year for plan in company.market.plans}):
        # Before the first request of that morning, which may be about the new year.
        at = max(earliest, company.moments.on(date(year - 1, *OPENED), 6))
        company.timeline.add(at, "budgets", partial(_open_year, company, year))


def _open_year(company: Company, year: int, at: datetime) -> None:
    fiscal_year = year_open(user=company.people["mara"], year=year, at=at)
    _enter_rates(company, year, at)
    plans = _plans_by_pot(company, year)
    for team in company.market.teams:
        for channel in CHANNELS:
            if (team.key, channel) in plans:
                line = _make_line(company, fiscal_year, team, channel, at)
                _fill(company, line, team, plans[team.key, channel], at)


def _plans_by_pot(company: Company, year: int) -> dict[tuple[str, str], list[MonthPlan]]:
    found: dict[tuple[str, str], list[MonthPlan]] = defaultdict(list)
    lines = {line.key: line for line in company.market.lines}
    for plan in company.market.plans:
        if plan.month.year == year:
            found[lines[plan.line].team, lines[plan.line].channel].append(plan)
    return found


def _make_line(
    company: Company, year: FiscalYear, team: Team, channel: str, at: datetime
) -> BudgetLine:
    director = company.people[DIRECTORS[DIVISIONS[team.director]]]
    line = line_create(
        user=director,
        fiscal_year=year,
        team=company.teams[team.key],
        channel=company.channels[channel],
        name=f"{CHANNELS[channel].name} {team.name}",
        owner=company.people[MANAGERS[team.key][0]],
        currency=team.currency,
        gl_code=GL_CODES[channel],
        campaign_lines=[
            company.lines[one.key]
            for one in company.market.lines
            if one.key in company.lines and (one.team, one.channel) == (team.key, channel)
            and _runs_in(one, year.year)
        ],
        at=at,
    )  # fmt: skip
    company.pots[team.key, channel, year.year] = line
    return line


def _runs_in(line: Line, year: int) -> bool:
    return line.starts_on.year <= year and (line.ends_on is None or line.ends_on.year >= year)


def _fill(
    company: Company, line: BudgetLine, team: Team, plans: Iterable[MonthPlan], at: datetime
) -> None:
    """The year's money of a budget line, in one transaction: to campaigns that exist, the rest kept."""
    director = company.people[DIRECTORS[DIVISIONS[team.director]]]
    legs: list[Leg] = []
    for plan in plans:
        micros, month = planned_at_first(company, plan), month_key(plan.month)
        reserve = plan.amount_micros * RESERVE_PERCENT // 100 // RESERVE_STEP * RESERVE_STEP
        part = company.lines.get(plan.line) if _in_parts(company, plan.month.year) else None
        legs += [line_leg(line, month, micros, part), line_leg(line, month, reserve)]
        legs.append(source_leg(line.fiscal_year, line.currency, -micros - reserve))
    transfer(
        legs=legs,
        key=f"plan:{line.pk}",
        kind=LedgerTransaction.Kind.PLAN,
        reason=f"Plan of {line.fiscal_year}: {line.name}",
        actor=director.as_actor(),
        at=at,
    )


def _in_parts(company: Company, year: int) -> bool:
    """Whether a year's money is given to single campaign lines."""
    return year >= (company.today - PLANNED_IN_PARTS).year


def planned_at_first(company: Company, plan: MonthPlan) -> int:
    """What was planned before anything was moved by request."""
    moved = company.moved.get((plan.line, month_key(plan.month)), 0)
    return max(plan.amount_micros - moved, 0)


def give_out(company: Company, lines: Iterable[Line], at: datetime) -> None:
    """Pay new campaign lines from the budget lines that were planned for them."""
    for line in lines:
        for year, plans in _plans_by_year(company, line):
            pot = company.pots.get((line.team, line.channel, year))
            if pot is not None:
                _give(company, pot, line, plans, at)


def _plans_by_year(company: Company, line: Line) -> Iterator[tuple[int, list[MonthPlan]]]:
    own = [plan for plan in company.market.plans if plan.line == line.key]
    for year in sorted({plan.month.year for plan in own}):
        yield year, [plan for plan in own if plan.month.year == year]


def _give(
    company: Company, pot: BudgetLine, line: Line, plans: list[MonthPlan], at: datetime
) -> None:
    part = company.lines[line.key]
    paid = [draw.campaign_line for draw in pot.draws.select_related("campaign_line")]
    draws_set(line=pot, user=pot.owner, campaign_lines=[*paid, part], at=at)
    if not _in_parts(company, pot.fiscal_year.year):
        return
    legs = []
    for plan in plans:
        month = month_key(plan.month)
        legs.append(line_leg(pot, month, -plan.amount_micros))
        legs.append(line_leg(pot, month, plan.amount_micros, part))
    transfer(
        legs=legs,
        key=f"plan:{pot.pk}:{part.pk}",
        kind=LedgerTransaction.Kind.PLAN,
        reason=f"Planned for {part}",
        actor=part.campaign.owner.as_actor(),
        at=at,
    )


def _enter_rates(company: Company, year: int, at: datetime) -> None:
    """Budget rates of the year: what the market paid when the books were opened."""
    valid_from = date(year, 1, 1)
    for base in sorted({rate.base for rate in company.market.fx_rates}):
        known = [rate for rate in company.market.fx_rates if rate.base == base]
        before = [rate for rate in known if rate.valid_from <= at.date()] or known[:1]
        rate_enter(
            user=None, actor=company.people["ben"].as_actor(), kind=FxRate.Kind.BUDGET, base=base,
            quote=before[-1].quote, valid_from=valid_from, rate=before[-1].rate,
            source=f"Treasury, plan of FY{year}", at=at,
        )  # fmt: skip
