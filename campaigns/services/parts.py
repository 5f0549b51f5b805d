"""The parts of a campaign: channel lines, creatives, audiences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models.functions import Lower

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import require
from campaigns.models import AdAccount, Audience, Campaign, CampaignLine, Channel, Creative
from campaigns.services.book import NAMELESS
from campaigns.services.folding import folded
from campaigns.services.plans import acting, clean
from core import events
from core.errors import Conflict, Invalid
from core.events import Actor
from core.text import plain_name

LINE_FIELDS = ("name", "channel", "external_id", "starts_on", "ends_on", "is_paused")
CREATIVE_FIELDS = ("name", "format", "state", "owner", "due_on", "link")


@transaction.atomic
def line_create(
    *,
    campaign: Campaign,
    channel: Channel,
    name: str,
    currency: str,
    at: datetime,
    user: User | None = None,
    actor: Actor | None = None,
    ad_account: AdAccount | None = None,
    external_id: str = "",
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> CampaignLine:
    """Add a campaign's line in a channel; its currency is the ad account's when there is one."""
    if user:
        require(user, Act.DRAFT_REQUEST, team=campaign.team, owner_id=campaign.owner_id)
    if ad_account and ad_account.currency != currency:
        raise Invalid(
            f"{ad_account} is paid in {ad_account.currency}, not in {currency}.", where="currency"
        )
    line = CampaignLine(
        campaign=campaign,
        channel=channel,
        ad_account=ad_account,
        name=name.strip(),
        external_id=external_id,
        currency=currency,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    clean(line)
    line.save()
    _record(acting(user, actor), "line.created", line, campaign, at, after={"name": line.name})
    return line


@transaction.atomic
def line_edit(*, line: CampaignLine, user: User, at: datetime, **changes: Any) -> CampaignLine:
    """Change any of ``LINE_FIELDS``; the currency never changes."""
    campaign = line.campaign
    require(user, Act.DRAFT_REQUEST, team=campaign.team, owner_id=campaign.owner_id)
    before, after = changed(line, changes, LINE_FIELDS)
    if after:
        clean(line)
        line.save()
        _record(user.as_actor(), "line.changed", line, campaign, at, before=before, after=after)
    return line


@transaction.atomic
def line_move(*, line_id: int, to: Campaign, user: User, at: datetime) -> CampaignLine:
    """Put a line with all its numbers under another campaign, such as the one it was planned as.

    Raises ``Conflict`` when that campaign has a line of the same name.
    """
    line = CampaignLine.objects.select_for_update().select_related("campaign__team").get(pk=line_id)
    before = line.campaign
    for campaign in (before, to):
        require(user, Act.UPLOAD_IMPORT, team=campaign.team, owner_id=user.pk)
    if to.lines.filter(name__iexact=line.name).exclude(pk=line.pk).exists():
        raise Conflict(
            f"{to} has a line called “{line.name}” already.",
            remedy="Rename one of the two lines first.",
        )
    line.campaign = to
    line.save(update_fields=["campaign"])
    _record(
        user.as_actor(), "line.moved", line, to, at,
        before={"campaign": before.name}, after={"campaign": to.name},
    )  # fmt: skip
    return line


@dataclass(frozen=True, slots=True)
class NamedCreative:
    """A creative as an import names it, in one of our campaigns."""

    campaign_id: int
    name: str
    external_id: str = ""


@transaction.atomic
def creatives_ensure(found: Sequence[NamedCreative]) -> dict[NamedCreative, int]:
    """The number of each campaign's creative of that name, created when an import meets it first."""
    plain = {item: plain_name(item.name) or item.external_id or NAMELESS for item in found}
    names = folded(plain.values())
    keys = {item: (item.campaign_id, names[plain[item]]) for item in found}
    known = _creatives_of(keys.values())
    # In one order, so that two imports at once wait for each other and never both.
    new = {key: item for item, key in reversed(keys.items()) if key not in known}
    if new:
        Creative.objects.bulk_create(
            [
                Creative(
                    campaign_id=item.campaign_id, name=plain[item], external_id=item.external_id
                )
                for _, item in sorted(new.items())
            ],
            batch_size=1_000,
            ignore_conflicts=True,
        )
        known = _creatives_of(keys.values())
    return {item: known[key] for item, key in keys.items()}


def _creatives_of(keys: Iterable[tuple[int, str]]) -> dict[tuple[int, str], int]:
    wanted = set(keys)
    creatives = Creative.objects.annotate(folded=Lower("name")).filter(
        campaign__in={campaign for campaign, _ in wanted}, folded__in={name for _, name in wanted}
    )
    rows = creatives.order_by().values_list("campaign_id", "folded", "pk")
    return {(campaign, name): pk for campaign, name, pk in rows}


@transaction.atomic
def creative_save(
    *,
    campaign: Campaign,
    user: User,
    at: datetime,
    creative: Creative | None = None,
    **changes: Any,
) -> Creative:
    """Create or change a creative of the asset plan."""
    require(user, Act.DRAFT_REQUEST, team=campaign.team, owner_id=campaign.owner_id)
    verb = "changed" if creative else "created"
    creative = creative or Creative(campaign=campaign)
    before, after = changed(creative, changes, CREATIVE_FIELDS)
    clean(creative)
    creative.save()
    _record(user.as_actor(), f"creative.{verb}", creative, campaign, at, before=before, after=after)
    return creative


@transaction.atomic
def audience_create(
    *,
    team: Team,
    user: User,
    name: str,
    at: datetime,
    definition: str = "",
    size: int | None = None,
) -> Audience:
    """Describe an audience once for a team."""
    require(user, Act.DRAFT_REQUEST, team=team, owner_id=user.pk)
    audience = Audience(team=team, name=name.strip(), definition=definition, size=size)
    clean(audience)
    audience.save()
    events.record(
        actor=user.as_actor(),
        action="audience.created",
        subject=audience,
        at=at,
        after={"name": audience.name},
        team_path=team.path,
    )
    return audience


def changed(
    instance: Any, changes: dict[str, Any], allowed: tuple[str, ...]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set the allowed fields that differ; what they were and what they are."""
    if unknown := set(changes) - set(allowed):
        raise Invalid(f"{', '.join(sorted(unknown))} cannot be changed here.")
    fields = [name for name, value in changes.items() if getattr(instance, name) != value]
    before = {name: getattr(instance, name) for name in fields}
    for name in fields:
        setattr(instance, name, changes[name])
    return before, {name: changes[name] for name in fields}


def _record(
    actor: Actor,
    action: str,
    part: CampaignLine | Creative,
    campaign: Campaign,
    at: datetime,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    events.record(
        actor=actor,
        action=action,
        subject=part,
        at=at,
        before=before,
        after=after,
        team_path=campaign.team.path,
        live=[f"campaign:{campaign.pk}"],
    )
