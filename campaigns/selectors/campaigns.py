"""Reading campaigns: no numbers, those come from ``metrics.selectors.query``."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import person, scope_for
from campaigns.choices import MOVES, Status
from campaigns.models import (
    AdAccount,
    Audience,
    Campaign,
    CampaignLine,
    CampaignQuerySet,
    Channel,
    Initiative,
)
from core.models import Event


def campaigns_with_parts(user: User) -> CampaignQuerySet:
    """Visible campaigns with owner, team, and lines with their channels, in four queries."""
    lines = CampaignLine.objects.select_related("channel", "ad_account")
    return (
        Campaign.objects.for_user(user)
        .select_related("owner", "team")
        .prefetch_related(Prefetch("lines", lines))
    )


def campaigns_in_sight(request: HttpRequest) -> CampaignQuerySet:
    """The campaigns a filter offers."""
    return Campaign.objects.for_user(person(request))


def audiences_for(user: User) -> QuerySet[Audience]:
    """Audiences of teams the person may see."""
    return Audience.objects.filter(scope_for(user, Act.VIEW_CAMPAIGNS).where("team__path"))


def channel_names() -> dict[str, str]:
    """Every channel: key -> name."""
    return dict(Channel.objects.values_list("key", "name"))


def ad_accounts_for(user: User) -> QuerySet[AdAccount]:
    """Accounts at platforms of teams the person may see."""
    return AdAccount.objects.filter(scope_for(user, Act.VIEW_CAMPAIGNS).where("team__path"))


def initiatives_for(user: User) -> QuerySet[Initiative]:
    """Visible initiatives with team and owner."""
    return Initiative.objects.for_user(user).select_related("team", "owner")


def edits_of(campaign: Campaign) -> QuerySet[Event]:
    """When a campaign was created and edited, the newest first."""
    return Event.objects.filter(
        subject_type="campaigns.campaign",
        subject_id=str(campaign.pk),
        action__in=["campaign.created", "campaign.changed", "campaign.handed_over"],
    )


def next_steps(campaign: Campaign) -> list[Status]:
    """Where a campaign may go from where it is, in the order of its life."""
    return [Status(step) for step in MOVES[campaign.status]]


def overlapping(campaign: Campaign) -> CampaignQuerySet:
    """Running campaigns of any team that share an audience and days of the flight with this one."""
    others = Campaign.objects.filter(
        audiences__in=campaign.audiences.all(), status__in=[Status.APPROVED, Status.LIVE]
    ).exclude(pk=campaign.pk)
    if campaign.flight_end:
        others = others.exclude(flight_start__gt=campaign.flight_end)
    if campaign.flight_start:
        others = others.exclude(flight_end__lt=campaign.flight_start)
    return others.distinct()
