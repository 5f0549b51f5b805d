"""Pages of orders: the list, one order, its form, and what is done to one or many."""

from budgets.views.orders.acts import order_cancel, order_close, order_reopen, order_submit
from budgets.views.orders.bulk import orders_change_many
from budgets.views.orders.form import order_edit, order_new, order_preview, order_split
from budgets.views.orders.listing import orders_page
from budgets.views.orders.shown import order

__all__ = [
    "order",
    "order_cancel",
    "order_close",
    "order_edit",
    "order_new",
    "order_preview",
    "order_reopen",
    "order_split",
    "order_submit",
    "orders_change_many",
    "orders_page",
]
