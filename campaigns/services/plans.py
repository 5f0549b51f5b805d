"""Creating, changing and cloning campaigns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import require
from campaigns.choices import Objective
from campaigns.models import Audience, Campaign, CampaignLine
from core import events
from core.errors import Conflict, Invalid
from core.events import Actor

EDITABLE = ("name", "owner", "objective", "flight_start", "flight_end", "brief", "markets")


@transaction.atomic
def campaign_create(
    *,
    team: Team,
    owner: User,
    name: str,
    at: datetime,
    user: User | None = None,
    actor: Actor | None = None,
    objective: str = Objective.SALES,
    flight_start: date | None = None,
    flight_end: date | None = None,
    brief: str = "",
    markets: str = "",
    audiences: Iterable[Audience] = (),
) -> Campaign:
    """Create a draft campaign, by a person (checked) or by an import (``actor``)."""
    if user:
        require(user, Act.DRAFT_REQUEST, team=team, owner_id=owner.pk)
    campaign = Campaign(
        team=team,
        owner=owner,
        name=name.strip(),
        objective=objective,
        flight_start=flight_start,
        flight_end=flight_end,
        brief=brief,
        markets=markets,
        created_at=at,
    )
    clean(campaign)
    campaign.save()
    campaign.audiences.set(audiences)
    events.record(
        actor=acting(user, actor),
        action="campaign.created",
        subject=campaign,
        at=at,
        after={field: shown(campaign, field) for field in EDITABLE},
        team_path=team.path,
    )
    return campaign


@transaction.atomic
def campaign_edit(
    *, campaign: Campaign, user: User, at: datetime, version: int | None = None, **changes: Any
) -> Campaign:
    """Change any of ``EDITABLE``; ``version`` refuses to overwrite what somebody else saved since."""
    current = Campaign.objects.select_for_update().get(pk=campaign.pk)
    require(user, Act.DRAFT_REQUEST, team=current.team, owner_id=current.owner_id)
    if version is not None and version != current.version:
        raise Conflict(
            f"“{current}” was changed by somebody else while you were editing.",
            remedy="Open it again: your colleague's change is in it.",
        )
    before, after = _apply(current, changes)
    if not after:
        return current
    clean(current)
    current.version += 1
    current.save()
    events.record(
        actor=user.as_actor(),
        action="campaign.changed",
        subject=current,
        at=at,
        before=before,
        after=after,
        team_path=current.team.path,
    )
    return current


def _apply(campaign: Campaign, changes: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    unknown = set(changes) - set(EDITABLE)
    if unknown:
        raise Invalid(f"{', '.join(sorted(unknown))} cannot be changed here.")
    before, after = {}, {}
    for field, value in changes.items():
        if getattr(campaign, field) != value:
            before[field] = shown(campaign, field)
            setattr(campaign, field, value)
            after[field] = shown(campaign, field)
    return before, after


def shown(campaign: Campaign, field: str) -> str:
    """A field as the trail keeps it."""
    value = getattr(campaign, field)
    return "" if value is None else str(value)


@transaction.atomic
def campaign_clone(
    *, campaign: Campaign, name: str, user: User, at: datetime, shift_days: int | None = None
) -> Campaign:
    """A draft with the same brief, audiences and lines (not linked to the platform), and no history."""
    copy = campaign_create(
        user=user,
        team=campaign.team,
        owner=user,
        name=name,
        objective=campaign.objective,
        flight_start=_shifted(campaign.flight_start, shift_days),
        flight_end=_shifted(campaign.flight_end, shift_days),
        brief=campaign.brief,
        markets=campaign.markets,
        audiences=campaign.audiences.all(),
        at=at,
    )
    CampaignLine.objects.bulk_create(
        CampaignLine(
            campaign=copy,
            channel=line.channel,
            ad_account=line.ad_account,
            name=line.name,
            currency=line.currency,
        )
        for line in campaign.lines.all()
    )
    return copy


def _shifted(day: date | None, days: int | None) -> date | None:
    """A clone has no flight until somebody says when, or the same one some days later."""
    if day is None or days is None:
        return None
    return date.fromordinal(day.toordinal() + days)


def acting(user: User | None, actor: Actor | None) -> Actor:
    """Who the trail names: the person, else the given actor, else the product itself."""
    return user.as_actor() if user else actor or events.SYSTEM


def clean(instance: models.Model, *, exclude: Sequence[str] = (), alone: bool = False) -> None:
    """``full_clean`` with our own error: every message with its field.

    ``alone`` looks at the fields only, not at what else the database holds.
    """
    try:
        if alone:
            instance.clean_fields(exclude=list(exclude))
        else:
            instance.full_clean(exclude=list(exclude))
    except ValidationError as error:
        details = [
            {"where": "" if field == "__all__" else field, "message": message}
            for field, messages in error.message_dict.items()
            for message in messages
        ]
        raise Invalid(details[0]["message"], where=details[0]["where"], details=details) from error
