"""Initiatives: what a team undertakes, its milestones, and the campaigns that carry it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import require
from campaigns.models import Campaign, Initiative, Milestone
from campaigns.services.parts import changed
from campaigns.services.plans import clean
from core import events

INITIATIVE_FIELDS = ("name", "owner", "goal", "due_on")
MILESTONE_FIELDS = ("name", "due_on", "done_on")


@transaction.atomic
def initiative_save(
    *,
    user: User,
    at: datetime,
    initiative: Initiative | None = None,
    team: Team | None = None,
    add: Sequence[Campaign] = (),
    remove: Sequence[Campaign] = (),
    **changes: Any,
) -> Initiative:
    """Begin an initiative for ``team``, or change any of ``INITIATIVE_FIELDS`` of one.

    ``add`` and ``remove`` say which campaigns carry it; all of it is saved, or nothing.
    """
    verb = "changed" if initiative else "created"
    kept = initiative or Initiative(team=team)
    owner_id = kept.owner_id or user.pk
    require(user, Act.DRAFT_REQUEST, team=kept.team, owner_id=owner_id)
    known = {} if initiative else {"owner": changes.pop("owner")}
    kept.owner = known.get("owner") or kept.owner
    before, after = changed(kept, changes, INITIATIVE_FIELDS)
    clean(kept)
    kept.save()
    if known or after:
        _record(kept, verb, user, at, before=before, after=known | after)
    if add or remove:
        _carry(kept, user, at, add, remove)
    return kept


@transaction.atomic
def initiative_campaigns(
    *,
    initiative: Initiative,
    user: User,
    at: datetime,
    add: Sequence[Campaign] = (),
    remove: Sequence[Campaign] = (),
) -> Initiative:
    """Say which campaigns carry an initiative; what is already so changes nothing."""
    _require(initiative, user)
    _carry(initiative, user, at, add, remove)
    return initiative


def _carry(
    initiative: Initiative,
    user: User,
    at: datetime,
    add: Sequence[Campaign],
    remove: Sequence[Campaign],
) -> None:
    held = set(initiative.campaigns.values_list("pk", flat=True))
    new = [campaign for campaign in add if campaign.pk not in held]
    gone = [campaign for campaign in remove if campaign.pk in held]
    initiative.campaigns.add(*new)
    initiative.campaigns.remove(*gone)
    if new or gone:
        before = {"campaigns": [str(campaign) for campaign in gone]} if gone else None
        after = {"campaigns": [str(campaign) for campaign in new]} if new else None
        _record(initiative, "campaigns", user, at, before=before, after=after)


@transaction.atomic
def initiative_delete(*, initiative: Initiative, user: User, at: datetime) -> None:
    """Take an initiative off the list; its campaigns stay, and the trail keeps what it was."""
    _require(initiative, user)
    before = {name: getattr(initiative, name) for name in INITIATIVE_FIELDS}
    _record(initiative, "deleted", user, at, before=before)
    initiative.delete()


@transaction.atomic
def milestone_save(
    *,
    initiative: Initiative,
    user: User,
    at: datetime,
    milestone: Milestone | None = None,
    **changes: Any,
) -> Milestone:
    """Add a milestone, or change any of ``MILESTONE_FIELDS`` of one."""
    _require(initiative, user)
    verb = "changed" if milestone else "added"
    kept = milestone or Milestone(initiative=initiative)
    before, after = changed(kept, changes, MILESTONE_FIELDS)
    clean(kept)
    kept.save()
    if after:
        after = {"milestone": kept.name} | after
        _record(initiative, f"milestone_{verb}", user, at, before=before, after=after)
    return kept


@transaction.atomic
def milestone_remove(*, milestone: Milestone, user: User, at: datetime) -> None:
    """Take a milestone away."""
    initiative = milestone.initiative
    _require(initiative, user)
    before = {"milestone": milestone.name, "due_on": milestone.due_on}
    _record(initiative, "milestone_removed", user, at, before=before)
    milestone.delete()


def _require(initiative: Initiative, user: User) -> None:
    require(user, Act.DRAFT_REQUEST, team=initiative.team, owner_id=initiative.owner_id)


def _record(
    initiative: Initiative,
    verb: str,
    user: User,
    at: datetime,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    events.record(
        actor=user.as_actor(),
        action=f"initiative.{verb}",
        subject=initiative,
        at=at,
        before=before,
        after=after,
        team_path=initiative.team.path,
    )
