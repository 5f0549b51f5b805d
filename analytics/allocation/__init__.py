"""Allocation: how to spend a budget, given what each channel returns."""

from analytics.allocation.bounds import Rules
from analytics.allocation.phases import PhaseBudget, phased_plan
from analytics.allocation.recommend import optimum
from analytics.allocation.results import (
    KKT,
    Badge,
    Binding,
    InfeasibleBounds,
    Optimum,
    Phase,
    PhasedPlan,
    Robustness,
    Scenario,
)
from analytics.allocation.robust import Returns, returns_of_credits, robustness
from analytics.allocation.scenario import scenario

__all__ = [
    "KKT",
    "Badge",
    "Binding",
    "InfeasibleBounds",
    "Optimum",
    "Phase",
    "PhaseBudget",
    "PhasedPlan",
    "Returns",
    "Robustness",
    "Rules",
    "Scenario",
    "optimum",
    "phased_plan",
    "returns_of_credits",
    "robustness",
    "scenario",
]
