"""The life of a campaign: which step may follow which, who took it, when and why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from accounts.choices import Act, Role
from accounts.models import User
from accounts.permissions import has_role, require
from campaigns.choices import MOVES, Status
from campaigns.models import Campaign, Transition
from campaigns.services.plans import acting
from core import events
from core.errors import Conflict, Invalid, NotAllowed
from core.events import Actor

Check = Callable[[Campaign, str], str | None]
Follower = Callable[[Campaign, str, Actor, datetime], None]
_checks: list[Check] = []
_followers: list[Follower] = []


def register_readiness(check: Check) -> None:
    """Give an upper app a say: ``check(campaign, to)`` answers what is missing, or None."""
    _checks.append(check)


def register_follower(follower: Follower) -> None:
    """Tell an upper app of each step: ``follower(campaign, before, actor, at)``, in its transaction."""
    if follower not in _followers:
        _followers.append(follower)


def unmet(campaign: Campaign, to: str) -> list[str]:
    """What is missing before the campaign may move to ``to``, as sentences."""
    missing = [] if to in MOVES[campaign.status] else [_illegal(campaign, to)]
    if to == Status.LIVE and not campaign.lines.exists():
        missing.append("A campaign needs at least one channel line before it goes live.")
    return missing + [said for check in _checks if (said := check(campaign, to))]


def _illegal(campaign: Campaign, to: str) -> str:
    allowed = " or ".join(Status(s).label.lower() for s in MOVES[campaign.status]) or "nowhere"
    return (
        f"A campaign that is {campaign.get_status_display().lower()} cannot become "
        f"{Status(to).label.lower()}; from here it can go to {allowed}."
    )


@transaction.atomic
def campaign_move(
    *,
    campaign: Campaign,
    to: str,
    at: datetime,
    by: User | None = None,
    actor: Actor | None = None,
    reason: str = "",
) -> Campaign:
    """Take one step of the life cycle.

    Raises ``Conflict`` for an illegal step or an unmet condition, ``NotAllowed`` when
    the person may not take it, ``Invalid`` when a pause or step back has no reason.
    """
    current = Campaign.objects.select_for_update().select_related("team").get(pk=campaign.pk)
    if by:
        _require(current, to, by)
    if missing := unmet(current, to):
        raise Conflict(missing[0], code="illegal_move", details=[{"message": m} for m in missing])
    if to in (Status.PAUSED, Status.DRAFT) and by and not reason.strip():
        raise Invalid("Say why, so that the next person understands.", where="reason")
    return _step(current, to, acting(by, actor), by, reason, at)


def _step(
    campaign: Campaign, to: str, actor: Actor, by: User | None, reason: str, at: datetime
) -> Campaign:
    before = campaign.status
    campaign.status = to
    campaign.version += 1
    campaign.save(update_fields=["status", "version"])
    Transition.objects.create(
        campaign=campaign,
        before=before,
        after=to,
        by=by,
        by_name=actor.name,
        reason=reason,
        at=at,
    )
    events.record(
        actor=actor,
        action=f"campaign.{to}",
        subject=campaign,
        at=at,
        before={"status": before},
        after={"status": to},
        reason=reason,
        team_path=campaign.team.path,
    )
    for follow in _followers:
        follow(campaign, before, actor, at)
    return campaign


def _require(campaign: Campaign, to: str, by: User) -> None:
    if to == Status.PAUSED:
        require(by, Act.PAUSE_CAMPAIGN, team=campaign.team, owner_id=campaign.owner_id)
    elif campaign.status == Status.PAUSED and to == Status.LIVE:
        _require_resume(campaign, by)
    elif to == Status.APPROVED:
        require(by, Act.DECIDE_SMALL, team=campaign.team, contributors=[campaign.owner_id])
    else:
        require(by, Act.DRAFT_REQUEST, team=campaign.team, owner_id=campaign.owner_id)


def _require_resume(campaign: Campaign, by: User) -> None:
    """Managers resume only what they paused themselves; a senior's pause needs a senior."""
    require(by, Act.RESUME_CAMPAIGN, team=campaign.team, owner_id=campaign.owner_id)
    senior = has_role(by, Role.DIRECTOR, campaign.team) or has_role(by, Role.EXECUTIVE)
    pause = campaign.transitions.filter(after=Status.PAUSED).last()
    if not senior and pause and pause.by_id != by.pk:
        raise NotAllowed(
            f"{pause.by_name} paused this campaign, so resuming it needs a director.",
            remedy="Ask your director, and say what has changed since.",
        )
