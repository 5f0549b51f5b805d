"""Making a scenario: empty, from the plan or a version of it, or from the year before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import require
from budgets.choices import ScenarioSource, ScenarioState
from budgets.models import BudgetVersion, FiscalYear, Scenario, ScenarioCell, ScenarioLine
from budgets.selectors.rates import local_day
from budgets.selectors.scenarios import Seed, seeds_of_actuals, seeds_of_plan
from budgets.selectors.versions import NOW, point
from budgets.services.scenarios.state import changed, held
from core.errors import Conflict, Invalid
from core.models import Organisation
from core.periods import Period


@transaction.atomic
def scenario_create(
    *,
    user: User,
    fiscal_year: FiscalYear,
    team: Team,
    name: str,
    source: str = ScenarioSource.PLAN,
    note: str = "",
    version: BudgetVersion | None = None,
    percent: Decimal = Decimal(0),
    quarter: str = "",
    at: datetime,
) -> Scenario:
    """A scenario of a team's lines for a year, or for one quarter of it (``2027-Q1``).

    ``percent`` grows every amount it begins with. Raises ``Invalid`` for a name the team
    has for this year already, and when there is nothing to begin with.
    """
    require(user, Act.DRAFT_REQUEST, team=team, owner_id=user.pk)
    months = months_of(fiscal_year, quarter)
    scenario = Scenario.objects.create(
        fiscal_year=fiscal_year,
        team=team,
        name=_free_name(fiscal_year, team, name),
        note=note.strip(),
        owner=user,
        made_at=at,
        changed_at=at,
    )
    seeds = _seeds(user, scenario, source, version, percent, local_day(at))
    _plant(scenario, seeds, {month.key for month in months})
    after = {"name": scenario.name, "from": source, "growth": f"{percent} %", "lines": len(seeds)}
    changed(scenario, user, "created", at, after=after)
    return scenario


@transaction.atomic
def scenario_archive(*, scenario: Scenario, user: User, at: datetime) -> Scenario:
    """Put a scenario away; nothing is deleted."""
    found = held(scenario, user)
    if found.state == ScenarioState.ARCHIVED:
        raise Conflict(f"{found} was put away already.", code="archived")
    before = {"state": found.state}
    found.state = ScenarioState.ARCHIVED
    changed(found, user, "archived", at, before=before, after={"state": found.state})
    return found


def months_of(year: FiscalYear, quarter: str) -> Sequence[Period]:
    """The months of a year, or of one of its quarters."""
    calendar = Organisation.current().calendar
    months = calendar.months(year.year)
    if not quarter:
        return months
    found = next((q for q in calendar.quarters(year.year) if q.key == quarter), None)
    if found is None:
        raise Invalid(f"{quarter} is not a quarter of {year}.", where="quarter")
    return [month for month in months if found.start <= month.start <= found.end]


def _free_name(year: FiscalYear, team: Team, name: str) -> str:
    words = name.strip()
    if not words:
        raise Invalid("Give the scenario a name.", where="name")
    if Scenario.objects.filter(fiscal_year=year, team=team, name__iexact=words).exists():
        raise Invalid(
            f"{team} has a scenario called “{words}” for {year} already.",
            where="name",
            remedy="Choose another name.",
        )
    return words


def _seeds(
    user: User,
    scenario: Scenario,
    source: str,
    version: BudgetVersion | None,
    percent: Decimal,
    today: date,
) -> list[Seed]:
    year = scenario.fiscal_year
    if source == ScenarioSource.EMPTY:
        return []
    if source == ScenarioSource.ACTUALS:
        found = seeds_of_actuals(user, year, scenario.team, today)
        return [seed.grown(percent) for seed in found]
    key = NOW
    if source == ScenarioSource.VERSION:
        if version is None or version.fiscal_year_id != year.pk:
            raise Invalid(f"Choose a version of {year}.", where="version")
        key = f"v{version.number}"
    found = seeds_of_plan(user, year, scenario.team, point(year, key))
    return [seed.grown(percent) for seed in found]


def _plant(scenario: Scenario, seeds: Sequence[Seed], months: set[str]) -> None:
    lines = ScenarioLine.objects.bulk_create(
        ScenarioLine(
            scenario=scenario,
            budget_line=seed.budget_line,
            name=seed.name,
            team=seed.team,
            channel=seed.channel,
            currency=seed.currency,
        )
        for seed in seeds
    )
    ScenarioCell.objects.bulk_create(
        ScenarioCell(line=line, month=month, amount_micros=max(micros, 0))
        for line, seed in zip(lines, seeds, strict=True)
        for month, micros in seed.amounts.items()
        if month in months
    )
