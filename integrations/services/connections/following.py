"""A campaign that is paused or resumed here is paused and resumed at its platforms, too."""

from __future__ import annotations

from datetime import datetime

from campaigns.choices import Status
from campaigns.models import Campaign
from core.events import Actor
from integrations.choices import OrderKind
from integrations.services.connections.orders import Change, order_ask

KIND = {
    (Status.LIVE, Status.PAUSED): OrderKind.PAUSE,
    (Status.PAUSED, Status.LIVE): OrderKind.RESUME,
}


def campaign_followed(campaign: Campaign, before: str, actor: Actor, at: datetime) -> None:
    """Ask for the same step at every platform with a connection that may write.

    Called in the transaction of the step; the version in the key asks once for each step.
    """
    kind = KIND.get((Status(before), Status(campaign.status)))
    if kind is None:
        return
    for line in campaign.lines.filter(is_paused=False).select_related("ad_account"):
        order_ask(
            Change(line, kind, ""),
            key=f"campaign:{campaign.pk}:{campaign.version}:{line.pk}",
            actor=actor,
            at=at,
        )
