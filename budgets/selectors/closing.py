"""A month that is to be closed: what its orders still hold, and what its lines spent of their plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Sum

from accounts.models import User
from budgets.choices import OrderKind, OrderState
from budgets.models import BudgetLine, Draw, FiscalYear, HoldingEntry, LedgerAccount, OrderLine
from budgets.rules.closing import (
    FOR_ORDERS,
    FOR_OVERSPENT,
    FOR_UNSPENT,
    Account,
    Held,
    LineMonth,
    Settled,
    Treatment,
    proposed,
    rest_of,
    settle,
)
from budgets.rules.fx import rate_on
from budgets.rules.position import Part, position
from budgets.selectors.bills.openorders import BILLED_KINDS
from budgets.selectors.following import (
    FiscalMonth,
    Following,
    billed_before,
    fiscal_months,
    following,
)
from budgets.selectors.months import Books, books_of
from budgets.selectors.orders import LIVE
from budgets.selectors.rates import quotes
from core import formats
from core.errors import Invalid
from core.models import Organisation
from core.money import Money

__all__ = [
    "Choices",
    "FiscalMonth",
    "LineItem",
    "MonthItems",
    "OrderItem",
    "fiscal_month",
    "missing_rates",
    "month_items",
]

Choices = Mapping[int, Treatment]


def fiscal_month(key: str) -> FiscalMonth:
    """The month of that key in a year whose books are open; raises ``Invalid`` for any other."""
    years = {year.year: year for year in FiscalYear.objects.all()}
    for number, year in years.items():
        for month in fiscal_months(year, years.get(number + 1)):
            if month.key == key:
                return month
    raise Invalid(
        f"{key} is not a month of a year whose books are open.",
        code="no_month",
        where="month",
        remedy="Choose one of the months shown.",
    )


@dataclass(frozen=True, slots=True)
class OrderItem:
    """An order line that still holds money of the month."""

    line: OrderLine
    held: Held
    is_overdue: bool
    options: Sequence[Treatment]
    # The budget line that takes it when it goes on, or why none does.
    goes_to: BudgetLine | None = None
    why_not: str = ""

    @property
    def left(self) -> Money:
        return Money(self.held.left, self.line.budget_line.currency)

    @property
    def amount(self) -> Money:
        return Money(self.held.micros, self.line.budget_line.currency)

    @property
    def is_waiting(self) -> bool:
        """Whether a decision is still to come on it: nothing can be done about it before."""
        order = self.line.order
        if order.state == OrderState.WAITING:
            return True
        return bool(self.held.reserved) and order.kind != OrderKind.PLACEHOLDER


@dataclass(frozen=True, slots=True)
class LineItem:
    """A budget line's month with what was chosen, or is proposed, for the rest of its plan."""

    line: BudgetLine
    month: LineMonth
    settled: Settled
    options: Sequence[Treatment]
    has_actual: bool
    goes_to: BudgetLine | None = None
    why_not: str = ""

    @property
    def planned(self) -> Money:
        return Money(self.month.planned, self.line.currency)

    @property
    def actual(self) -> Money | None:
        return Money(self.month.actual, self.line.currency) if self.has_actual else None

    @property
    def rest(self) -> Money:
        return Money(self.settled.rest, self.line.currency)

    @property
    def moved(self) -> Money:
        """What changes place, absolute: the line's own, and the money of its orders."""
        orders = sum(order.left for order in self.month.orders)
        return Money(self.settled.own + orders, self.line.currency)


@dataclass(frozen=True, slots=True)
class MonthItems:
    """Everything that closing a month would touch."""

    month: FiscalMonth
    lines: Sequence[LineItem]
    orders: Sequence[OrderItem]
    following: Following

    @property
    def stuck(self) -> Sequence[str]:
        """Why something that is left cannot go on to the next month, each sentence once."""
        left = [item.why_not for item in self.lines if item.settled.rest > 0]
        return list(dict.fromkeys(why for why in (*left, *(o.why_not for o in self.orders)) if why))

    @property
    def moves_nothing(self) -> bool:
        """Whether closing would leave all money where it is."""
        return not any(item.moved for item in self.lines) and not self.orders


