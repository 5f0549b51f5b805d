"""Planned, reserved, committed, actual and available money, per budget line and fiscal month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Sum

from accounts.models import User
from budgets.models import BudgetLine, Draw, FiscalYear, Holding, LedgerAccount
from budgets.rules.actuals import shares
from budgets.rules.fx import Quote, rate_on
from budgets.rules.position import Part, Position, position
from budgets.selectors.rates import quotes
from core import formats
from core.models import Organisation
from core.money import Money, convert
from core.once import once
from core.periods import Period
from metrics.selectors import query

# (budget line, month) -> micros of the line's currency
Amounts = Mapping[tuple[int, str], int]
# (budget line, campaign line, month) -> micros of the budget line's currency
PartAmounts = Mapping[tuple[int, int, str], int]


@dataclass(frozen=True, slots=True)
class MonthCell:
    """A line's month: planned, held by placeholders and orders, used, and what is left.

    ``actual`` is None where neither a bill nor a source says anything.
    """

    planned: Money
    actual: Money | None
    reserved: Money
    committed: Money

    @classmethod
    def of(cls, found: Position, currency: str) -> MonthCell:
        """The cell of a position."""
        return cls(
            Money(found.planned, currency),
            None if found.actual is None else Money(found.actual, currency),
            Money(found.reserved, currency),
            Money(found.committed, currency),
        )

    @classmethod
    def empty(cls, currency: str) -> MonthCell:
        """Nothing planned, nothing known."""
        return cls.of(Position(0, 0, 0, None), currency)

    @property
    def held(self) -> Money:
        """Promised and not yet used: reserved and committed."""
        return self.reserved + self.committed

    @property
    def available(self) -> Money:
        return self.planned - self.held - (self.actual or Money(0, self.planned.currency))

    def __add__(self, other: MonthCell) -> MonthCell:
        known = [cell.actual for cell in (self, other) if cell.actual is not None]
        return MonthCell(
            self.planned + other.planned,
            sum(known[1:], known[0]) if known else None,
            self.reserved + other.reserved,
            self.committed + other.committed,
        )

    def at(self, rate: Quote) -> MonthCell:
        """The same in another currency."""
        planned, reserved, committed = (
            convert(money, rate.rate, rate.quote)
            for money in (self.planned, self.reserved, self.committed)
        )
        actual = None if self.actual is None else convert(self.actual, rate.rate, rate.quote)
        return MonthCell(planned, actual, reserved, committed)


@dataclass(frozen=True, slots=True)
class LineMonths:
    """A budget line with its months in the line's own currency."""

    line: BudgetLine
    cells: Mapping[str, MonthCell]

    def total(self, months: Iterable[Period]) -> MonthCell:
        """Several months together."""
        nothing = MonthCell.empty(self.line.currency)
        cells = [self.cells[month.key] for month in months]
        return sum(cells, nothing)


@dataclass(frozen=True, slots=True)
class MonthTable:
    """Every visible line of a fiscal year by month.

    ``as_of`` and ``last_day`` say how far actuals reach; ``gaps`` name what could not be
    counted and why, ``rates`` the budget rates that were used.
    """

    year: FiscalYear
    months: Sequence[Period]
    lines: Sequence[LineMonths]
    as_of: datetime | None
    last_day: date | None
    gaps: Sequence[str] = ()
    rates: Sequence[Quote] = ()


@dataclass(slots=True)
class _Rates:
    """Budget rates as they are asked for, and what was missing."""

    known: Sequence[Quote]
    via: str
    used: dict[tuple[str, str, date], Quote] = field(default_factory=dict)
    gaps: dict[str, None] = field(default_factory=dict)

    def find(self, base: str, quote: str, day: date) -> Quote | None:
        found = rate_on(self.known, base, quote, day, self.via)
        if found is None:
            self.gaps[f"There is no budget rate from {base} to {quote} for {_day(day)}."] = None
        elif base != quote:
            self.used[base, quote, found.valid_from] = found
        return found


def _day(day: date) -> str:
    return formats.day(day, weekday=False)


def rate_finder() -> _Rates:
    """Budget rates of this moment's books; remembers what it used and what it lacked."""
    return _Rates(quotes(), Organisation.current().reporting_currency)


def line_month_table(user: User | None, fiscal_year: FiscalYear) -> MonthTable:
    """Planned, actual and available of every line whose money the person sees.

    ``user`` None is the product itself, which sees every line.
    """
    months = Organisation.current().calendar.months(fiscal_year.year)
    visible = BudgetLine.objects.for_user(user) if user else BudgetLine.objects.all()
    lines = list(visible.filter(fiscal_year=fiscal_year).select_related("team", "channel", "owner"))
    rates = rate_finder()
    planned = _planned(fiscal_year)
    imported, as_of, last_day = _imported(fiscal_year, months, rates, {line.pk for line in lines})
    parts = _parts(fiscal_year, imported)
    return MonthTable(
        year=fiscal_year,
        months=months,
        lines=[_line_months(line, months, planned, parts) for line in lines],
        as_of=as_of,
        last_day=last_day,
        gaps=list(rates.gaps),
        rates=list(rates.used.values()),
    )


def _line_months(
    line: BudgetLine,
    months: Sequence[Period],
    planned: Amounts,
    parts: Mapping[tuple[int, str], Sequence[Part]],
) -> LineMonths:
    cells = {}
    for month in months:
        place = (line.pk, month.key)
        found = position(planned.get(place, 0), parts.get(place, ()))
        cells[month.key] = MonthCell.of(found, line.currency)
    return LineMonths(line, cells)


