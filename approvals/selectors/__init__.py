"""Reading requests: who may decide, what waits for whom, how long decisions took."""

from approvals.selectors.requests import (
    DecisionTimes,
    Standing,
    StepPreview,
    contributors,
    current_step,
    decision_times,
    find_requests,
    history,
    needs_of_approver,
    people_for_step,
    policy_in_force,
    requests_visible,
    standing,
    steps_now,
    waiting_for,
    who_must_approve,
)
from approvals.selectors.results import register_results, results_of

__all__ = [
    "DecisionTimes",
    "Standing",
    "StepPreview",
    "contributors",
    "current_step",
    "decision_times",
    "find_requests",
    "history",
    "needs_of_approver",
    "people_for_step",
    "policy_in_force",
    "register_results",
    "requests_visible",
    "results_of",
    "standing",
    "steps_now",
    "waiting_for",
    "who_must_approve",
]