def month_items(
    month: FiscalMonth,
    *,
    user: User | None = None,
    lines: Choices | None = None,
    orders: Choices | None = None,
) -> MonthItems:
    """The month as it stands now, with choices for some lines and orders; the others get a proposal.

    ``user`` None is the product itself, which sees every line.
    """
    seen = BudgetLine.objects.for_user(user) if user else BudgetLine.objects.all()
    rows = seen.filter(fiscal_year=month.year).select_related("team", "channel", "owner")
    by_id = {line.pk: line for line in rows}
    books, then = books_of(month.year, list(by_id)), following(month, list(rows))
    found = _orders(month, by_id, books, orders or {}, then)
    accounts = _accounts(month, books)
    by_line: dict[int, list[Held]] = defaultdict(list)
    for item in found:
        by_line[item.line.budget_line_id].append(item.held)
    items = [
        _line_item(line, then, books, accounts, by_line[line.pk], (lines or {}).get(line.pk))
        for line in by_id.values()
    ]
    return MonthItems(month, items, found, then)


def _accounts(month: FiscalMonth, books: Books) -> Mapping[tuple[int, str], list[Account]]:
    """(budget line, month) -> where its plan lies and what was used there."""
    balances: dict[tuple[int, int, str], int] = {}
    keys = {month.key, month.ahead.key if month.ahead else ""}
    rows = LedgerAccount.objects.filter(
        fiscal_year=month.year, budget_line__isnull=False, month__in=keys
    )
    fields = ("budget_line", "campaign_line", "month", "balance_micros")
    for line, part, key, balance in rows.values_list(*fields):
        balances[line or 0, part or 0, key] = balance
    places = {*balances, *(place for place in books.parts if place[2] in keys)}
    found: dict[tuple[int, str], list[Account]] = defaultdict(list)
    for place in sorted(places):
        used = (books.parts[place].actual or 0) if place in books.parts else 0
        found[place[0], place[2]].append(Account(place[1], balances.get(place, 0), used))
    return found


def _line_item(
    line: BudgetLine,
    then: Following,
    books: Books,
    accounts: Mapping[tuple[int, str], list[Account]],
    orders: Sequence[Held],
    chosen: Treatment | None,
) -> LineItem:
    month = then.month
    here = position(books.planned.get((line.pk, month.key), 0), _parts(books, line.pk, month.key))
    facts = LineMonth(
        line=line.pk,
        planned=here.planned,
        actual=here.actual or 0,
        treatment=Treatment.LEAVE,
        accounts=accounts.get((line.pk, month.key), ()),
        orders=orders,
        ahead=_ahead(month, books, line.pk),
        ahead_accounts=accounts.get((line.pk, month.ahead.key), ()) if month.ahead else (),
    )
    rest, _ = rest_of(facts)
    treatment = chosen or proposed(here.planned, rest, has_next=not month.ends_year)
    final = replace(facts, treatment=treatment)
    options = FOR_OVERSPENT if rest < 0 else FOR_UNSPENT if rest else ()
    return LineItem(
        line=line, month=final, settled=settle(final), has_actual=here.actual is not None,
        options=_possible(options, month, can_roll=line.pk in then.lines),
        goes_to=then.lines.get(line.pk), why_not=then.why_not.get(line.pk, ""),
    )  # fmt: skip


def _parts(books: Books, line: int, month: str) -> list[Part]:
    return [p for (pk, _, key), p in books.parts.items() if pk == line and key == month]


def _ahead(month: FiscalMonth, books: Books, line: int) -> int:
    """What the next month has to give without being overspent itself."""
    if month.ahead is None:
        return 0
    key = month.ahead.key
    found = position(books.planned.get((line, key), 0), _parts(books, line, key))
    return max(0, found.available)


def _possible(
    options: Iterable[Treatment], month: FiscalMonth, *, can_roll: bool
) -> tuple[Treatment, ...]:
    """Those that have somewhere to go: plan of the next year does not cover what this one spent."""
    barred = {Treatment.ROLL} if not can_roll else set()
    if month.ahead is None:
        barred.add(Treatment.COVER)
    return tuple(option for option in options if option not in barred)


