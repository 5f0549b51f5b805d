"""Scenarios: what they begin with, what they plan, and how they compare with the plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from accounts.models import Team, User
from budgets.models import BudgetLine, FiscalYear, Scenario, ScenarioLine
from budgets.rules.fx import Quote
from budgets.rules.growth import grown
from budgets.selectors.months import LineMonths, line_month_table, rate_finder
from budgets.selectors.versions import NOW, Point, plan_at, point
from campaigns.models import Channel
from core.errors import Invalid
from core.models import Organisation
from core.money import Money, convert
from core.periods import Period


@dataclass(frozen=True, slots=True)
class Seed:
    """A line that a scenario begins with: micros by month; without a budget line it is new."""

    name: str
    team: Team
    channel: Channel
    currency: str
    amounts: Mapping[str, int]
    budget_line: BudgetLine | None = None

    def grown(self, percent: Decimal) -> Seed:
        """The same with every amount plus ``percent``."""
        if not percent:
            return self
        amounts = {m: grown(micros, percent, self.currency) for m, micros in self.amounts.items()}
        return replace(self, amounts=amounts)


def _lines(user: User, year: FiscalYear, team: Team) -> list[BudgetLine]:
    lines = BudgetLine.objects.for_user(user).filter(fiscal_year=year)
    below = lines.filter(team__path__startswith=team.path)
    return list(below.select_related("team", "channel"))


def seeds_of_plan(user: User, year: FiscalYear, team: Team, at: Point) -> list[Seed]:
    """The visible lines of a team as they were planned at a point."""
    plan, months = plan_at(year, at), Organisation.current().calendar.months(year.year)
    return [
        Seed(
            line.name,
            line.team,
            line.channel,
            line.currency,
            {month.key: plan.get((line.pk, month.key), 0) for month in months},
            line,
        )
        for line in _lines(user, year, team)
    ]


def seeds_of_actuals(user: User, year: FiscalYear, team: Team, today: date) -> list[Seed]:
    """What the lines of the year before used, month for month; names that are there again are kept.

    A month that is not over by ``today`` counts as it is planned: its spend is not whole yet.
    Raises ``Invalid`` when the books of the year before are not here.
    """
    here = {_name(line): line for line in _lines(user, year, team)}
    months = Organisation.current().calendar.months(year.year)
    seeds = []
    over = _months_over(year.year - 1, today)
    for row in _last_year(user, year, team):
        used = _used(row, over)
        amounts = {month.key: micros for month, micros in zip(months, used, strict=True)}
        line = row.line
        seeds.append(
            Seed(line.name, line.team, line.channel, line.currency, amounts, here.get(_name(line)))
        )
    return seeds


def _name(line: BudgetLine | ScenarioLine) -> tuple[int, str, str]:
    return line.team_id, line.name.casefold(), line.currency


def _last_year(user: User, year: FiscalYear, team: Team) -> list[LineMonths]:
    before = FiscalYear.objects.filter(year=year.year - 1).first()
    if before is None:
        raise Invalid(
            f"The books of FY{year.year - 1} are not here.",
            where="source",
            remedy="Begin with the plan, or with nothing.",
        )
    table = line_month_table(user, before)
    return [row for row in table.lines if row.line.team.path.startswith(team.path)]


def season_weights(
    user: User, scenario: Scenario, lines: Sequence[ScenarioLine], keys: Sequence[str], today: date
) -> Mapping[tuple[int, str], int]:
    """(scenario line, month) -> what the line of that name, else its channel, used a year before.

    A month that is not over by ``today`` counts as it is planned: its spend is not whole yet.
    """
    try:
        rows = _last_year(user, scenario.fiscal_year, scenario.team)
    except Invalid:
        return {}
    calendar, year = Organisation.current().calendar, scenario.fiscal_year.year
    months = [month.key for month in calendar.months(year)]
    over = _months_over(year - 1, today)
    by_line: dict[object, list[int]] = {}
    by_channel: dict[object, list[int]] = defaultdict(lambda: [0] * len(months))
    for row in rows:
        used = [max(micros, 0) for micros in _used(row, over)]
        by_line[_name(row.line)] = used
        key = (row.line.channel_id, row.line.currency)
        by_channel[key] = [a + b for a, b in zip(by_channel[key], used, strict=True)]
    weights: dict[tuple[int, str], int] = {}
    for line in lines:
        used = by_line.get(_name(line)) or by_channel[line.channel_id, line.currency]
        weights |= {(line.pk, key): used[months.index(key)] for key in keys}
    return weights


def _months_over(year: int, today: date) -> set[str]:
    months = Organisation.current().calendar.months(year)
    return {month.key for month in months if month.end < today}


def _used(row: LineMonths, over: set[str]) -> list[int]:
    """Micros of each month in order: what was used, or is planned where the month is not over."""
    amounts = [cell.actual if month in over else cell.planned for month, cell in row.cells.items()]
    return [amount.micros if amount else 0 for amount in amounts]


@dataclass(frozen=True, slots=True)
class ScenarioRow:
    """A line of a scenario; None stands for a month that the scenario says nothing about."""

    line: ScenarioLine
    cells: Sequence[tuple[Period, Money | None]]

    @property
    def total(self) -> Money:
        nothing = Money(0, self.line.currency)
        return sum((amount for _, amount in self.cells if amount), nothing)


def scenario_rows(scenario: Scenario) -> list[ScenarioRow]:
    """Every line with the months of the year."""
    months = Organisation.current().calendar.months(scenario.fiscal_year.year)
    rows = []
    lines = scenario.lines.select_related("channel", "team", "budget_line")
    for line in lines.prefetch_related("cells"):
        known = {cell.month: Money(cell.amount_micros, line.currency) for cell in line.cells.all()}
        rows.append(ScenarioRow(line, [(month, known.get(month.key)) for month in months]))
    return rows


@dataclass(slots=True)
class Plan:
    """Amounts of a scenario, or of the plan itself, in the reporting currency."""

    name: str
    currency: str
    scenario: Scenario | None = None
    by_month: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    by_channel: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    cells: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    rates: list[Quote] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)

    @property
    def total(self) -> Money:
        return Money(sum(self.by_month.values()), self.currency)

    def month(self, key: str) -> Money:
        return Money(self.by_month.get(key, 0), self.currency)

    def channel(self, key: str) -> Money:
        return Money(self.by_channel.get(key, 0), self.currency)


Cells = Iterable[tuple[str, Period, Money]]


def _plan(name: str, cells: Cells, scenario: Scenario | None = None) -> Plan:
    """Cells (channel, month, amount) added up at the budget rate of each month's first day."""
    reporting, rates = Organisation.current().reporting_currency, rate_finder()
    plan = Plan(name, reporting, scenario)
    for channel, month, amount in cells:
        rate = rates.find(amount.currency, reporting, month.start) if amount else None
        if rate is None:
            continue
        micros = convert(amount, rate.rate, reporting).micros
        plan.by_month[month.key] += micros
        plan.by_channel[channel] += micros
        plan.cells[channel, month.key] += micros
    plan.rates, plan.gaps = list(rates.used.values()), list(rates.gaps)
    return plan


