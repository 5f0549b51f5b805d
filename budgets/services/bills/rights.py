"""Who may enter, post, let pass and void bills."""

from __future__ import annotations

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import can, may
from budgets.models import Bill
from core.errors import NotAllowed

# Finance anything, planners for their teams.
ENTERS = (Act.CLOSE_PERIOD, Act.DRAFT_REQUEST)
# Finance and directors.
PASSES = (Act.CLOSE_PERIOD, Act.MOVE_BUDGET)
# What the first are for, in words for whoever may not.
TO_ENTER = "enter and match bills"


def is_finance(user: User) -> bool:
    return can(user, Act.CLOSE_PERIOD)


def may_work(user: User, team: Team, owner_id: int) -> bool:
    """Whether a person may enter and look after bills of a team and owner."""
    return is_finance(user) or may(user, Act.DRAFT_REQUEST, team=team, owner_id=owner_id)


def require_work(user: User, team: Team, owner_id: int) -> None:
    if not may_work(user, team, owner_id):
        raise NotAllowed(
            f"Bills of {team} are entered and matched by its planners and by finance.",
            remedy="Ask the owner, a director above, or finance.",
        )


def is_second(user: User, bill: Bill) -> bool:
    """Whether a person is somebody other than who entered the bill."""
    return bill.entered_by_id != user.pk


def require_second(user: User, bill: Bill) -> None:
    if not is_second(user, bill):
        raise NotAllowed(
            "You entered this, so somebody else has to post it.",
            code="own_bill",
            remedy="Ask finance, the owner, or a director above the team.",
        )


def may_pass(user: User, bill: Bill) -> bool:
    """Whether a person may let a held bill pass: finance or a director, not who entered it."""
    return is_second(user, bill) and may_void(user, bill)


def may_void(user: User, bill: Bill) -> bool:
    """Whether a person may void a posted bill: finance or a director above the team."""
    return is_finance(user) or may(user, Act.MOVE_BUDGET, team=bill.team)


def require_pass(user: User, bill: Bill) -> None:
    require_second(user, bill)
    if not may_pass(user, bill):
        raise NotAllowed(
            "A held bill is let pass by finance or a director above the team.",
            remedy="Move money to the budget line, or ask one of them.",
        )


def require_void(user: User, bill: Bill) -> None:
    if not may_void(user, bill):
        raise NotAllowed(
            "A posted bill is voided by finance or a director above the team.",
            remedy="Ask one of them.",
        )
