"""Where what is left of a month goes on: the same line's next month, or its line of the next year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from budgets.choices import BillState, OrderKind
from budgets.models import BillLine, BudgetLine, Draw, FiscalYear, OrderLine
from budgets.selectors.closes import closed_months
from budgets.selectors.locks import HOW_TO_UNLOCK, lock_of, lock_sentence
from core.models import Organisation
from core.periods import Period


@dataclass(frozen=True, slots=True)
class FiscalMonth:
    """A month of the books and the one after it: in the same year, or the first of the next
    year's books where those are open."""

    year: FiscalYear
    period: Period
    next: Period | None
    next_year: FiscalYear | None

    @property
    def key(self) -> str:
        return self.period.key

    @property
    def label(self) -> str:
        return self.period.label

    def is_over(self, today: date) -> bool:
        return self.period.end < today

    @property
    def ends_year(self) -> bool:
        """Whether the month after it is not one of the same year."""
        return self.next_year != self.year

    @property
    def ahead(self) -> Period | None:
        """The month after it in the same year."""
        return None if self.ends_year else self.next


@dataclass(frozen=True, slots=True)
class Following:
    """Which line takes what goes on from a month; ``why_not`` is a sentence for each that has none.

    ``paid``: what lines of the next year pay for, as (budget line, campaign line).
    """

    month: FiscalMonth
    lines: Mapping[int, BudgetLine]
    why_not: Mapping[int, str] = field(default_factory=dict)
    paid: frozenset[tuple[int, int]] = frozenset()

    def pays(self, line: BudgetLine, part: int) -> bool:
        """Whether the line that takes it can keep the money with the same campaign line."""
        return not part or not self.month.ends_year or (line.pk, part) in self.paid

    def why_order_not(self, line: OrderLine, *, is_billed: bool) -> str:
        """Why an order line cannot go on; "" when it can."""
        target = self.lines.get(line.budget_line_id)
        if target is None:
            return self.why_not.get(line.budget_line_id, "")
        if not self.month.ends_year:
            return ""
        reference, year = line.order.reference, target.fiscal_year
        if line.order.kind == OrderKind.RELEASE:
            return f"{reference} takes its money out of an order of {self.month.year}."
        if is_billed:
            return (
                f"{reference} is billed in part in {self.month.year}. Release what is left and "
                f"order it again in {year}, or keep it as an accrual."
            )
        if not self.pays(target, line.campaign_line_id or 0):
            return (
                f"{target} does not pay for {line.campaign_line} in {year}. Add it to the line, "
                f"or release {reference}."
            )
        return ""


def following(month: FiscalMonth, lines: Sequence[BudgetLine]) -> Following:
    """Where each of a year's lines goes on after ``month``."""
    if not month.ends_year:
        return Following(month, {line.pk: line for line in lines})
    stopped = _stopped(month)
    if stopped or month.next_year is None:
        return Following(month, {}, dict.fromkeys((line.pk for line in lines), stopped))
    rows = BudgetLine.objects.filter(fiscal_year=month.next_year)
    there = list(rows.select_related("team", "fiscal_year"))
    found = {line.pk: target for line in lines if (target := _same(line, there))}
    missing = {line.pk: _missing(line, month.next_year) for line in lines if line.pk not in found}
    draws = Draw.objects.filter(budget_line__fiscal_year=month.next_year)
    paid = frozenset(draws.values_list("budget_line", "campaign_line"))
    return Following(month, found, missing, paid)


def billed_before(lines: Iterable[int]) -> set[int]:
    """Those of the order lines of which something is billed or accrued."""
    rows = BillLine.objects.filter(order_line__in=list(lines)).exclude(bill__state=BillState.VOID)
    return {pk for pk in rows.values_list("order_line", flat=True) if pk}


def line_of_year(line: BudgetLine, year: FiscalYear) -> BudgetLine | None:
    """The line of another year's books that goes on with ``line``; None when there is none."""
    rows = BudgetLine.objects.filter(fiscal_year=year)
    return _same(line, rows.select_related("team", "fiscal_year"))


def _stopped(month: FiscalMonth) -> str:
    """Why nothing at all goes into the next year, and what to do; "" when something can."""
    following = f"FY{month.year.year + 1}"
    if month.next is None or month.next_year is None:
        return (
            f"Nothing goes on from {month.label} to {following}: its books are not open. "
            f"Open them and plan its lines under Budgets, Lines, or release what is left."
        )
    if month.next.key in closed_months(month.next_year):
        return (
            f"Nothing goes on from {month.label}: {month.next.label} is closed. Ask for it to be "
            "opened again, or release what is left."
        )
    for year in (month.year, month.next_year):
        if lock := lock_of(year):
            return f"Nothing goes on from {month.label}: {lock_sentence(lock)} {HOW_TO_UNLOCK}"
    return ""


def _same(line: BudgetLine, there: Iterable[BudgetLine]) -> BudgetLine | None:
    """The team's line of the same name, else its only one with the same codes in the books."""
    own = [t for t in there if t.team_id == line.team_id and t.currency == line.currency]
    named = [t for t in own if t.name.lower() == line.name.lower()]
    coded = [t for t in own if line.gl_code and _codes(t) == _codes(line)]
    if named:
        return named[0]
    return coded[0] if len(coded) == 1 else None


def _codes(line: BudgetLine) -> tuple[str, str]:
    return line.gl_code, line.cost_centre


def _missing(line: BudgetLine, year: FiscalYear) -> str:
    return (
        f"{line} cannot go on: {line.team} has no line of this name or code in {line.currency} "
        f"in {year}. Create it under Budgets, Lines, or release what is left."
    )


def fiscal_months(fiscal_year: FiscalYear, after: FiscalYear | None) -> list[FiscalMonth]:
    """The months of a year, each with the one that follows; ``after`` is the next year's books."""
    calendar = Organisation.current().calendar
    months = calendar.months(fiscal_year.year)
    last = calendar.months(after.year)[0] if after else None
    pairs = zip(months, [*months[1:], last], strict=True)
    return [
        FiscalMonth(fiscal_year, period, then, fiscal_year if period is not months[-1] else after)
        for period, then in pairs
    ]
