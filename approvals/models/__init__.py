"""Change requests, the policy that routes them, their steps and decisions. Knows no subject."""

from approvals.models.decisions import Decision, Look, Step
from approvals.models.delegation import Absence, DayOff, Delegation, Substitute, WorkCalendar
from approvals.models.discussion import Comment, Option, Vote
from approvals.models.requests import (
    ChangeRequest,
    ChangeRequestQuerySet,
    Contributor,
    Execution,
    Policy,
)

__all__ = [
    "Absence",
    "ChangeRequest",
    "ChangeRequestQuerySet",
    "Comment",
    "Contributor",
    "DayOff",
    "Decision",
    "Delegation",
    "Execution",
    "Look",
    "Option",
    "Policy",
    "Step",
    "Substitute",
    "Vote",
    "WorkCalendar",
]
