"""What of campaigns a person who leaves hands over: open campaigns, initiatives, creatives."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import may, require
from accounts.services import Handover, register_handover
from campaigns.choices import Status
from campaigns.models import Campaign, Initiative
from core import events
from core.errors import Invalid

OVER = (Status.COMPLETED, Status.REVIEWED, Status.ARCHIVED)


def open_campaigns(user: User) -> QuerySet[Campaign]:
    """Campaigns of a person that are not over."""
    return Campaign.objects.filter(owner=user).exclude(status__in=OVER).select_related("team")


def open_initiatives(user: User) -> QuerySet[Initiative]:
    """Initiatives a person answers for."""
    return Initiative.objects.filter(owner=user).select_related("team")


@transaction.atomic
def campaigns_hand_over(*, user: User, to: User, by: User, at: datetime) -> int:
    """Give a person's open campaigns to somebody who may work on all of them."""
    return _hand(open_campaigns(user), "campaign.handed_over", user, to, by, at)


@transaction.atomic
def initiatives_hand_over(*, user: User, to: User, by: User, at: datetime) -> int:
    """Give a person's initiatives to somebody who may work on all of them."""
    return _hand(open_initiatives(user), "initiative.handed_over", user, to, by, at)


def _hand(
    rows: Iterable[Campaign | Initiative], action: str, user: User, to: User, by: User, at: datetime
) -> int:
    require(by, Act.INVITE_USER)
    held = list(rows)
    for row in held:
        if not may(to, Act.DRAFT_REQUEST, team=row.team, owner_id=to.pk):
            raise Invalid(f"{to} may not work on “{row}” of {row.team}.", where="to")
        row.owner = to
        row.save(update_fields=["owner"])
        events.record(
            actor=by.as_actor(), action=action, subject=row, at=at, before={"owner": user.name},
            after={"owner": to.name}, team_path=row.team.path,
        )  # fmt: skip
    return len(held)


def register_handovers() -> None:
    """Campaigns and initiatives need somebody who answers for them."""
    register_handover(
        Handover(
            "campaigns", "open campaign", "open campaigns", open_campaigns, campaigns_hand_over
        )
    )
    register_handover(
        Handover(
            "initiatives", "initiative", "initiatives", open_initiatives, initiatives_hand_over
        )
    )
