"""Random histories of money, carried out by the product and worked out by the model beside it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from budgets.choices import BillKind, OrderKind, OrderState
from budgets.models import (
    Bill,
    BudgetLine,
    Draw,
    FiscalYear,
    MonthClose,
    Order,
    OrderLine,
    SpendingCheck,
)
from budgets.selectors import line_month_table
from budgets.services import bills, plan_set
from budgets.services.bills import BillIn, LineIn
from budgets.services.orders import order_cancel, order_close
from budgets.services.orders.holding import Word, settle
from campaigns.models import Campaign, CampaignLine
from core.errors import AdroitError
from core.events import SYSTEM
from core.invariants import check_all
from core.money import MICROS
from tests.budgets.billing import spot, vendor
from tests.budgets.money_model import Model, ModelBill, ModelOrder, Where
from tests.budgets.world import AT, EARLIER, channel, rate
from tests.cast import Cast
from tests.world import KNOWN, load_rows

OCT, NOV, DEC = "2026-10", "2026-11", "2026-12"
MONTHS = (OCT, NOV, DEC)
CURRENCY = {"A": "EUR", "B": "GBP"}
BUDGET = {("USD", "EUR"): "0.9", ("USD", "GBP"): "0.78"}
SPOT = {("USD", "EUR"): "0.95", ("USD", "GBP"): "0.81"}
SPOT_FROM = date(2026, 11, 1)
# What the product may refuse in a history without anything being wrong with it.
REFUSALS = {
    "month_closed", "over_order", "corrected", "not_held", "over_credited", "open_releases",
    "already_used", "not_enough", "order_not_open", "wrong_state", "reversal", "not_begun",
}  # fmt: skip


def fx(base: str, quote: str, day: date) -> Fraction:
    """The rate of a bill: spot where there is one, else the budget rate."""
    if base == quote:
        return Fraction(1)
    return Fraction((SPOT if day >= SPOT_FROM else BUDGET)[base, quote])


@dataclass
class History:
    """One line in euro with a campaign line that a platform reports in dollars, one line in pounds."""

    number: int
    random: random.Random
    cast: Cast
    lines: dict[str, BudgetLine]
    part: CampaignLine
    model: Model = field(default_factory=Model)
    orders: list[tuple[ModelOrder, OrderLine]] = field(default_factory=list)
    bills: list[tuple[ModelBill, Bill]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def amount(self) -> int:
        """Mostly odd micros, so that every rounding shows."""
        return self.random.choice((self.random.randrange(1, 5_000 * MICROS), 300 * MICROS, 7))

    def where(self) -> Where:
        line = self.random.choice("AAB")
        return line, line == "A" and self.random.random() < 0.6, self.random.choice(MONTHS)

    def part_of(self, where: Where) -> CampaignLine | None:
        return self.part if where[1] else None

    def open_orders(self, *kinds: str) -> list[tuple[ModelOrder, OrderLine]]:
        live = list(self.model.live(*kinds))
        return [pair for pair in self.orders if any(pair[0] is one for one in live)]

    def posted(self, *kinds: str) -> list[tuple[ModelBill, Bill]]:
        return [
            p for p in self.bills
            if p[0].kind in kinds and p[0].state == "posted" and not p[0].is_over
        ]  # fmt: skip


# One step of each kind; each returns None where the history has nothing to do it with.


def change_plan(h: History) -> str | None:
    line, _, month = h.where()
    micros = h.amount() * 3
    plan_set(
        user=None, budget_line=h.lines[line], campaign_line=None, month=month,
        amount_micros=micros, reason="Plan", at=AT,
    )  # fmt: skip
    h.model.plan[line, month] = micros
    return f"plan {line} {month} {micros}"


def place_order(h: History) -> str | None:
    kind = h.random.choice(("order", "order", "placeholder", "blanket"))
    where = h.where()
    currency = h.random.choice((CURRENCY[where[0]], "USD"))
    return _order(h, where, currency, h.amount(), kind)


def release(h: History) -> str | None:
    blankets = [pair for pair in h.open_orders("blanket") if sum(pair[0].held.values()) > 10]
    if not blankets:
        return None
    blanket, row = h.random.choice(blankets)
    left = sum(blanket.held.values())
    borne = h.random.randrange(1, left + 1)
    amount = max(1, borne * blanket.amount // blanket.borne)
    return _order(
        h, blanket.where, blanket.currency, amount, "release", blanket=(blanket, row), borne=borne
    )


def _order(
    h: History, where: Where, currency: str, amount: int, kind: str,
    blanket: tuple[ModelOrder, OrderLine] | None = None, borne: int = 0,
) -> str:  # fmt: skip
    line = h.lines[where[0]]
    pair = (currency, line.currency)
    value = Fraction(BUDGET.get(pair, "1"))
    made = ModelOrder(
        where, amount, borne or max(1, round(amount * value)), currency, kind,
        blanket=blanket[0] if blanket else None,
    )  # fmt: skip
    order = Order.objects.create(
        kind=OrderKind(kind), number=Order.objects.count() + 1001, title="Media",
        vendor=vendor(), team=line.team, owner=line.owner, currency=currency,
        ordered_on=AT.date(), expected_on=AT.date(), state=OrderState.OPEN, reason="Needed",
        created_at=EARLIER, blanket=blanket[1].order if blanket else None,
    )  # fmt: skip
    row = OrderLine.objects.create(
        order=order, position=1, description="Media", budget_line=line,
        campaign_line=h.part_of(where), month=where[2], amount_micros=amount,
        borne_micros=made.borne, rate=str(BUDGET.get(pair, "1")),
        blanket_line=blanket[1] if blanket else None,
    )  # fmt: skip
    try:
        settle([order, *([order.blanket] if order.blanket else [])], _word(), None)
    except AdroitError:
        row.delete()
        order.delete()
        raise
    h.orders.append((h.model.order(made), row))
    return f"{kind} {order.number} of {made.borne} at {where}"


def _word() -> Word:
    return Word(SYSTEM, "Approved", AT)


def end_order(h: History) -> str | None:
    live = h.open_orders("order", "placeholder", "blanket", "release")
    if not live:
        return None
    made, row = h.random.choice(live)
    end, state = h.random.choice(((order_close, "closed"), (order_cancel, "cancelled")))
    end(order=_fresh(row).order, user=h.cast.director, reason="Not needed", at=AT)
    h.model.end(made, state)
    return f"{state} {row.order.number}"


def _fresh(row: OrderLine) -> OrderLine:
    related = ("order__vendor", "budget_line__fiscal_year", "campaign_line")
    return OrderLine.objects.select_related(*related).get(pk=row.pk)


def bill_order(h: History) -> str | None:
    """An invoice of a part, of all, of a little more, or of too much of an order."""
    live = h.open_orders("order", "release")
    if not live:
        return None
    made, row = h.random.choice(live)
    standing = sum(accrual.amount for accrual in h.model.standing(made))
    rest = made.open + standing
    wanted = h.random.choice((rest // 2, rest, rest, rest * 101 // 100, rest * 2, rest // 3))
    where = (made.where[0], made.where[1], h.random.choice((made.where[2], *MONTHS)))
    day = h.random.choice((date(2026, 10, 9), date(2026, 11, 12)))
    if not wanted:
        return None
    bill = _enter(h, where, wanted, made.currency, day, order_line=_fresh(row))
    borne = fx(made.currency, CURRENCY[made.where[0]], day)
    h.bills.append((h.model.invoice(where, wanted, borne, order=made), bill))
    return f"invoice {bill.pk} of {wanted} for order {row.order.number} at {where}"


def bill_line(h: History) -> str | None:
    """An invoice that no order covers; of a campaign line perhaps its platform's for the whole month."""
    where, amount = h.where(), h.amount()
    is_whole = where[1] and h.random.random() < 0.3
    currency = h.random.choice((CURRENCY[where[0]], "USD"))
    day = h.random.choice((date(2026, 10, 9), date(2026, 11, 12)))
    bill = _enter(
        h, where, amount, currency, day, budget_line=h.lines[where[0]],
        campaign_line=h.part_of(where), is_whole_month=is_whole,
    )  # fmt: skip
    value = fx(currency, CURRENCY[where[0]], day)
    h.bills.append((h.model.invoice(where, amount, value, is_whole=is_whole), bill))
    return f"invoice {bill.pk} of {amount} {currency} at {where}{' whole' * is_whole}"


