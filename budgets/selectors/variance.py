"""Why a line's month came out other than planned: the difference, and what its owner says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from accounts.models import User
from budgets.models import BudgetLine, VarianceNote
from budgets.rules.fx import rate_on
from budgets.selectors.closing import FiscalMonth, LineItem, MonthItems, month_items
from budgets.selectors.rates import quotes
from core.models import Organisation
from core.money import MICROS, Money, convert

# A difference wants a word from both on: a tenth of the plan is more than timing, and a
# thousand in the reporting currency is worth the reading.
NOTABLE_SHARE = Decimal("0.10")
NOTABLE_MICROS = 1_000 * MICROS


@dataclass(frozen=True, slots=True)
class Variance:
    """A line's month: planned, actual, and the newest note about the difference."""

    line: BudgetLine
    planned: Money
    actual: Money | None
    is_notable: bool
    notes: Sequence[VarianceNote] = ()

    @property
    def variance(self) -> Money:
        """Actual minus planned: plus is spent beyond the plan."""
        return (self.actual or Money(0, self.line.currency)) - self.planned

    @property
    def share(self) -> Decimal | None:
        """The variance as a share of the plan; None without a plan."""
        return self.variance.amount / self.planned.amount if self.planned else None

    @property
    def note(self) -> VarianceNote | None:
        return self.notes[0] if self.notes else None

    @property
    def is_missing(self) -> bool:
        """Whether somebody has still to say why."""
        return self.is_notable and self.note is None

    @property
    def is_outdated(self) -> bool:
        """Whether the figures changed since the newest note."""
        note = self.note
        if note is None:
            return False
        actual = self.actual.micros if self.actual else None
        return (note.planned_micros, note.actual_micros) != (self.planned.micros, actual)


def variances(
    month: FiscalMonth, user: User | None, items: MonthItems | None = None
) -> list[Variance]:
    """Every line in sight with a plan or spend in the month, the largest difference first."""
    found = items or month_items(month, user=user)
    notes = _notes(month, [item.line.pk for item in found.lines])
    rows = [
        _variance(item, month, notes.get(item.line.pk, ()))
        for item in found.lines
        if item.planned or item.actual is not None
    ]
    return sorted(rows, key=_order)


def _order(row: Variance) -> tuple[bool, Decimal, str]:
    """What has still to be explained first, then the largest share of the plan."""
    return not row.is_missing, -abs(row.share or Decimal(0)), row.line.name


def _notes(month: FiscalMonth, lines: Sequence[int]) -> Mapping[int, list[VarianceNote]]:
    found: dict[int, list[VarianceNote]] = {}
    rows = VarianceNote.objects.filter(budget_line__in=lines, month=month.key)
    for note in rows.select_related("by").order_by("-at", "-pk"):
        found.setdefault(note.budget_line_id, []).append(note)
    return found


def _variance(item: LineItem, month: FiscalMonth, notes: Sequence[VarianceNote]) -> Variance:
    difference = item.month.actual - item.month.planned
    notable = is_notable(item.line.currency, item.month.planned, difference, month)
    return Variance(item.line, item.planned, item.actual, notable, notes)


def is_notable(currency: str, planned: int, difference: int, month: FiscalMonth) -> bool:
    """Whether a difference is beyond both thresholds; without a rate the share alone decides."""
    if abs(difference) <= planned * NOTABLE_SHARE:
        return False
    reporting = Organisation.current().reporting_currency
    rate = rate_on(quotes(), currency, reporting, month.period.start, reporting)
    if rate is None:
        return True
    return abs(convert(Money(difference, currency), rate.rate, reporting).micros) > NOTABLE_MICROS
