"""What a budget line has left, worked out a second time from the documents: no Django, no code of the product.

Every document carries what it holds; nothing here reads or writes a ledger.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

Where = tuple[str, bool, str]  # line, whether it is its campaign line's, month


def rounded(value: Fraction) -> int:
    """Half to even at the micro."""
    return round(value)


@dataclass
class ModelOrder:
    where: Where
    amount: int  # in the order's currency
    borne: int
    currency: str
    kind: str = "order"
    state: str = "open"
    blanket: ModelOrder | None = None
    held: dict[Where, int] = field(default_factory=dict)
    used: int = 0  # in the order's currency, by bills that stand

    @property
    def open(self) -> int:
        return max(0, self.amount - self.used)


@dataclass
class ModelBill:
    kind: str
    where: Where
    amount: int
    borne: int = 0
    order: ModelOrder | None = None
    state: str = "posted"
    took: dict[Where, int] = field(default_factory=dict)  # committed that it let go
    corrects: ModelBill | None = None
    is_whole: bool = False
    is_over: bool = False  # an accrual whose invoice came, or that was ended
    as_billed: bool = False  # a reversal in a later month


class Model:
    """Plans, orders, bills and reported spend of one history."""

    def __init__(self) -> None:
        self.plan: dict[tuple[str, str], int] = {}
        self.orders: list[ModelOrder] = []
        self.bills: list[ModelBill] = []
        self.imported: dict[Where, int] = {}
        self.closed: set[str] = set()

    # Orders

    def order(self, order: ModelOrder) -> ModelOrder:
        self.orders.append(order)
        if order.blanket:
            self._take(order.blanket, order.borne)
        order.held = {order.where: order.borne}
        return order

    def end(self, order: ModelOrder, state: str) -> None:
        order.state = state
        left, order.held = sum(order.held.values()), {}
        if order.blanket and order.blanket.state == "open":
            back = order.borne if state == "cancelled" else left
            self._give(order.blanket, order.blanket.where, back)

    def _take(self, order: ModelOrder, micros: int) -> dict[Where, int]:
        return self._take_from(order, order.where[2], micros)

    def _take_from(self, order: ModelOrder, month: str, micros: int) -> dict[Where, int]:
        taken: dict[Where, int] = {}
        for where in sorted(order.held, key=lambda w: (w[2] != month, w[2])):
            part = min(micros, order.held[where])
            if part and where[2] not in self.closed:
                order.held[where] -= part
                taken[where] = part
                micros -= part
        return taken

    @staticmethod
    def _give(order: ModelOrder, where: Where, micros: int) -> None:
        order.held[where] = order.held.get(where, 0) + micros

    # Bills

    def _let_go(self, order: ModelOrder, month: str, amount: int) -> dict[Where, int]:
        held = sum(m for where, m in order.held.items() if where[2] not in self.closed)
        micros = held if amount >= order.open else held * amount // order.open
        return self._take_from(order, month, micros)

    def invoice(
        self, where: Where, amount: int, rate: Fraction, *, order: ModelOrder | None = None,
        is_whole: bool = False,
    ) -> ModelBill:  # fmt: skip
        bill = ModelBill("invoice", where, amount, rounded(amount * rate), order, is_whole=is_whole)
        if order:
            for accrual in self.standing(order):
                self.reverse(accrual, where[2])
            bill.took = self._let_go(order, where[2], amount)
            order.used += amount
        self.bills.append(bill)
        return bill

    def accrue(self, order: ModelOrder, where: Where, amount: int) -> ModelBill:
        bill = ModelBill("accrual", where, amount, order=order)
        bill.took = self._let_go(order, where[2], amount)
        bill.borne = sum(bill.took.values())
        order.used += amount
        self.bills.append(bill)
        return bill

    def standing(self, order: ModelOrder | None = None) -> list[ModelBill]:
        """Accruals that were not reversed."""
        return [
            bill for bill in self.bills
            if bill.kind == "accrual" and bill.state == "posted" and not bill.is_over
            and order in (None, bill.order)
        ]  # fmt: skip

    def reverse(self, accrual: ModelBill, month: str) -> None:
        order = accrual.order
        assert order
        accrual.is_over = True
        order.used -= accrual.amount
        line, part, own = accrual.where
        if month == own and not self.closed & {own, *(where[2] for where in accrual.took)}:
            accrual.state = "undone"
            for where, micros in accrual.took.items():
                self._give(order, where, micros)
        else:
            there = (line, part, month)
            self.bills.append(
                ModelBill("reversal", there, accrual.amount, accrual.borne, as_billed=True)
            )
            self._give(order, there, accrual.borne)
            if order.where[2] in self.closed:
                order.where = there
        if order.state != "open":
            self._after_end(order)

    def credit(self, invoice: ModelBill, where: Where, amount: int, *, opens: bool) -> ModelBill:
        before = [b for b in self.bills if b.corrects is invoice and b.state == "posted"]
        left = invoice.amount - sum(b.amount for b in before)
        borne = invoice.borne - sum(b.borne for b in before)
        taken = borne if amount >= left else borne * amount // left
        bill = ModelBill("credit", where, amount, taken, corrects=invoice)
        order = invoice.order
        if opens and order:
            bill.order = order
            open_before = order.open
            order.used -= amount
            # What was billed beyond the order does not open it again.
            opened = order.open - open_before
            again = min(
                order.borne - sum(order.held.values()), order.borne * opened // order.amount
            )
            self._give(order, where, again)
            bill.took = {where: -again}
        self.bills.append(bill)
        return bill

    def creditable(self, invoice: ModelBill) -> int:
        taken = [b.amount for b in self.bills if b.corrects is invoice and b.state == "posted"]
        return invoice.amount - sum(taken)

    def void(self, bill: ModelBill) -> None:
        bill.state = "void"
        order = bill.order
        if order is None:
            return
        order.used += bill.amount if bill.kind == "credit" else -bill.amount
        for where, micros in bill.took.items():
            self._give(order, where, micros)
        if order.state != "open":
            self._after_end(order)

    def _after_end(self, order: ModelOrder) -> None:
        """An order that ended keeps nothing; what a release gets back is its blanket's again."""
        left, order.held = sum(order.held.values()), {}
        if order.blanket and order.blanket.state == "open":
            self._give(order.blanket, order.blanket.where, left)

    # What is left

    def figures(self, line: str, month: str) -> tuple[int, int, int, int | None, int]:
        """(plan, reserved, committed, actual, available) of a line's month."""
        planned = self.plan.get((line, month), 0)
        parts = [self._part((line, is_part, month)) for is_part in (False, True)]
        reserved = sum(part[0] for part in parts)
        committed = sum(part[1] for part in parts)
        known = [part[2] for part in parts if part[2] is not None]
        actual = sum(known) if known else None
        return planned, reserved, committed, actual, planned - reserved - committed - (actual or 0)

    def _part(self, where: Where) -> tuple[int, int, int | None]:
        reserved = self._held(where, placeholders=True)
        committed = self._held(where, placeholders=False)
        booked = [bill for bill in self.bills if bill.where == where and bill.state == "posted"]
        stated = sum(_signed(bill) for bill in booked)
        whole = any(bill.is_whole for bill in booked)
        reported = self.imported.get(where)
        if reported is None:
            return reserved, committed, stated if stated or whole else None
        actual = stated if whole else max(reported, stated)
        # What a platform already reported of an order is no longer waited for.
        return reserved, max(0, committed - max(0, actual - stated)), actual

    def _held(self, where: Where, *, placeholders: bool) -> int:
        return sum(
            order.held.get(where, 0)
            for order in self.orders
            if (order.kind == "placeholder") == placeholders
        )

    def live(self, *kinds: str) -> Iterator[ModelOrder]:
        """Open orders of these kinds."""
        return (o for o in self.orders if o.state == "open" and o.kind in kinds)


def _signed(bill: ModelBill) -> int:
    return -bill.borne if bill.kind in ("credit", "reversal") else bill.borne