def _enter(
    h: History, where: Where, amount: int, currency: str, day: date, *,
    kind: str = BillKind.INVOICE, corrects: Bill | None = None, **to: Any,
) -> Bill:  # fmt: skip
    line = h.lines[where[0]]
    given = BillIn(
        kind=kind, number=f"N{Bill.objects.count()}", team=line.team, owner=line.owner,
        currency=currency, dated=day, lines=[LineIn("Media", amount, where[2], **to)],
        vendor=vendor(), corrects=corrects,
    )  # fmt: skip
    bill = bills.bill_enter(user=h.cast.manager, given=given, at=AT)
    if bill.state == "to_match":
        bill = bills.bill_match(bill=bill, user=h.cast.auditor, at=AT)
    return bill


def credit(h: History) -> str | None:
    found = [pair for pair in h.posted("invoice") if h.model.creditable(pair[0])]
    if not found:
        return None
    invoice, row = h.random.choice(found)
    left = h.model.creditable(invoice)
    amount = h.random.choice((left, h.random.randrange(1, left + 1)))
    where = (invoice.where[0], invoice.where[1], h.random.choice((invoice.where[2], DEC)))
    order = invoice.order
    opens = bool(order and order.state == "open" and h.random.random() < 0.5)
    to: dict[str, Any] = {
        "budget_line": h.lines[where[0]], "campaign_line": h.part_of(where),
    }  # fmt: skip
    if opens:
        to["order_line"] = _fresh(next(r for o, r in h.orders if o is order))
    note = _enter(
        h, where, amount, row.currency, row.dated, kind=BillKind.CREDIT, corrects=row, **to
    )
    h.bills.append((h.model.credit(invoice, where, amount, opens=opens), note))
    return f"credit {note.pk} of {amount} for {row.pk} at {where} opens={opens}"


