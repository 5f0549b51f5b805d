"""Who may make, sign and get reports."""

from __future__ import annotations

from accounts.choices import Act, Role
from accounts.models import Team, User
from accounts.permissions import has_role, may, require
from core.errors import NotAllowed
from reporting.models import Report


def require_make(user: User, team: Team) -> None:
    """Raise ``NotAllowed`` unless the person may have a report of the team made."""
    require(user, Act.VIEW_MONEY, team=team)
    require(user, Act.SCHEDULE_REPORT, team=team, owner_id=user.pk)


def may_make(user: User, team: Team) -> bool:
    """Whether the person may have a report of the team made."""
    return may(user, Act.VIEW_MONEY, team=team) and may(
        user, Act.SCHEDULE_REPORT, team=team, owner_id=user.pk
    )


def may_sign(user: User, report: Report) -> bool:
    """Reviews are signed by the team's managers and directors, packs by directors and executives."""
    roles = {
        Report.Kind.REVIEW.value: (Role.MANAGER, Role.DIRECTOR, Role.EXECUTIVE),
        Report.Kind.BOARD_PACK.value: (Role.DIRECTOR, Role.EXECUTIVE),
    }[report.kind]
    return any(has_role(user, role, report.team) for role in roles)


def require_sign(user: User, report: Report) -> None:
    """Raise ``NotAllowed`` unless the person may sign the report."""
    if not may_sign(user, report):
        raise NotAllowed(
            f"{report.title} is signed by the people who answer for {report.team.name}.",
            remedy="Ask the director of the team.",
        )


def may_subscribe(user: User, recipient: User, team: Team) -> bool:
    """Whether ``user`` may have reports of a team sent to ``recipient``, who must see its money."""
    return may(recipient, Act.VIEW_MONEY, team=team) and may(
        user, Act.SCHEDULE_REPORT, team=team, owner_id=recipient.pk
    )
