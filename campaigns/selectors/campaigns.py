"""Reading campaigns: no numbers, those come from ``metrics.selectors.query``."""

from __future__ import annotations

from django.db.models import Prefetch

from accounts.models import User
from campaigns.choices import MOVES, Status
from campaigns.models import Campaign, CampaignLine, CampaignQuerySet


def campaigns_with_parts(user: User) -> CampaignQuerySet:
    """Visible campaigns with owner, team, and lines with their channels, in four queries."""
    lines = CampaignLine.objects.select_related("channel", "ad_account")
    return (
        Campaign.objects.for_user(user)
        .select_related("owner", "team")
        .prefetch_related(Prefetch("lines", lines))
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