def accrue(h: History) -> str | None:
    live = [pair for pair in h.open_orders("order", "release") if pair[0].open]
    if not live:
        return None
    made, row = h.random.choice(live)
    amount = h.random.choice((made.open, h.random.randrange(1, made.open + 1)))
    where = (*made.where[:2], h.random.choice((made.where[2], NOV)))
    bill = bills.accrue(
        user=h.cast.auditor, order_line=_fresh(row), month=where[2], amount_micros=amount, at=AT
    )
    h.bills.append((h.model.accrue(made, where, amount), bill))
    return f"accrual {bill.pk} of {amount} for order {row.order.number} at {where}"


def reverse(h: History) -> str | None:
    found = h.posted("accrual")
    if not found:
        return None
    accrual, row = h.random.choice(found)
    bills.accrual_reverse(bill=row, user=h.cast.auditor, reason="Not delivered", at=AT)
    open_months = [m for m in MONTHS if m not in h.model.closed and m >= accrual.where[2]]
    h.model.reverse(accrual, open_months[0])
    return f"reversed {row.pk}"


def void(h: History) -> str | None:
    found = h.posted("invoice", "credit", "accrual")
    if not found:
        return None
    bill, row = h.random.choice(found)
    bills.bill_void(bill=row, user=h.cast.auditor, reason="Wrong", at=AT)
    h.model.void(bill)
    return f"void {row.pk}"


Step = Callable[[History], str | None]
STEPS: tuple[Step, ...] = (
    change_plan, place_order, place_order, release, end_order, bill_order, bill_order, bill_order,
    bill_line, credit, accrue, accrue, reverse, void, void,
)  # fmt: skip


