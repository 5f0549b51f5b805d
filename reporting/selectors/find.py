"""What global search finds here."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from campaigns.models import Campaign
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
