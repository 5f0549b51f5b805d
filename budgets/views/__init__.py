"""Pages of budgets: the budget centre, moves, lines, exchange rates."""

from budgets.views.adopting import scenario_adopt, scenario_compare
from budgets.views.centre import cell_edit, centre
from budgets.views.closing import close, close_ask, reopen
from budgets.views.editing import line_create, line_edit, year_open
from budgets.views.grid import grid_page, grid_preview, grid_rows, grid_save
from budgets.views.history import history
from budgets.views.landing import pacing
from budgets.views.lines import lines_change_many, lines_page
from budgets.views.locks import lock, unlock
from budgets.views.moving import proof, reallocate, reallocate_edit
from budgets.views.pending import decide_here
from budgets.views.rates import rate_file, rates
from budgets.views.scenarios import (
    scenario,
    scenario_archive,
    scenario_cells,
    scenario_create,
    scenario_line_add,
    scenario_line_remove,
    scenario_tool,
    scenarios,
)
from budgets.views.signoffs import note as variance_note
from budgets.views.signoffs import remind, sign, signoffs, variance_list
from budgets.views.topdown import target_spread_page, targets
from budgets.views.versions import (
    version_baseline,
    version_cell,
    version_compare,
    version_make,
    versions,
)

__all__ = [
    "cell_edit",
    "centre",
    "close",
    "close_ask",
    "decide_here",
    "grid_page",
    "grid_preview",
    "grid_rows",
    "grid_save",
    "history",
    "line_create",
    "line_edit",
    "lines_change_many",
    "lines_page",
    "lock",
    "pacing",
    "proof",
    "rate_file",
    "rates",
    "reallocate",
    "reallocate_edit",
    "remind",
    "reopen",
    "scenario",
    "scenario_adopt",
    "scenario_archive",
    "scenario_cells",
    "scenario_compare",
    "scenario_create",
    "scenario_line_add",
    "scenario_line_remove",
    "scenario_tool",
    "scenarios",
    "sign",
    "signoffs",
    "target_spread_page",
    "targets",
    "unlock",
    "variance_list",
    "variance_note",
    "version_baseline",
    "version_cell",
    "version_compare",
    "version_make",
    "versions",
    "year_open",
]