def _orders(
    month: FiscalMonth, lines: Mapping[int, BudgetLine], books: Books, chosen: Choices,
    then: Following,
) -> list[OrderItem]:  # fmt: skip
    sums = (
        HoldingEntry.objects.filter(
            holding__month=month.key, holding__budget_line__in=lines, order_line__isnull=False
        )
        .values_list("order_line")
        .annotate(reserved=Sum("reserved_micros"), committed=Sum("committed_micros"))
    )
    held = {pk: (reserved, committed) for pk, reserved, committed in sums.order_by()}
    rows = OrderLine.objects.filter(pk__in=[pk for pk, both in held.items() if any(both)])
    rows = rows.filter(order__state__in=LIVE).select_related(
        "order__vendor", "order__team", "order__owner", "campaign_line", "budget_line"
    )
    items, open_parts = [], _open_parts(books, month.key)
    billed = billed_before(held) if month.ends_year else set()
    for line in rows.order_by("order__expected_on", "pk"):
        why_not = then.why_order_not(line, is_billed=line.pk in billed)
        item = _order_item(line, then, held[line.pk], open_parts, chosen.get(line.pk), why_not)
        items.append(item)
    return items


def _open_parts(books: Books, month: str) -> dict[tuple[int, int], list[int]]:
    """(budget line, campaign line) -> [committed that reported spend has used up already]."""
    return {
        (line, part): [found.committed - found.open]
        for (line, part, key), found in books.parts.items()
        if key == month
    }


def _order_item(
    line: OrderLine,
    then: Following,
    sums: tuple[int, int],
    used_up: dict[tuple[int, int], list[int]],
    chosen: Treatment | None,
    why_not: str,
) -> OrderItem:
    reserved, committed = sums
    place = used_up.setdefault((line.budget_line_id, line.campaign_line_id or 0), [0])
    used = min(committed, place[0])
    place[0] -= used
    overdue = line.order.expected_on <= then.month.period.end
    possible = _possible(FOR_ORDERS, then.month, can_roll=not why_not)
    options = _order_options(line, possible, is_used=used > 0)
    treatment = chosen or _proposed_for(line, options, is_used=used > 0)
    held = Held(
        line.pk, line.campaign_line_id or 0, reserved, committed, reserved + committed - used,
        treatment,
    )  # fmt: skip
    target = then.lines.get(line.budget_line_id)
    return OrderItem(line, held, overdue, options, target, why_not)


def _order_options(
    line: OrderLine, possible: Iterable[Treatment], *, is_used: bool
) -> tuple[Treatment, ...]:
    """What can be done: a bill can follow orders and releases only; a release of a blanket order
    gives nothing back; what reported spend has begun to use up belongs to this month."""
    billed = line.order.kind in BILLED_KINDS
    return tuple(
        option
        for option in possible
        if not (option == Treatment.ACCRUE and not billed)
        and not (option == Treatment.RELEASE and line.order.kind == OrderKind.RELEASE)
        and not (option == Treatment.ROLL and is_used and billed)
    )


def _proposed_for(line: OrderLine, options: Sequence[Treatment], *, is_used: bool) -> Treatment:
    if line.order.kind == OrderKind.PLACEHOLDER:
        return Treatment.RELEASE
    if is_used and Treatment.ACCRUE in options:
        return Treatment.ACCRUE
    return options[0]


def missing_rates(month: FiscalMonth) -> list[str]:
    """Budget rates without which the month's spend cannot be counted in its lines' currencies."""
    known, via = quotes(), Organisation.current().reporting_currency
    draws = Draw.objects.filter(budget_line__fiscal_year=month.year)
    pairs = set(draws.values_list("campaign_line__currency", "budget_line__currency"))
    pairs |= {(currency, via) for _, currency in pairs}
    day = month.period.start
    return [
        f"There is no budget rate from {base} to {quote} for {formats.day(day, weekday=False)}."
        for base, quote in sorted(pairs)
        if rate_on(known, base, quote, day, via) is None
    ]
