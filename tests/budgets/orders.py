"""Orders for tests: a vendor, drafts on the lines of the small plan, sums of what is held."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Sum

from accounts.models import User
from approvals.models import ChangeRequest
from budgets.choices import OrderKind
from budgets.models import Attachment, BudgetLine, Holding, Order, Vendor
from budgets.services import orders as services
from budgets.services.attachments import attachment_add
from budgets.services.orders import LineContent, OrderContent
from budgets.services.vendors import vendor_create
from tests.budgets.world import AT, DEC, World, decide, execute, k

ORDERED, EXPECTED = date(2026, 11, 20), date(2026, 12, 31)


def make_vendor(user: User, name: str = "Kestrel Media", currency: str = "EUR") -> Vendor:
    found = Vendor.objects.filter(name=name).first()
    return found or vendor_create(user=user, name=name, currency=currency, at=AT)


def part(budget_line: BudgetLine, thousands: int, month: str = DEC, **fields: Any) -> LineContent:
    """A line of an order, its amount in thousands."""
    return LineContent(
        **{"description": "Winter films", "budget_line": budget_line, "month": month,
           "amount_micros": k(thousands), **fields}
    )  # fmt: skip


def says(user: User, world: World, *lines: LineContent, **fields: Any) -> OrderContent:
    """What an order of the manager's team says."""
    kind = fields.pop("kind", OrderKind.ORDER)
    vendor = None if kind == OrderKind.PLACEHOLDER else make_vendor(user)
    content = OrderContent(
        kind=kind, title="Winter films", vendor=vendor, team=world.display.team, owner=user,
        currency="EUR", ordered_on=ORDERED, expected_on=EXPECTED, reason="Films for the season.",
        lines=lines,
    )  # fmt: skip
    return replace(content, **fields)


def draft(user: User, world: World, thousands: int = 4, **fields: Any) -> Order:
    """A draft order on Display DE in December."""
    lines = fields.pop("lines", (part(world.display, thousands),))
    return services.order_create(user=user, content=says(user, world, *lines, **fields), at=AT)


def sent(user: User, world: World, thousands: int = 4, **fields: Any) -> Order:
    """The same on its way to a decision."""
    return services.order_submit(order=draft(user, world, thousands, **fields), user=user, at=AT)


def request_of(order: Order) -> ChangeRequest:
    return ChangeRequest.objects.get(pk=order.request_id or 0)


def opened(user: User, world: World, by: User, thousands: int = 4, **fields: Any) -> Order:
    """The same, approved and committed."""
    order = sent(user, world, thousands, **fields)
    execute(decide(request_of(order), by))
    order.refresh_from_db()
    return order


def held(line: BudgetLine, month: str = DEC) -> tuple[int, int]:
    """(reserved, committed) of a line's month in thousands of its currency."""
    sums = Holding.objects.filter(budget_line=line, month=month).aggregate(
        reserved=Sum("reserved_micros"), committed=Sum("committed_micros")
    )
    return (sums["reserved"] or 0) // k(1), (sums["committed"] or 0) // k(1)


PDF = b"%PDF-1.7 a contract"


def attach(
    order: Order, user: User, name: str = "contract.pdf", content: bytes = PDF
) -> Attachment:
    """A file kept with an order."""
    upload = SimpleUploadedFile(name, content)
    return attachment_add(target=order, user=user, upload=upload, at=AT)
