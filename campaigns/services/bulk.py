"""One change to many campaigns: all of it or none of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import User
from campaigns.models import Campaign
from campaigns.services.lifecycle import campaign_move
from campaigns.services.plans import campaign_edit
from core.errors import AdroitError


@transaction.atomic
def campaigns_change(
    *,
    campaigns: Sequence[Campaign],
    user: User,
    at: datetime,
    owner: User | None = None,
    to: str | None = None,
    reason: str = "",
) -> int:
    """Give many campaigns a new owner or move them; returns how many.

    When one of them refuses, nothing is changed and the error names it.
    """
    for campaign in campaigns:
        try:
            if owner:
                campaign_edit(campaign=campaign, user=user, at=at, owner=owner)
            if to:
                campaign_move(campaign=campaign, to=to, by=user, reason=reason, at=at)
        except AdroitError as error:
            error.args = (f"{campaign}: {error.message} Nothing was changed.",)
            error.message = str(error.args[0])
            raise
    return len(campaigns)
