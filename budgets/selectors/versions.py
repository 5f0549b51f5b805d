"""The plan as it stood: versions are points of the ledger, so that a cell is the sum up to there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Sum

from accounts.models import User
from budgets.models import BudgetLine, BudgetVersion, FiscalYear, LedgerEntry
from budgets.selectors.plans import CellChange, cell_history
from core.errors import Invalid
from core.models import Organisation
from core.money import Money
from core.periods import Period

NOW, START, BASELINE = "now", "start", "baseline"


@dataclass(frozen=True, slots=True)
class Point:
    """Where a plan can be looked at: ``upto`` is the last ledger transaction, None for now."""

    key: str
    label: str
    upto: int | None
    version: BudgetVersion | None = None

    @property
    def order(self) -> int:
        return 2**63 if self.upto is None else self.upto


def versions_of(year: FiscalYear) -> list[BudgetVersion]:
    """Every version of a year, the newest first."""
    return list(BudgetVersion.objects.filter(fiscal_year=year).select_related("made_by"))


def points(year: FiscalYear) -> list[Point]:
    """What can be compared: now, every version, and the beginning when nothing was planned."""
    made = [_of(version) for version in versions_of(year)]
    return [Point(NOW, "Now", None), *made, Point(START, "Before the first plan", 0)]


def _of(version: BudgetVersion) -> Point:
    mark = ", baseline" if version.is_baseline else ""
    return Point(f"v{version.number}", f"{version}{mark}", version.upto, version)


def point(year: FiscalYear, key: str) -> Point:
    """The point of a key (``now``, ``start``, ``baseline``, ``v3``); raises ``Invalid``."""
    known = points(year)
    for one in known:
        is_baseline = one.version is not None and one.version.is_baseline
        if one.key == key or (key == BASELINE and is_baseline):
            return one
    if key == BASELINE:
        raise Invalid(f"{year} has no baseline yet.", where="old", remedy="Mark a version as it.")
    raise Invalid(f"“{key}” is not a version of {year}.", where="old")


def plan_at(year: FiscalYear, at: Point) -> Mapping[tuple[int, str], int]:
    """(budget line, month) -> micros planned at a point, exact: the sum of the entries up to it."""
    entries = LedgerEntry.objects.filter(
        account__fiscal_year=year, account__budget_line__isnull=False
    )
    if at.upto is not None:
        entries = entries.filter(transaction__lte=at.upto)
    sums = entries.values_list("account__budget_line", "account__month")
    return {(line, m): micros for line, m, micros in sums.annotate(Sum("amount_micros")).order_by()}


@dataclass(frozen=True, slots=True)
class Difference:
    """An amount at two points; ``line`` and ``month`` are None where several are added up."""

    label: str
    old: Money
    new: Money
    line: BudgetLine | None = None
    month: Period | None = None

    @property
    def change(self) -> Money:
        return self.new - self.old


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two points of a year, cell by cell; only lines whose money the person sees."""

    year: FiscalYear
    old: Point
    new: Point
    cells: Sequence[Difference]

    def totals(self) -> list[Difference]:
        """One sum for each currency: they add up to the cells, whatever is shown of them."""
        return self.together(lambda _: "All lines", by_month=False)

    def changed(self) -> list[Difference]:
        return [cell for cell in self.cells if cell.change]

    def together(
        self, name: Callable[[BudgetLine], str], *, by_month: bool = True
    ) -> list[Difference]:
        """Cells added up by a name of their line, by month and currency."""
        groups: dict[tuple[str, str, str], list[Difference]] = defaultdict(list)
        for cell in self.cells:
            if cell.line and cell.month:
                month = cell.month.key if by_month else ""
                groups[name(cell.line), month, cell.old.currency].append(cell)
        return [_added(label, cells, by_month=by_month) for (label, _, _), cells in groups.items()]


def _added(label: str, cells: Sequence[Difference], *, by_month: bool) -> Difference:
    nothing = Money(0, cells[0].old.currency)
    return Difference(
        label,
        sum((cell.old for cell in cells), nothing),
        sum((cell.new for cell in cells), nothing),
        month=cells[0].month if by_month else None,
    )


def compare(user: User, year: FiscalYear, old: Point, new: Point) -> Comparison:
    """Every visible line's months at two points; months where neither plans anything are left out."""
    before, after = plan_at(year, old), plan_at(year, new)
    lines = BudgetLine.objects.for_user(user).filter(fiscal_year=year)
    months = Organisation.current().calendar.months(year.year)
    cells = [
        _cell(line, month, before, after)
        for line in lines.select_related("team", "channel", "owner")
        for month in months
        if before.get((line.pk, month.key)) or after.get((line.pk, month.key))
    ]
    return Comparison(year, old, new, cells)


def _cell(
    line: BudgetLine,
    month: Period,
    before: Mapping[tuple[int, str], int],
    after: Mapping[tuple[int, str], int],
) -> Difference:
    place = (line.pk, month.key)
    old, new = (Money(plan.get(place, 0), line.currency) for plan in (before, after))
    return Difference(line.name, old, new, line, month)


def changes_between(line: BudgetLine, month: str, old: Point, new: Point) -> list[CellChange]:
    """Who changed a line's month between two points, when and why; newest first."""
    first, last = sorted((old.order, new.order))
    return [one for one in cell_history(line, month) if first < one.transaction.pk <= last]
