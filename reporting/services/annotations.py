"""Remarks on the charts: what happened on a day or over some days, said by somebody of the team."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import require
from campaigns.models import Campaign
from core import events
from core.errors import Conflict, Invalid
from reporting.models import Annotation

FIELDS = ("first_day", "last_day", "text")
LONGEST_DAYS = 366


@transaction.atomic
def annotation_add(
    *,
    user: User,
    at: datetime,
    first_day: date,
    last_day: date,
    text: str,
    campaign: Campaign | None = None,
    team: Team | None = None,
) -> Annotation:
    """Remark on a campaign's charts, or on all charts of a team."""
    owning = campaign.team if campaign else team
    if owning is None:
        raise Invalid("Say which team or campaign the remark is about.", where="team")
    require(user, Act.VIEW_CAMPAIGNS, team=owning)
    remark = Annotation(team=owning, campaign_id=campaign.pk if campaign else None, by=user, at=at)
    _write(remark, first_day, last_day, text)
    _record(remark, "added", user, at, after=_content(remark))
    return remark


@transaction.atomic
def annotation_edit(
    *,
    annotation: Annotation,
    user: User,
    at: datetime,
    first_day: date,
    last_day: date,
    text: str,
) -> Annotation:
    """Change one's own remark, or (whoever may edit campaigns of the team) anybody's."""
    kept = _locked(annotation, user)
    before = _content(kept)
    _write(kept, first_day, last_day, text)
    if _content(kept) != before:
        _record(kept, "changed", user, at, before=before, after=_content(kept))
    return kept


@transaction.atomic
def annotation_delete(*, annotation: Annotation, user: User, at: datetime) -> None:
    """Take a remark off the charts; ``annotation_undelete`` brings it back."""
    kept = _locked(annotation, user)
    if kept.deleted_at is not None:
        raise Conflict("This remark was deleted already.")
    kept.deleted_at = at
    kept.save(update_fields=["deleted_at"])
    _record(kept, "deleted", user, at, before=_content(kept))


@transaction.atomic
def annotation_undelete(*, annotation: Annotation, user: User, at: datetime) -> Annotation:
    """Bring a deleted remark back."""
    kept = _locked(annotation, user)
    kept.deleted_at = None
    kept.save(update_fields=["deleted_at"])
    _record(kept, "restored", user, at, after=_content(kept))
    return kept


def _locked(annotation: Annotation, user: User) -> Annotation:
    kept = Annotation.objects.select_for_update(of=("self",)).select_related("team")
    found = kept.get(pk=annotation.pk)
    if found.by_id != user.pk:
        require(user, Act.DRAFT_REQUEST, team=found.team, owner_id=found.by_id)
    return found


def _write(remark: Annotation, first_day: date, last_day: date, text: str) -> None:
    if not text.strip():
        raise Invalid("Say what happened.", where="text")
    if last_day < first_day:
        raise Invalid("The last day is before the first.", where="last_day")
    if (last_day - first_day).days > LONGEST_DAYS:
        raise Invalid("A remark covers a year at most.", where="last_day")
    remark.first_day, remark.last_day, remark.text = first_day, last_day, text.strip()
    remark.save()


def _content(remark: Annotation) -> dict[str, Any]:
    return {name: getattr(remark, name) for name in FIELDS}


def _record(
    remark: Annotation,
    verb: str,
    user: User,
    at: datetime,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    events.record(
        actor=user.as_actor(), action=f"annotation.{verb}", subject=remark, at=at, before=before,
        after=after, team_path=remark.team.path,
        live=[f"campaign:{remark.campaign_id}"] if remark.campaign_id else ["campaigns"],
    )  # fmt: skip
