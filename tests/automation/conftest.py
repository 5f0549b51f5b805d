from datetime import UTC, date, datetime

import pytest

from campaigns.models import Campaign
from campaigns.services import campaign_create
from insights.models import Finding
from tests.cast import Cast

NOW = datetime(2026, 11, 22, 7, tzinfo=UTC)


@pytest.fixture
def campaign(cast: Cast) -> Campaign:
    return campaign_create(
        user=cast.manager, team=cast.dach, owner=cast.manager, name="Winter layers", at=NOW
    )


@pytest.fixture
def finding(cast: Cast, campaign: Campaign) -> Finding:
    """The return of Jonas's campaign falls."""
    return Finding.objects.create(
        kind=Finding.Kind.TREND,
        cause=f"trend:roas:campaign:{campaign.pk}",
        team=cast.dach,
        campaign=campaign,
        metric="roas",
        title="Return on ad spend of Winter layers fell from 1.88× to 0.89×",
        reason="Three months in a row.",
        window_start=date(2026, 8, 1),
        window_end=date(2026, 10, 31),
        evidence={
            "severity": "critical",
            "unit": "ratio",
            "method": "Monthly sums, complete months",
            "periods": [
                {"label": "Aug", "value": "1.88"},
                {"label": "Sep", "value": "1.42"},
                {"label": "Oct", "value": "0.89"},
            ],
            "facts": [["Change", "−53 %"]],
        },
        stake_micros=12_000_000_000,
        currency="EUR",
        found_at=NOW,
        seen_at=NOW,
    )
