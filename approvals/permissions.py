"""Who may decide a request: the role and right of its step, in the team, and never a contributor.

A person decides by their own right or, while a delegation runs, by another's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from accounts.choices import Act, Role
from accounts.models import Team, User
from accounts.permissions import decision_limit, may
from approvals.models import ChangeRequest, Delegation, Step
from core import formats
from core.errors import Conflict, NotAllowed

BY_AMOUNT = (Act.DECIDE_SMALL, Act.DECIDE_MEDIUM, Act.DECIDE_LARGE)
# What takes two people by the matrix; no policy changes who the second one is.
BY_TWO = (
    Act.REOPEN_PERIOD,
    Act.CHANGE_FX,
    Act.CHANGE_POLICY,
    Act.KILL_SWITCH_OFF,
    Act.ACTIVATE_RULE,
    Act.EDIT_ROLE,
)
DECIDING = (*BY_AMOUNT, *BY_TWO)
ASKING = (Act.DRAFT_REQUEST, Act.DRAFT_RULE, Act.PROPOSE_MODEL, Act.CLOSE_PERIOD, *BY_TWO)
# Who may hand on their right, and to whom: never to a role below a director. An auditor
# holds no other role, so nobody else's right either.
DELEGATING = frozenset({Role.EXECUTIVE, Role.DIRECTOR})
ROLE_WORDS = {
    "executive": "an executive",
    "director": "a marketing director",
    "auditor": "somebody of finance and audit",
}


@dataclass(frozen=True, slots=True)
class Right:
    """By whose right a person decides: their own, or that of who delegated it to them."""

    principal: User
    delegation: Delegation | None = None

    @property
    def on_behalf_of(self) -> User | None:
        return self.principal if self.delegation else None


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


def has_seat(user: User, step: Step) -> bool:
    """Whether a step that everybody must approve asked this person; any other asks whoever may."""
    return not step.seats or user.pk in step.seats


def may_decide(
    user: User, step: Step, request: ChangeRequest, contributors: Collection[int]
) -> bool:
    """Whether a person may decide this step of the request by their own right."""
    if not (step.decides and has_seat(user, step)):
        return False
    return holds_step(
        user,
        roles=step.roles,
        act=act_of(step),
        team=request.team,
        micros=request.amount_micros,
        contributors=contributors,
    )


def may_stand_in(user: User) -> bool:
    """Whether a person's role is high enough to decide for somebody else."""
    return user.is_active and bool(user.roles & DELEGATING)


def covers(
    delegation: Delegation, step: Step, request: ChangeRequest, contributors: Collection[int]
) -> bool:
    """Whether a delegation lets the delegate decide this step, whatever the time.

    Both still hold a role that may delegate, the delegator could decide it, the amount is
    within the cap, and neither touched the request. What takes two people by the matrix
    is not handed on.
    """
    if delegation.delegate_id in contributors or act_of(step) not in BY_AMOUNT:
        return False
    if delegation.cap_micros is not None and request.amount_micros > delegation.cap_micros:
        return False
    if not (may_stand_in(delegation.delegate) and may_stand_in(delegation.delegator)):
        return False
    return may_decide(delegation.delegator, step, request, contributors)


def right_to_decide(
    user: User,
    step: Step,
    request: ChangeRequest,
    contributors: Collection[int],
    *,
    delegations: Iterable[Delegation] = (),
    spoken: Collection[int] = (),
) -> Right | None:
    """By whose right a person may decide this step: their own first; None when they may not.

    ``delegations`` are those that run now with this person as delegate. ``spoken`` are the
    people whose word, given by themselves or for them, stands on another step of the
    revision: a second person must be somebody else.
    """
    if user.pk in spoken:
        return None
    if may_decide(user, step, request, contributors):
        return Right(user)
    for delegation in delegations:
        is_new = delegation.delegator_id not in spoken
        if is_new and covers(delegation, step, request, contributors):
            return Right(delegation.delegator, delegation)
    return None


def may_advise(
    user: User, step: Step, request: ChangeRequest, contributors: Collection[int]
) -> bool:
    """Whether a step that does not decide asks this person; no limit of theirs counts for advice."""
    if step.decides or not user.is_active or not user.roles & set(step.roles):
        return False
    if not has_seat(user, step):
        return False
    touched = user.pk in contributors
    return not touched and may(user, act_of(step), team=request.team, contributors=contributors)


def may_recommend(
    user: User, step: Step, request: ChangeRequest, contributors: Collection[int]
) -> bool:
    """Whether a person may say what they would do, without deciding: their limit is below the amount."""
    if not step.decides:
        return may_advise(user, step, request, contributors)
    if user.pk in contributors or may_decide(user, step, request, contributors):
        return False
    if act_of(step) not in BY_AMOUNT:
        return False
    return may(user, Act.DECIDE_SMALL, team=request.team, contributors=contributors)


def require_decide(
    user: User,
    request: ChangeRequest,
    step: Step,
    contributors: Collection[int],
    *,
    delegations: Iterable[Delegation] = (),
    spoken: Collection[int] = (),
) -> Right:
    """By whose right the person decides this step; raises ``NotAllowed`` (or ``Conflict``) with the reason."""
    held = list(delegations)
    right = right_to_decide(user, step, request, contributors, delegations=held, spoken=spoken)
    if right:
        return right
    _refuse_spoken(user, request, held, spoken)
    if user.pk in contributors:
        raise NotAllowed(
            f"You took part in {request.reference}, so somebody else has to decide.",
            code="own_request",
            remedy=f"It waits for {roles_in_words(step.roles)}.",
        )
    if not has_seat(user, step):
        raise NotAllowed(
            f"{request.reference} waits for those who were asked when this step began.",
            code="not_asked",
            remedy="You can say what you think in a comment, or recommend it.",
        )
    if may_recommend(user, step, request, contributors):
        raise NotAllowed(
            f"{formats.money_whole(request.policy_amount)} is above what you may decide alone.",
            code="above_limit",
            remedy=f"You can recommend it; {roles_in_words(step.roles)} decides.",
        )
    _refuse_delegated(request, step, contributors, held)
    raise NotAllowed(
        f"This step of {request.reference} is decided by {roles_in_words(step.roles)}.",
        remedy="Ask somebody who holds the role.",
    )


def _refuse_spoken(
    user: User, request: ChangeRequest, held: Iterable[Delegation], spoken: Collection[int]
) -> None:
    if user.pk in spoken:
        raise Conflict(
            f"Your word on {request.reference} is already given, so somebody else has to decide.",
            code="already_spoke",
            remedy="A second step takes a second person.",
        )
    for delegation in held:
        if delegation.delegator_id in spoken:
            raise NotAllowed(
                f"{delegation.delegator} already gave their word on {request.reference}; "
                "deciding for them would count one person twice.",
                code="already_spoke",
                remedy="A second step takes a second person.",
            )


def _refuse_delegated(
    request: ChangeRequest, step: Step, contributors: Collection[int], held: Iterable[Delegation]
) -> None:
    """Say which limit of a delegation stands in the way, where one does."""
    for delegation in held:
        who = delegation.delegator
        if who.pk in contributors:
            raise NotAllowed(
                f"{who} took part in {request.reference}, so it cannot be decided for them.",
                code="own_request",
                remedy=f"It waits for {roles_in_words(step.roles)}.",
            )
        cap = delegation.cap_micros
        if cap is not None and request.amount_micros > cap:
            raise NotAllowed(
                f"{formats.money_whole(request.policy_amount)} is above what {who} delegated to you.",
                code="above_cap",
                remedy=f"It waits for {roles_in_words(step.roles)}.",
            )
