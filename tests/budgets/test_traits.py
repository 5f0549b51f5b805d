"""What a budget move tells policy besides its amount."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from approvals.choices import Risk
from approvals.rules.routing import Traits
from approvals.services import action_for
from budgets.choices import REALLOCATION
from tests.budgets.world import create_world, move
from tests.cast import Cast


@pytest.mark.feature("9.1")
def test_a_move_keeps_share_channels_and_risk_with_the_request(cast: Cast) -> None:
    request = move(create_world(cast), cast.manager)
    request.refresh_from_db()
    assert request.percent is not None
    assert request.percent > 0
    assert request.channels == sorted(request.channels) != []
    told = action_for(REALLOCATION).traits(request.payload, at=request.created_at)  # type: ignore[attr-defined]
    assert isinstance(told, Traits)
    assert told.percent is not None
    assert abs(told.percent - request.percent) < Decimal("0.01")
    assert told.risk == request.risk


@pytest.mark.feature("9.1")
def test_near_the_end_of_a_running_line_the_risk_is_high(cast: Cast) -> None:
    request = move(create_world(cast), cast.manager)
    part = next(m["campaign_line"] for m in request.payload["moves"] if m["campaign_line"])
    from campaigns.models import Campaign, CampaignLine

    line = CampaignLine.objects.get(pk=part)
    Campaign.objects.filter(pk=line.campaign_id).update(status="live")
    today = request.created_at.date()

    def risk(days: int) -> str:
        CampaignLine.objects.filter(pk=part).update(ends_on=today + timedelta(days=days))
        traits = action_for(REALLOCATION).traits(request.payload, at=request.created_at)  # type: ignore[attr-defined]
        return str(traits.risk)

    assert risk(7) == Risk.HIGH
    assert risk(90) != Risk.HIGH or (request.percent or 0) > 50
