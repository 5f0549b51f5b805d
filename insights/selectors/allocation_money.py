"""The money of channels in the plan: what lies where for a period, and what orders hold of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.models import User
from budgets.models import BudgetLine, FiscalYear, LedgerAccount
from budgets.selectors.months import books_of
from core.models import Organisation
from core.money import MICROS, minor_digits
from core.periods import Period
from insights.selectors.response import Unit

# A month that is nearly over cannot be planned any more.
LEAST_DAYS_LEFT = 10
MONTHS_AHEAD = 6


@dataclass(frozen=True, slots=True)
class Held:
    """A campaign line's part of a budget line's month: micros planned, and held by orders or spent."""

    budget_line: int
    campaign_line: int
    month: str
    currency: str
    planned: int
    floor: int

    @property
    def unit(self) -> int:
        """Micros of the least amount that is paid."""
        return int(MICROS // 10 ** minor_digits(self.currency))


def periods_to_plan(today: date) -> list[Period]:
    """What a split can be for: the months and quarters of the books that can still change."""
    calendar = Organisation.current().calendar
    month = calendar.month_of(today)
    if (month.end - today).days < LEAST_DAYS_LEFT:
        month = calendar.month_of(month.end + timedelta(days=1))
    found = [month]
    while len(found) < MONTHS_AHEAD:
        found.append(calendar.month_of(found[-1].end + timedelta(days=1)))
    quarter = calendar.quarter_of(today)
    following = calendar.quarter_of(quarter.end + timedelta(days=1))
    return [*found[:MONTHS_AHEAD], following]


def months_of(period: Period) -> list[Period]:
    """The fiscal months of a month or quarter."""
    return list(Organisation.current().calendar.months_between(period.start, period.end))


def held_by(
    user: User, units: Sequence[Unit], months: Sequence[Period]
) -> Mapping[str, Mapping[str, Sequence[Held]]]:
    """Unit -> month -> the parts of the plan that pay its lines, as far as the person sees them.

    Only in the lines' own currency: what is paid in another one is not moved here.
    """
    owners = {part: unit.key for unit in units for part in unit.parts}
    accounts = list(
        LedgerAccount.objects.filter(
            campaign_line__in=owners,
            month__in=[month.key for month in months],
            budget_line__in=BudgetLine.objects.for_user(user),
            balance_micros__gt=0,
        ).select_related("budget_line__fiscal_year", "campaign_line")
    )
    floors = _floors(accounts)
    found: dict[str, dict[str, list[Held]]] = defaultdict(lambda: defaultdict(list))
    for account in accounts:
        line, part = account.budget_line, account.campaign_line
        if line is None or part is None or line.currency != part.currency:
            continue
        place = (line.pk, part.pk, account.month)
        planned = account.balance_micros
        held = Held(*place, line.currency, planned, min(floors.get(place, 0), planned))
        found[owners[part.pk]][account.month].append(held)
    return found


def _floors(accounts: Sequence[LedgerAccount]) -> dict[tuple[int, int, str], int]:
    """What orders hold and what is spent of each part, in one reading for each fiscal year."""
    lines: dict[FiscalYear, set[int]] = defaultdict(set)
    for account in accounts:
        if account.budget_line is not None:
            lines[account.budget_line.fiscal_year].add(account.budget_line.pk)
    floors = {}
    for year, numbers in lines.items():
        for place, book in books_of(year, numbers).parts.items():
            held = book.reserved + book.open + max(book.actual or 0, 0)
            if held:
                floors[place] = held
    return floors
