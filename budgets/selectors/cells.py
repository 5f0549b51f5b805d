"""Planned amounts that somebody edits, as they are in the books, and why one cannot be changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.models import User
from budgets.models import BudgetLine, Draw, LedgerAccount, LedgerEntry
from budgets.rules.cells import CellEdit, MonthPlan, minor_text, wrong_amount
from budgets.rules.month_names import month_name
from budgets.rules.moves import Place
from budgets.selectors.plan_rows import shut_months
from campaigns.models import CampaignLine
from core import formats
from core.models import Organisation
from core.money import Money
from core.periods import Period

# (budget line, month) -> campaign line or 0 -> (micros, version)
Accounts = Mapping[tuple[int, str], Mapping[int, tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class CellBooks:
    """What the person sees of the lines that are edited."""

    lines: Mapping[int, BudgetLine]
    parts: Mapping[int, CampaignLine]
    draws: set[tuple[int, int]]
    accounts: Accounts
    months: Mapping[int, Mapping[str, Period]]

    def month(self, line: int, month: str) -> MonthPlan:
        """What lies in a line's month now."""
        found = self.accounts.get((line, month), {})
        free, _ = found.get(0, (0, 0))
        return MonthPlan(free, {part: micros for part, (micros, _) in found.items() if part})

    def micros(self, place: Place) -> int:
        """What is planned at a place; for a line the whole month."""
        month = self.month(place.budget_line, place.month)
        return (
            month.total if place.campaign_line is None else month.parts.get(place.campaign_line, 0)
        )

    def version(self, place: Place) -> int:
        """As the rows of the grid count it: of a whole month the sum over its accounts."""
        found = self.accounts.get((place.budget_line, place.month), {})
        if place.campaign_line is None:
            return sum(version for _, version in found.values())
        return found.get(place.campaign_line, (0, 0))[1]

    def name(self, place: Place) -> str:
        """ "Winter Shopping, Dec 2026"."""
        line = self.lines[place.budget_line]
        what = self.parts.get(place.campaign_line or 0) or line
        month = self.months[line.fiscal_year.year].get(place.month)
        return f"{what}, {month.label if month else place.month}"


def cell_books(user: User, cells: Sequence[CellEdit]) -> CellBooks:
    """The books behind cells, in a fixed number of queries; what is out of sight is not in it."""
    places = [cell.place for cell in cells]
    ids = {place.budget_line for place in places}
    lines = BudgetLine.objects.for_user(user).select_related("fiscal_year", "team", "owner")
    found = lines.in_bulk(ids)
    draws = set(
        Draw.objects.filter(budget_line__in=found).values_list("budget_line", "campaign_line")
    )
    parts = CampaignLine.objects.select_related("campaign")
    calendar = Organisation.current().calendar
    years = {line.fiscal_year.year for line in found.values()}
    return CellBooks(
        lines=found,
        parts=parts.in_bulk({part for _, part in draws}),
        draws=draws,
        accounts=_accounts(found, {place.month for place in places}),
        months={year: {month.key: month for month in calendar.months(year)} for year in years},
    )


def _accounts(lines: Iterable[int], months: Iterable[str]) -> Accounts:
    rows = LedgerAccount.objects.filter(budget_line__in=list(lines), month__in=list(months))
    fields = ("budget_line", "month", "campaign_line", "balance_micros", "version")
    found: dict[tuple[int, str], dict[int, tuple[int, int]]] = defaultdict(dict)
    for line, month, part, micros, version in rows.order_by().values_list(*fields):
        found[line or 0, month][part or 0] = (micros, version)
    return found


def cell_problems(
    books: CellBooks, cells: Sequence[CellEdit], *, today: date
) -> list[dict[str, Any]]:
    """Each cell that cannot be changed, where it is and why, in words and as a code."""
    years = {line.fiscal_year for line in books.lines.values()}
    shut = {
        year.year: shut_months(year, list(books.months[year.year].values()), today)
        for year in years
    }
    found = [_problem(books, cell, shut) for cell in cells]
    stale = [cell for cell, said in zip(cells, found, strict=True) if said == "stale"]
    who = _changed_by(stale)
    return [
        _stale(books, cell.place, who.get(cell.place)) if said == "stale" else said
        for cell, said in zip(cells, found, strict=True)
        if said
    ]


def _problem(books: CellBooks, cell: CellEdit, shut: Mapping[int, Mapping[str, str]]) -> Any:
    """A problem, ``"stale"`` for one that needs to know who, or None."""
    place = cell.place
    line = books.lines.get(place.budget_line)
    if line is None:
        return _bare(place, "unknown", "This line does not exist, or you may not see it.")
    if place.campaign_line and (line.pk, place.campaign_line) not in books.draws:
        return _bare(place, "unknown", f"This campaign line is not paid from {line}.")
    year = line.fiscal_year
    if place.month not in books.months[year.year]:
        return _bare(place, "month", f"{month_name(place.month)} is not a month of {year}.")
    if why := wrong_amount(cell.micros):
        return problem(books, place, "amount", why)
    if state := shut[year.year].get(place.month):
        return problem(books, place, "shut", f"this month is {state}, so its plan stays as it is.")
    return "stale" if books.version(place) != cell.version else None


def _bare(place: Place, code: str, message: str) -> dict[str, Any]:
    return {
        "line": place.budget_line,
        "month": place.month,
        "campaign_line": place.campaign_line,
        "code": code,
        "message": message,
    }


def problem(books: CellBooks, place: Place, code: str, message: str) -> dict[str, Any]:
    """Why a place cannot be changed, with its name before the reason."""
    return _bare(place, code, f"{books.name(place)}: {message}")


def _stale(books: CellBooks, place: Place, entry: LedgerEntry | None) -> dict[str, Any]:
    """Somebody changed it meanwhile: who, when, and what it is now."""
    currency, micros = books.lines[place.budget_line].currency, books.micros(place)
    now = formats.money_exact(Money(micros, currency))
    who = entry.transaction.actor_name if entry else "Somebody"
    return {
        **problem(books, place, "stale", f"{who} changed it meanwhile; it is {now} now."),
        "who": who,
        "at": entry.transaction.at.isoformat() if entry else None,
        "amount": minor_text(micros, currency),
        "version": books.version(place),
    }


def _changed_by(cells: Sequence[CellEdit]) -> dict[Place, LedgerEntry]:
    """The newest entry of each place."""
    if not cells:
        return {}
    rows = LedgerEntry.objects.filter(
        account__budget_line__in={cell.place.budget_line for cell in cells},
        account__month__in={cell.place.month for cell in cells},
    ).select_related("transaction", "account")
    newest: dict[Place, LedgerEntry] = {}
    for entry in rows.order_by("pk"):
        account = entry.account
        line = account.budget_line_id or 0
        newest[Place(line, account.month)] = entry
        newest[Place(line, account.month, account.campaign_line_id)] = entry
    return {cell.place: newest[cell.place] for cell in cells if cell.place in newest}
