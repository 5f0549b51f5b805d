"""Campaigns that a file or a platform tells us about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import Team, User
from campaigns.choices import Status
from campaigns.models import AdAccount, Campaign, CampaignLine, Channel, Transition
from campaigns.services.parts import line_create
from campaigns.services.plans import campaign_create
from core import events
from core.events import Actor

IMPORTED = "First seen in an import."


@dataclass(frozen=True, slots=True)
class ImportedCampaign:
    """A campaign as a platform names it; ``external_id`` is "" where the file has none."""

    name: str
    external_id: str = ""


@transaction.atomic
def imported_lines_ensure(
    *,
    team: Team,
    owner: User,
    channel: Channel,
    currency: str,
    ad_account: AdAccount | None,
    found: Sequence[ImportedCampaign],
    actor: Actor,
    at: datetime,
) -> dict[ImportedCampaign, CampaignLine]:
    """The line of each imported campaign, created where it is new.

    A line is known by the platform's number within its ad account, else by its name
    within the ad account (or, without one, within the team and currency). A renamed
    platform campaign keeps its line, and its new name is recorded.
    """
    return {
        item: _line(item, team, owner, channel, currency, ad_account, actor, at) for item in found
    }


def _line(
    item: ImportedCampaign,
    team: Team,
    owner: User,
    channel: Channel,
    currency: str,
    ad_account: AdAccount | None,
    actor: Actor,
    at: datetime,
) -> CampaignLine:
    known = _known(item, team, currency, ad_account)
    if known:
        return _renamed(known, item, actor, at)
    campaign = _campaign(item.name, team, owner, actor, at)
    return line_create(
        campaign=campaign,
        channel=channel,
        name=_free_name(campaign, item),
        currency=currency,
        ad_account=ad_account,
        external_id=item.external_id,
        actor=actor,
        at=at,
    )


def _known(
    item: ImportedCampaign, team: Team, currency: str, ad_account: AdAccount | None
) -> CampaignLine | None:
    lines = CampaignLine.objects.select_related("campaign__team")
    if ad_account and item.external_id:
        return lines.filter(ad_account=ad_account, external_id=item.external_id).first()
    if ad_account:
        return lines.filter(ad_account=ad_account, name__iexact=item.name.strip()).first()
    within = lines.filter(campaign__team=team, currency=currency, ad_account=None)
    if item.external_id:
        return within.filter(external_id=item.external_id).first()
    return within.filter(name__iexact=item.name.strip()).first()


def _renamed(
    line: CampaignLine, item: ImportedCampaign, actor: Actor, at: datetime
) -> CampaignLine:
    name = item.name.strip()
    if not item.external_id or line.name == name:
        return line
    if line.campaign.lines.filter(name__iexact=name).exclude(pk=line.pk).exists():
        return line
    before, line.name = line.name, name
    line.save(update_fields=["name"])
    events.record(
        actor=actor,
        action="line.renamed",
        subject=line,
        at=at,
        before={"name": before},
        after={"name": line.name},
        reason="The platform reports a new name.",
        team_path=line.campaign.team.path,
    )
    return line


def _campaign(name: str, team: Team, owner: User, actor: Actor, at: datetime) -> Campaign:
    """The team's campaign of that name; a new one is live already, since it has numbers."""
    # Blanks around a name are not kept with a campaign, so they must not hide it either.
    known = Campaign.objects.filter(team=team, name__iexact=name.strip()).first()
    if known:
        return known
    campaign = campaign_create(team=team, owner=owner, name=name, actor=actor, at=at)
    campaign.status = Status.LIVE
    campaign.save(update_fields=["status"])
    Transition.objects.create(
        campaign=campaign,
        before=Status.DRAFT,
        after=Status.LIVE,
        by_name=actor.name,
        reason=IMPORTED,
        at=at,
    )
    return campaign


def _free_name(campaign: Campaign, item: ImportedCampaign) -> str:
    """Two platform campaigns may share a name; the second line carries its number."""
    name = item.name.strip()
    taken = campaign.lines.filter(name__iexact=name).exists()
    return f"{name} ({item.external_id or campaign.lines.count() + 1})" if taken else name
