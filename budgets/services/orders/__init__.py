"""Placeholders and purchase orders: made, sent, changed, closed; what they hold is in the ledger."""

from budgets.services.orders.asking import foreseen
from budgets.services.orders.bulk import BulkChange, orders_change
from budgets.services.orders.content import LineContent, OrderContent, content_of, read_payload
from budgets.services.orders.drafts import order_create, order_edit, order_place, order_submit
from budgets.services.orders.ends import order_cancel, order_close, order_reopen
from budgets.services.orders.holding import pending_request
from budgets.services.orders.state import may_change

__all__ = [
    "BulkChange",
    "LineContent",
    "OrderContent",
    "content_of",
    "foreseen",
    "may_change",
    "order_cancel",
    "order_close",
    "order_create",
    "order_edit",
    "order_place",
    "order_reopen",
    "order_submit",
    "orders_change",
    "pending_request",
    "read_payload",
]
