"""Campaigns where other rooms point at them: in the global search, and behind a carried out request."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from accounts.models import User
from approvals.models import ChangeRequest
from campaigns.models import Campaign, Optimisation
from core import formats
from core.parts import Need
from core.search import Hit


def find_campaigns(user: Any, text: str, limit: int) -> list[Hit]:
    """Visible campaigns whose name holds the text."""
    found = Campaign.objects.for_user(user).filter(name__icontains=text).select_related("team")
    return [
        Hit(
            "Campaigns",
            campaign.name,
            f"{campaign.team} · {campaign.get_status_display().lower()}",
            reverse("reporting:campaign", args=[campaign.pk]),
            "speakerphone",
        )
        for campaign in found[:limit]
    ]


def logged_changes_of(user: User, request: ChangeRequest) -> list[Need]:
    """The entries of the optimisation log that a carried out request wrote, by campaign."""
    logged = Optimisation.objects.filter(
        request_id=request.pk, campaign__in=Campaign.objects.for_user(user)
    ).select_related("campaign", "line")
    return [
        Need(
            f"Logged as a change of {entry.line or entry.campaign}",
            reverse("reporting:campaign", args=[entry.campaign_id]),
            "history",
            meta=f"{entry.what} · {formats.day(entry.made_on)}",
        )
        for entry in logged
    ]
