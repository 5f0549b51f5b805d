"""Changing the amounts of a scenario: one by one, by growth, by shifting months, by sharing a total."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import require
from budgets.models import BudgetLine, Scenario, ScenarioCell, ScenarioLine
from budgets.rules.growth import grown, shared_out, shifted
from budgets.selectors.rates import local_day
from budgets.selectors.scenarios import season_weights
from budgets.services.scenarios.state import changed, drafted
from campaigns.models import Channel
from core.errors import Invalid
from core.models import Organisation
from core.money import Money
from core.periods import Period

Amounts = Mapping[tuple[int, str], int]


@transaction.atomic
def cells_set(*, scenario: Scenario, user: User, amounts: Amounts, at: datetime) -> int:
    """Set (scenario line, month) -> micros; returns how many amounts changed."""
    return _write(drafted(scenario, user), user, amounts, "cells_set", at)


@transaction.atomic
def growth_apply(
    *,
    scenario: Scenario,
    user: User,
    percent: Decimal,
    channel: str = "",
    team: Team | None = None,
    months: Collection[str] = (),
    at: datetime,
) -> int:
    """Grow the chosen amounts by ``percent``: of a channel, of a team and those below it, of months."""
    found = drafted(scenario, user)
    cells = _cells(_chosen(found, channel, team), months)
    after = {
        (cell.line_id, cell.month): grown(cell.amount_micros, percent, cell.line.currency)
        for cell in cells
    }
    return _write(found, user, after, f"grown by {percent} %", at)


@transaction.atomic
def months_shift(
    *,
    scenario: Scenario,
    user: User,
    by: int,
    channel: str = "",
    team: Team | None = None,
    at: datetime,
) -> int:
    """Move the chosen amounts ``by`` months later (minus: earlier) within the year."""
    found = drafted(scenario, user)
    months = [month.key for month in _months(found)]
    after: dict[tuple[int, str], int] = {}
    for line in _chosen(found, channel, team):
        now = {cell.month: cell.amount_micros for cell in line.cells.all()}
        moved = shifted(now, months, by)
        after |= {(line.pk, month): micros for month, micros in moved.items()}
    return _write(found, user, after, f"shifted by {by} months", at)


@transaction.atomic
def total_spread(
    *,
    scenario: Scenario,
    user: User,
    total: Money,
    channel: str = "",
    team: Team | None = None,
    months: Collection[str] = (),
    at: datetime,
) -> int:
    """Share a total over the chosen lines and months as last year spent it; sums exactly.

    Last year's months that are not over count as planned. Equally where last year says nothing.
    The lines must pay in the total's currency.
    """
    found = drafted(scenario, user)
    lines = [row for row in _chosen(found, channel, team) if row.currency == total.currency]
    if not lines:
        raise Invalid(
            f"No chosen line of the scenario pays in {total.currency}.",
            where="currency",
            remedy="Choose other lines, or a total in their currency.",
        )
    if total.micros < 0:
        raise Invalid("A total is not less than zero.", where="total")
    keys = [month.key for month in _months(found) if not months or month.key in months]
    weights = season_weights(user, found, lines, keys, local_day(at))
    places = [(line.pk, month) for line in lines for month in keys]
    parts = shared_out(total.micros, [weights.get(place, 0) for place in places])
    after = dict(zip(places, parts, strict=True))
    return _write(found, user, after, f"{total} shared out", at)


@transaction.atomic
def line_add(
    *,
    scenario: Scenario,
    user: User,
    name: str,
    team: Team,
    channel: Channel,
    currency: str,
    at: datetime,
) -> ScenarioLine:
    """A line of the scenario: the budget line of that name, else one that adopting would make."""
    found = drafted(scenario, user)
    require(user, Act.DRAFT_REQUEST, team=team, owner_id=user.pk)
    words = name.strip()
    if not words:
        raise Invalid("Give the line a name.", where="name")
    if not team.path.startswith(found.team.path):
        raise Invalid(f"{team} is not below {found.team}.", where="team")
    if found.lines.filter(team=team, name__iexact=words).exists():
        raise Invalid("The scenario has a line of this name already.", where="name")
    existing = BudgetLine.objects.filter(
        fiscal_year=found.fiscal_year, team=team, name__iexact=words
    ).first()
    if existing and (existing.currency, existing.channel_id) != (currency, channel.pk):
        raise Invalid(
            f"{existing} is a line of {existing.channel} in {existing.currency} already.",
            where="name",
            remedy="Choose its channel and currency, or another name.",
        )
    line = ScenarioLine.objects.create(
        scenario=found, budget_line=existing, name=words, team=team, channel=channel,
        currency=currency,
    )  # fmt: skip
    changed(found, user, "line_added", at, after={"line": words})
    return line


@transaction.atomic
def line_remove(*, line: ScenarioLine, user: User, at: datetime) -> None:
    """Take a line out of the scenario; the budget line, if there is one, stays."""
    found = drafted(line.scenario, user)
    changed(found, user, "line_removed", at, before={"line": line.name})
    line.delete()


def _months(scenario: Scenario) -> Sequence[Period]:
    return Organisation.current().calendar.months(scenario.fiscal_year.year)


def _chosen(scenario: Scenario, channel: str, team: Team | None) -> list[ScenarioLine]:
    lines = scenario.lines.prefetch_related("cells").select_related("team", "channel")
    if channel:
        lines = lines.filter(channel__key=channel)
    if team:
        lines = lines.filter(team__path__startswith=team.path)
    return list(lines)


def _cells(lines: Sequence[ScenarioLine], months: Collection[str]) -> list[ScenarioCell]:
    rows = ScenarioCell.objects.filter(line__in=lines).select_related("line")
    return list(rows.filter(month__in=months) if months else rows)


def _write(scenario: Scenario, user: User, amounts: Amounts, how: str, at: datetime) -> int:
    """Write what differs, and note it in the trail line by line."""
    _check(scenario, amounts)
    rows = ScenarioCell.objects.filter(line__scenario=scenario)
    known = {(row.line_id, row.month): row.amount_micros for row in rows}
    new = {place: m for place, m in amounts.items() if known.get(place) != m}
    if not new:
        return 0
    ScenarioCell.objects.bulk_create(
        [ScenarioCell(line_id=line, month=m, amount_micros=a) for (line, m), a in new.items()],
        update_conflicts=True,
        unique_fields=["line", "month"],
        update_fields=["amount_micros"],
    )
    names = dict(scenario.lines.values_list("pk", "name"))
    before = {f"{names[line]} {m}": known.get((line, m)) for line, m in new}
    after = {f"{names[line]} {m}": a for (line, m), a in new.items()}
    changed(scenario, user, "changed", at, before=before, after=after, reason=how)
    return len(new)


def _check(scenario: Scenario, amounts: Amounts) -> None:
    months = {month.key for month in _months(scenario)}
    lines = set(scenario.lines.values_list("pk", flat=True))
    for (line, month), micros in amounts.items():
        if line not in lines or month not in months:
            raise Invalid("A line or month is not part of this scenario.", where="cells")
        if micros < 0:
            raise Invalid("An amount is not less than zero.", where="cells")
