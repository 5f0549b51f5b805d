"""Films, prints and fairs of DACH: what was ordered, what was billed, what else the year might look like.

A line of its own pays for them. A visitor finds orders in every state, a blanket order with a
release, a bill above its order and one without any, an accrual, and two scenarios to compare.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial

from accounts.models import User
from approvals.choices import Outcome
from approvals.models import ChangeRequest
from approvals.services import request_decide, request_execute
from budgets.choices import BillKind, OrderKind
from budgets.models import BudgetLine, FiscalYear, Order, Vendor
from budgets.services import line_create, plan_set
from budgets.services.bills import accrue, bill_enter
from budgets.services.bills.content import BillIn, LineIn
from budgets.services.orders import LineContent, OrderContent, order_place
from budgets.services.scenarios import growth_apply, scenario_create
from budgets.services.vendors import vendor_create
from core.models import Organisation
from core.money import MICROS
from demo.company.records import Company, month_key

BEGAN = 75
MONTHLY = 18_000
LINE, CHANNEL, GL_CODE = "Films and fairs DACH", "creators", "6210"
VENDORS = (
    ("Nordlicht Film", "Films and stills; always two rounds of changes."),
    ("Printhaus Lindau", "Catalogues, banners, signs for fairs."),
    ("Alpine Trade Fairs", "Stands at the spring and autumn fairs."),
)


@dataclass(frozen=True, slots=True)
class Bought:
    """Something ordered so many days ago, needed in the month of so many days ago, expected
    so many days after the order; with ``of`` it is a release of that blanket order."""

    key: str
    days: int
    by: str
    vendor: str
    title: str
    euros: int
    reason: str
    kind: OrderKind = OrderKind.ORDER
    of: str = ""
    is_decided: bool = True
    needed: int | None = None
    takes: int = 35


BOUGHT = (
    Bought("studio", 62, "lea", "Nordlicht Film", "Studio days until spring", 4_400,
           "Product pictures every few weeks, at one price.", OrderKind.BLANKET, needed=14,
           takes=200),
    Bought("film", 40, "jonas", "Nordlicht Film", "Winter film, three cuts", 3_800,
           "The film of last winter is worn out: its click rate fell by a third."),
    Bought("catalogue", 25, "lea", "Printhaus Lindau", "Catalogue for trade customers", 2_900,
           "Schools and rentals order from paper."),
    Bought("day", 14, "lea", "Nordlicht Film", "Studio day: ropes and shells", 1_200,
           "New shells arrive in the week before.", OrderKind.RELEASE, of="studio"),
    Bought("banners", 6, "jonas", "Printhaus Lindau", "Banners for the Arlberg opening", 1_350,
           "The lifts open in December; we are on the mountain with the schools.", is_decided=False),
    Bought("fair", 5, "jonas", "Alpine Trade Fairs", "Stand at the spring fair", 3_000,
           "The organisers say in January what it costs.", OrderKind.PLACEHOLDER),
)  # fmt: skip


@dataclass(slots=True)
class _Books:
    """What was made on the way, by the keys above."""

    company: Company
    lines: dict[int, BudgetLine] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)

    def day(self, at: datetime) -> date:
        return at.astimezone(self.company.moments.zone).date()

    def line(self, day: date) -> BudgetLine:
        return self.lines[Organisation.current().calendar.year_of(day)]

    def month(self, order: Order, day: date) -> str:
        """The month of a day, or the last one of the year whose money the order holds."""
        months = Organisation.current().calendar.months(
            order.lines.get().budget_line.fiscal_year.year
        )
        return min(month_key(day), months[-1].key)


def plan_purchases(company: Company) -> None:
    """Let it be ordered, approved, billed and accrued, each in its time."""
    books, ago = _Books(company), company.moments.ago

    def happens(days: int, hour: int, do: Callable[[datetime], object]) -> None:
        company.timeline.add(ago(days, hour, 15), "purchases", do)

    happens(BEGAN, 9, partial(_open, books))
    for bought in BOUGHT:
        happens(bought.days, 10, partial(_order, books, bought))
    happens(18, 11, partial(_bill, books, "film", "NF-2081", 2_500))
    happens(9, 11, partial(_bill, books, "film", "NF-2117", 1_480))
    happens(8, 14, partial(_accrue, books, "catalogue", 1_200))
    happens(3, 9, partial(_bill_unknown, books))
    happens(12, 16, partial(_imagine, company))


def _open(books: _Books, at: datetime) -> None:
    """The vendors, and a line of each fiscal year until today."""
    director, calendar = books.company.people["mara"], Organisation.current().calendar
    for name, note in VENDORS:
        vendor_create(user=director, name=name, currency="EUR", note=note, at=at)
    first = books.day(at)
    for year in sorted({calendar.year_of(first), calendar.year_of(books.company.today)}):
        line = line_create(
            user=director,
            fiscal_year=FiscalYear.objects.get(year=year),
            team=books.company.teams["dach"],
            channel=books.company.channels[CHANNEL],
            name=LINE,
            owner=books.company.people["jonas"],
            currency="EUR",
            gl_code=GL_CODE,
            at=at,
        )
        books.lines[year] = line
        for month in calendar.months(year):
            if month.end >= first:
                plan_set(
                    user=None, budget_line=line, campaign_line=None, month=month.key,
                    amount_micros=MONTHLY * MICROS, reason="Films, prints and fairs, as last year",
                    actor=director.as_actor(), at=at,
                )  # fmt: skip


def _order(books: _Books, bought: Bought, at: datetime) -> None:
    day, owner = books.day(at), books.company.people[bought.by]
    is_placeholder = bought.kind == OrderKind.PLACEHOLDER
    blanket = books.orders.get(bought.of)
    needed = day if bought.needed is None else books.company.today - timedelta(days=bought.needed)
    content = OrderContent(
        kind=bought.kind,
        title=bought.title,
        team=books.company.teams["dach"],
        owner=owner,
        currency="EUR",
        ordered_on=day,
        expected_on=day + timedelta(days=bought.takes),
        reason=bought.reason,
        lines=[
            LineContent(
                description=bought.title,
                budget_line=books.line(needed),
                month=month_key(needed),
                amount_micros=bought.euros * MICROS,
                gl_code=GL_CODE,
                blanket_line=blanket.lines.get() if blanket else None,
            )
        ],
        vendor=None if is_placeholder else Vendor.objects.get(name=bought.vendor),
        blanket=blanket,
    )
    order = order_place(user=owner, content=content, at=at)
    if bought.is_decided and order.request_id:
        _approve(order, books.company.people["mara"], at + timedelta(hours=3))
    order.refresh_from_db()
    books.orders[bought.key] = order


def _approve(order: Order, director: User, at: datetime) -> None:
    asked = ChangeRequest.objects.get(pk=order.request_id or 0)
    request_decide(
        request=asked,
        user=director,
        outcome=Outcome.APPROVE,
        reason="",
        content_hash=asked.content_hash,
        opened_at=at - timedelta(minutes=2),
        at=at,
    )
    request_execute(request=asked, at=at + timedelta(seconds=4))


def _bill(books: _Books, key: str, number: str, euros: int, at: datetime) -> None:
    order = books.orders[key]
    month = books.month(order, books.day(at))
    line = LineIn(order.title, euros * MICROS, month, order.lines.get())
    _enter(books, number, order.vendor, line, at)


def _bill_unknown(books: _Books, at: datetime) -> None:
    """Nobody ordered this; it waits until somebody says what it is about."""
    line = LineIn("Signs, reprint", 640 * MICROS, month_key(books.day(at)))
    _enter(books, "PL-0933", Vendor.objects.get(name="Printhaus Lindau"), line, at)


def _enter(books: _Books, number: str, vendor: Vendor | None, line: LineIn, at: datetime) -> None:
    day, owner = books.day(at), books.company.people["jonas"]
    given = BillIn(
        kind=BillKind.INVOICE,
        number=number,
        team=books.company.teams["dach"],
        owner=owner,
        currency="EUR",
        dated=day - timedelta(days=2),
        due_on=day + timedelta(days=28),
        lines=[line],
        vendor=vendor,
    )
    bill_enter(user=owner, given=given, at=at)


def _accrue(books: _Books, key: str, euros: int, at: datetime) -> None:
    """Printed this month, billed later."""
    order = books.orders[key]
    accrue(
        user=books.company.people["lea"],
        order_line=order.lines.get(),
        month=books.month(order, books.day(at)),
        amount_micros=euros * MICROS,
        note="Delivered to Lindau; the invoice comes at the end of the month.",
        at=at,
    )


def _imagine(company: Company, at: datetime) -> None:
    """Two other ways to spend the running year's money."""
    running = Organisation.current().calendar.year_of(company.today)
    year = FiscalYear.objects.get(year=running)
    director, europe = company.people["mara"], company.teams["europe"]
    push = scenario_create(
        user=director, fiscal_year=year, team=europe, name="Push shopping",
        note="What if shopping gets what display loses?", at=at,
    )  # fmt: skip
    growth_apply(scenario=push, user=director, percent=Decimal(15), channel="shopping", at=at)
    growth_apply(scenario=push, user=director, percent=Decimal(-20), channel="display", at=at)
    scenario_create(
        user=director, fiscal_year=year, team=europe, name="A tenth less",
        note="If the board asks for savings.", percent=Decimal(-10), at=at,
    )  # fmt: skip
