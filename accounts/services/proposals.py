"""What takes two people: high roles, and how the books are kept. One proposes, another confirms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from accounts.choices import TWO_PERSON_ROLES, Act
from accounts.models import Membership, Proposal, Team, User
from accounts.permissions import can, may_confirm, require
from accounts.selectors import act_of
from accounts.services import roles
from accounts.services.needed import refuse_if_needed
from accounts.services.organisation import BOOKS, organisation_apply, organisation_check
from core import events
from core.errors import Conflict, Invalid, NotAllowed

LIFETIME = timedelta(days=14)
State = Proposal.State
Kind = Proposal.Kind


def role_propose(
    *,
    user: User,
    team: Team,
    role: str,
    by: User,
    at: datetime,
    reason: str,
    take: bool = False,
    limit_micros: int | None = None,
) -> Proposal:
    """Propose to give (or take) an executive's, auditor's or administrator's role.

    Administrators and executives propose; another of them confirms.
    """
    roles.refuse_oneself(user, by)
    if not can(by, Act.GIVE_ROLE):
        require(by, Act.GIVE_HIGH_ROLE)
    if role not in TWO_PERSON_ROLES:
        raise Invalid("This role needs no second person.", where="role", remedy="Give it directly.")
    held = Membership.objects.filter(user=user, team=team, role=role).exists()
    if held != take:
        raise Conflict(f"{user.name} {'does not hold' if take else 'holds'} this role already.")
    if not take:
        roles.refuse_excluded(user, role)
    kind = Kind.TAKE_ROLE if take else Kind.GIVE_ROLE
    subject = {"user": user, "team": team, "role": role}
    return _open(kind, by, at, reason, **subject, limit_micros=limit_micros)


def books_propose(*, changes: Mapping[str, Any], by: User, at: datetime, reason: str) -> Proposal:
    """Propose another reporting currency, fiscal start or pattern; an executive confirms."""
    require(by, Act.CHANGE_POLICY)
    if not changes or set(changes) - set(BOOKS):
        raise Invalid("Nothing about the books would change.")
    organisation_check(changes)
    return _open(Kind.BOOKS, by, at, reason, changes=dict(changes))


@transaction.atomic
def _open(kind: str, by: User, at: datetime, reason: str, **subject: Any) -> Proposal:
    if not reason.strip():
        raise Invalid("Say why; the second person reads it.", where="reason")
    old = Proposal.objects.filter(state=State.OPEN, proposed_at__lte=at - LIFETIME)
    old.update(state=State.EXPIRED)
    try:
        with transaction.atomic():
            proposal = Proposal.objects.create(
                kind=kind, reason=reason.strip(), proposed_by=by, proposed_at=at, **subject
            )
    except IntegrityError as error:
        raise Conflict(
            "The same is proposed already and waits for a second person.",
            remedy="Withdraw that proposal first, or wait for the answer.",
        ) from error
    _record("proposed", proposal, by, at)
    return proposal


@transaction.atomic
def proposal_confirm(*, proposal: Proposal, by: User, at: datetime) -> Proposal:
    """Be the second person: the change is made now, in the same transaction.

    Raises ``NotAllowed`` for the proposer, the person concerned and whoever lacks the
    right; ``Conflict`` when it was answered, has expired or is no longer possible.
    """
    proposal = _claim(proposal, at)
    _require_second(proposal, by)
    _answer(proposal, State.CONFIRMED, by, at, "")
    _carry_out(proposal, by, at)
    return proposal


@transaction.atomic
def proposal_reject(*, proposal: Proposal, by: User, at: datetime, reason: str) -> Proposal:
    """Say no, with a reason."""
    proposal = _claim(proposal, at)
    _require_second(proposal, by)
    if not reason.strip():
        raise Invalid("Say why.", where="reason")
    return _answer(proposal, State.REJECTED, by, at, reason.strip())


@transaction.atomic
def proposal_withdraw(*, proposal: Proposal, by: User, at: datetime) -> Proposal:
    """Take one's own proposal back."""
    proposal = _claim(proposal, at)
    if by.pk != proposal.proposed_by_id:
        raise NotAllowed("Only who proposed this can withdraw it.")
    return _answer(proposal, State.WITHDRAWN, by, at, "")


def _claim(proposal: Proposal, at: datetime) -> Proposal:
    """The proposal, locked, if it still waits; two people who answer at once take turns."""
    found = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    if found.state != State.OPEN:
        raise Conflict(f"This was answered already: {found.get_state_display().lower()}.")
    if found.proposed_at <= at - LIFETIME:
        raise Conflict(
            f"This proposal is older than {LIFETIME.days} days.", remedy="Propose it again."
        )
    return found


def _require_second(proposal: Proposal, by: User) -> None:
    touched = [pk for pk in (proposal.proposed_by_id, proposal.user_id) if pk is not None]
    if may_confirm(by, act_of(proposal), contributors=touched):
        return
    if by.pk in touched:
        raise NotAllowed(
            "You took part in this, so a second person has to answer.",
            code="own_proposal",
            remedy="Ask somebody who holds the right.",
        )
    raise NotAllowed(
        "Your role does not allow you to confirm this.",
        remedy="An executive confirms; roles can be confirmed by an administrator too.",
    )


def _answer(proposal: Proposal, state: str, by: User, at: datetime, answer: str) -> Proposal:
    proposal.state, proposal.answer = state, answer
    proposal.decided_by, proposal.decided_at = by, at
    proposal.save(update_fields=["state", "answer", "decided_by", "decided_at"])
    _record(state, proposal, by, at)
    return proposal


def _carry_out(proposal: Proposal, by: User, at: datetime) -> None:
    if proposal.kind == Kind.BOOKS:
        organisation_apply(proposal.changes, by=by, at=at, reason=proposal.reason)
        return
    if proposal.user is None or proposal.team is None:
        raise Conflict("The person or team of this proposal is gone.")
    if proposal.kind == Kind.GIVE_ROLE:
        roles.give(
            user=proposal.user, team=proposal.team, role=proposal.role, by=by, at=at,
            limit_micros=proposal.limit_micros,
        )  # fmt: skip
        return
    _take(proposal, by, at)


def _take(proposal: Proposal, by: User, at: datetime) -> None:
    held = Membership.objects.filter(user=proposal.user, role=proposal.role)
    membership = held.filter(team=proposal.team).select_related("user", "team").first()
    if membership is None:
        raise Conflict("The role is not held any more.")
    # The same role for another team is kept, and with it what the person is needed for.
    losing = [] if held.count() > 1 else [proposal.role]
    refuse_if_needed(membership.user, losing=losing)
    roles.take(membership=membership, by=by, at=at, reason=proposal.reason)


def _record(verb: str, proposal: Proposal, by: User, at: datetime) -> None:
    content = {
        "kind": proposal.kind,
        "person": proposal.user.name if proposal.user else None,
        "role": proposal.role or None,
        "changes": proposal.changes or None,
        "limit_micros": proposal.limit_micros,
    }
    events.record(
        actor=by.as_actor(), action=f"proposal.{verb}", subject=proposal, at=at,
        after={key: value for key, value in content.items() if value is not None},
        reason=proposal.answer or proposal.reason,
        team_path=proposal.team.path if proposal.team else "", is_security=True,
    )  # fmt: skip