def plan_of_scenario(scenario: Scenario, rows: Sequence[ScenarioRow] | None = None) -> Plan:
    """What a scenario plans, by month and channel."""
    found = scenario_rows(scenario) if rows is None else rows
    cells = (
        (row.line.channel.key, month, amount)
        for row in found
        for month, amount in row.cells
        if amount
    )
    return _plan(scenario.name, cells, scenario)


def plan_now(user: User, year: FiscalYear, team: Team, months: Sequence[str] = ()) -> Plan:
    """What a team's visible lines plan now; only ``months`` where some are given."""
    seeds = seeds_of_plan(user, year, team, point(year, NOW))
    periods = {month.key: month for month in Organisation.current().calendar.months(year.year)}
    cells = (
        (seed.channel.key, periods[key], Money(micros, seed.currency))
        for seed in seeds
        for key, micros in seed.amounts.items()
        if not months or key in months
    )
    return _plan("Plan now", cells)


def scenarios_for(user: User, year: FiscalYear | None = None) -> list[Scenario]:
    """Every scenario whose team's money the person may see, the newest change first."""
    rows = Scenario.objects.for_user(user).select_related("fiscal_year", "team", "owner")
    return list(rows.filter(fiscal_year=year) if year else rows)


def channel_names(plans: Iterable[Plan]) -> list[tuple[str, str]]:
    """(key, name) of every channel that some plan spends in, in their fixed order."""
    used = {key for plan in plans for key, micros in plan.by_channel.items() if micros}
    return list(Channel.objects.filter(key__in=used).values_list("key", "name"))
