"""Scenarios: making them, changing their amounts, adopting one."""

from budgets.services.scenarios.adopting import Adoption, scenario_adopt
from budgets.services.scenarios.cells import (
    cells_set,
    growth_apply,
    line_add,
    line_remove,
    months_shift,
    total_spread,
)
from budgets.services.scenarios.making import scenario_archive, scenario_create

__all__ = [
    "Adoption",
    "cells_set",
    "growth_apply",
    "line_add",
    "line_remove",
    "months_shift",
    "scenario_adopt",
    "scenario_archive",
    "scenario_create",
    "total_spread",
]
