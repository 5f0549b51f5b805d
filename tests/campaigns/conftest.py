from datetime import UTC, date, datetime

import pytest

from campaigns.models import Campaign, Channel
from campaigns.services import campaign_create, line_create
from tests.cast import Cast

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def campaign(cast: Cast) -> Campaign:
    """A draft of Jonas for DACH, with one line."""
    made = campaign_create(
        user=cast.manager,
        team=cast.dach,
        owner=cast.manager,
        name="Winter layers",
        flight_start=date(2026, 11, 2),
        flight_end=date(2026, 12, 20),
        at=NOW,
    )
    channel = Channel.objects.get(key="search")
    line_create(
        user=cast.manager, campaign=made, channel=channel, name="Search DE", currency="EUR", at=NOW
    )
    return made