@dataclass(frozen=True, slots=True)
class Books:
    """Plan and parts of some lines' months; a part's key is (budget line, campaign line or 0, month)."""

    planned: Amounts
    parts: Mapping[tuple[int, int, str], Part]


def books_of(fiscal_year: FiscalYear, lines: Collection[int]) -> Books:
    """The months of these budget lines as they stand now, for checks of what they can bear."""
    months = Organisation.current().calendar.months(fiscal_year.year)
    imported, _, _ = _imported(fiscal_year, months, rate_finder(), set(lines))
    parts = {place: Part(imported=micros) for place, micros in imported.items()}
    for row in Holding.objects.filter(budget_line__in=lines):
        place = (row.budget_line_id, row.campaign_line_id or 0, row.month)
        parts[place] = _part(row, imported.get(place))
    planned = {place: sum_ for place, sum_ in _planned(fiscal_year).items() if place[0] in lines}
    return Books(planned, {place: part for place, part in parts.items() if place[0] in lines})


def _parts(
    fiscal_year: FiscalYear, imported: PartAmounts
) -> Mapping[tuple[int, str], Sequence[Part]]:
    """(budget line, month) -> its parts: holdings and reported spend of the same campaign line together."""
    rows = Holding.objects.filter(budget_line__fiscal_year=fiscal_year)
    found: dict[tuple[int, str], list[Part]] = defaultdict(list)
    held: set[tuple[int, int, str]] = set()
    for row in rows:
        place = (row.budget_line_id, row.campaign_line_id or 0, row.month)
        held.add(place)
        found[row.budget_line_id, row.month].append(_part(row, imported.get(place)))
    for place, micros in imported.items():
        if place not in held:
            found[place[0], place[2]].append(Part(imported=micros))
    return found


def _part(held: Holding, imported: int | None) -> Part:
    return Part(
        reserved=held.reserved_micros,
        committed=held.committed_micros,
        accrued=held.accrued_micros,
        billed=held.billed_micros,
        whole_bills=held.whole_bills,
        imported=imported,
    )


def _planned(fiscal_year: FiscalYear) -> Amounts:
    rows = (
        LedgerAccount.objects.filter(fiscal_year=fiscal_year, budget_line__isnull=False)
        .values_list("budget_line", "month")
        .annotate(total=Sum("balance_micros"))
    )
    return {(line, month): total for line, month, total in rows.order_by()}


def _imported(
    fiscal_year: FiscalYear,
    months: Sequence[Period],
    rates: _Rates,
    only: Collection[int] | None = None,
) -> tuple[PartAmounts, datetime | None, date | None]:
    """Spend of the campaign lines that budget lines (or some of them) pay for, in their currencies."""
    payers = payers_of(fiscal_year)
    if only is not None:
        payers = {
            part: lines for part, lines in payers.items() if not lines.keys().isdisjoint(only)
        }
    if not payers:
        return {}, None, None
    # The product itself asks: who sees a budget line sees everything that it pays for.
    found = query(
        metrics=["spend"],
        by=["line", "month", "currency"],
        where={"line": list(payers)},
        period=Period("year", months[0].start, months[-1].end),
        viewer=None,
    )
    starts = {month.key: month.start for month in months}
    weights = part_plans(fiscal_year)
    sums: dict[tuple[int, int, str], int] = defaultdict(int)
    for row in found.rows:
        if row["spend"] is None:
            continue
        spent = Money(row["spend"], row["currency"])
        lines = payers[row["line"]]
        plans = weights.get((row["line"], row["month"]), {})
        for pk, part in _borne(spent, lines, plans, starts[row["month"]], rates):
            sums[pk, row["line"], row["month"]] += part
    return sums, found.as_of, found.last_day


def payers_of(fiscal_year: FiscalYear) -> dict[int, dict[int, str]]:
    """Campaign line -> the budget lines of a year that pay for it, with their currencies."""
    return once(("payers", fiscal_year.pk), lambda: _payers_of(fiscal_year))


def _payers_of(fiscal_year: FiscalYear) -> dict[int, dict[int, str]]:
    payers: dict[int, dict[int, str]] = defaultdict(dict)
    draws = Draw.objects.filter(budget_line__fiscal_year=fiscal_year).order_by("budget_line")
    for part, line, currency in draws.values_list(
        "campaign_line", "budget_line", "budget_line__currency"
    ):
        payers[part][line] = currency
    return payers


def part_plans(fiscal_year: FiscalYear) -> dict[tuple[int, str], dict[int, int]]:
    """(campaign line, month) -> what each budget line planned for it."""
    return once(("part_plans", fiscal_year.pk), lambda: _part_plans(fiscal_year))


def _part_plans(fiscal_year: FiscalYear) -> dict[tuple[int, str], dict[int, int]]:
    plans: dict[tuple[int, str], dict[int, int]] = defaultdict(dict)
    accounts = LedgerAccount.objects.filter(
        fiscal_year=fiscal_year, campaign_line__isnull=False, budget_line__isnull=False
    )
    for part, month, line, micros in accounts.values_list(
        "campaign_line", "month", "budget_line", "balance_micros"
    ):
        plans[part or 0, month][line or 0] = micros
    return plans


def _borne(
    spent: Money, lines: Mapping[int, str], plans: Mapping[int, int], day: date, rates: _Rates
) -> Iterable[tuple[int, int]]:
    """(budget line, micros of its currency) of one amount."""
    for pk, micros in shares(spent.micros, list(lines), plans).items():
        rate = rates.find(spent.currency, lines[pk], day)
        if rate is not None:
            yield pk, convert(Money(micros, spent.currency), rate.rate, lines[pk]).micros
