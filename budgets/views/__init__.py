"""Pages of budgets: the budget centre, moves, lines, exchange rates."""

from budgets.views.centre import cell_edit, centre
from budgets.views.editing import line_create, line_edit, rates, year_open
from budgets.views.moving import proof, reallocate, reallocate_edit

__all__ = [
    "cell_edit",
    "centre",
    "line_create",
    "line_edit",
    "proof",
    "rates",
    "reallocate",
    "reallocate_edit",
    "year_open",
]
