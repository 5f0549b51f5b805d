"""Who may decide a request: the role and right of its step, in the team, and never a contributor."""

from __future__ import annotations

from collections.abc import Collection

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import decision_limit, may
from approvals.models import ChangeRequest, Step
from core import formats
from core.errors import NotAllowed

DECIDING = (Act.DECIDE_SMALL, Act.DECIDE_MEDIUM, Act.DECIDE_LARGE)
ROLE_WORDS = {
    "executive": "an executive",
    "director": "a marketing director",
    "auditor": "somebody of finance and audit",
}


def roles_in_words(roles: Collection[str]) -> str:
    """ "a marketing director or an executive"."""
    return " or ".join(ROLE_WORDS.get(role, f"a {role}") for role in roles)


def act_of(step: Step) -> Act:
    """The right a step asks for."""
    return Act[step.act.upper()]


def holds_step(
    user: User,
    *,
    roles: Collection[str],
    act: Act,
    team: Team,
    micros: int,
    contributors: Collection[int] = (),
) -> bool:
    """Whether a person holds one of ``roles``, may do ``act`` for the team up to this amount
    (micros of the reporting currency, within their own limit), and touched nothing."""
    if user.pk in contributors or not user.is_active or not user.roles & set(roles):
        return False
    if not may(user, act, team=team, contributors=contributors):
        return False
    limit = decision_limit(user, act, team)
    return limit is None or micros <= limit


def may_decide(
    user: User, step: Step, request: ChangeRequest, contributors: Collection[int]
) -> bool:
    """Whether a person may decide this step of the request."""
    return holds_step(
        user,
        roles=step.roles,
        act=act_of(step),
        team=request.team,
        micros=request.amount_micros,
        contributors=contributors,
    )


def may_recommend(
    user: User, step: Step, request: ChangeRequest, contributors: Collection[int]
) -> bool:
    """Whether a person may say what they would do, without deciding: their limit is below the amount."""
    if user.pk in contributors or may_decide(user, step, request, contributors):
        return False
    return may(user, Act.DECIDE_SMALL, team=request.team, contributors=contributors)


def require_decide(
    user: User, request: ChangeRequest, step: Step, contributors: Collection[int]
) -> None:
    """Raise ``NotAllowed`` with the reason unless the person may decide this step."""
    if may_decide(user, step, request, contributors):
        return
    if user.pk in contributors:
        raise NotAllowed(
            f"You took part in {request.reference}, so somebody else has to decide.",
            code="own_request",
            remedy=f"It waits for {roles_in_words(step.roles)}.",
        )
    if may_recommend(user, step, request, contributors):
        raise NotAllowed(
            f"{formats.money_whole(request.policy_amount)} is above what you may decide alone.",
            code="above_limit",
            remedy=f"You can recommend it; {roles_in_words(step.roles)} decides.",
        )
    raise NotAllowed(
        f"This step of {request.reference} is decided by {roles_in_words(step.roles)}.",
        remedy="Ask somebody who holds the role.",
    )