class Histories:
    """Many histories side by side, each with lines of its own: one look compares them all."""

    def __init__(self, cast: Cast, year: FiscalYear, count: int, seed: int) -> None:
        self.year, self.seed, self.done = year, seed, Counter[str]()
        for (base, quote), value in BUDGET.items():
            rate(base, quote, value, date(2026, 1, 1))
        for (base, quote), value in SPOT.items():
            spot(base, quote, value, SPOT_FROM)
        SpendingCheck.objects.create(actuals="ignore", cumulative="ignore")
        campaign = Campaign.objects.create(
            name="Histories", team=cast.dach, owner=cast.manager, created_at=EARLIER
        )
        self.all = [self._history(cast, campaign, number) for number in range(count)]

    def _history(self, cast: Cast, campaign: Campaign, number: int) -> History:
        where = channel("shopping", "Shopping")
        lines = {
            key: BudgetLine.objects.create(
                fiscal_year=self.year, team=cast.dach, channel=where, name=f"{key}{number}",
                owner=cast.manager, currency=currency,
            )
            for key, currency in CURRENCY.items()
        }  # fmt: skip
        part = CampaignLine.objects.create(
            campaign=campaign, channel=where, name=f"P{number}", currency="USD"
        )
        Draw.objects.create(budget_line=lines["A"], campaign_line=part)
        chance = random.Random(f"{self.seed}/{number}")
        return History(number, chance, cast, lines, part)

    def run(self, rounds: int) -> None:
        """So many steps of each history, compared after every one; October closes in the middle."""
        for turn in range(rounds):
            if turn == rounds // 2:
                self._close()
            self._import(turn)
            for history in self.all:
                self._step(history)
            self.compare()

    def _step(self, history: History) -> None:
        for _ in range(6):
            step = history.random.choice(STEPS)
            try:
                told = step(history)
            except AdroitError as error:
                if error.code not in REFUSALS:
                    raise AssertionError(self._story(history, step.__name__)) from error
                self.done[f"{step.__name__} refused"] += 1
                return
            if told:
                self.done[step.__name__] += 1
                history.told.append(told)
                return

    def _close(self) -> None:
        MonthClose.objects.create(
            fiscal_year=self.year, month=OCT, closed_at=AT, closed_by_name="Ben"
        )
        for history in self.all:
            history.model.closed.add(OCT)

    def _import(self, turn: int) -> None:
        """Platforms report, and restate what they reported, up and down."""
        rows = []
        for history in self.all:
            if history.random.random() < 0.4:
                month, spend = history.random.choice(MONTHS), history.amount() // 1_000 * 1_000
                day = date.fromisoformat(f"{month}-05")
                rows.append({"line": history.part, "day": day, "spend": f"{spend / MICROS:.6f}"})
                history.model.imported["A", True, month] = round(spend * Fraction("0.9"))
                history.told.append(f"imported {spend} in {month}")
        if rows:
            load_rows(rows, known_at=_later(turn))

    def compare(self) -> None:
        """Every line and month equals the model, and every promise of the product is kept."""
        table = line_month_table(None, self.year)
        cells = {row.line.pk: row.cells for row in table.lines}
        for history in self.all:
            for key, line in history.lines.items():
                for month in MONTHS:
                    cell = cells[line.pk][month]
                    found = (
                        cell.planned.micros, cell.reserved.micros, cell.committed.micros,
                        None if cell.actual is None else cell.actual.micros, cell.available.micros,
                    )  # fmt: skip
                    expected = history.model.figures(key, month)
                    assert found == expected, self._story(
                        history, f"{key} {month}: {found} instead of {expected}"
                    )
        broken = [f"{held.promise}: {held.breaches}" for held in check_all() if not held.is_kept]
        assert not broken, broken

    def _story(self, history: History, wrong: str) -> str:
        steps = "\n  ".join(history.told[-25:])
        return f"seed {self.seed}, history {history.number}: {wrong}\n  {steps}"


def _later(turn: int) -> datetime:
    return KNOWN + timedelta(minutes=turn)
