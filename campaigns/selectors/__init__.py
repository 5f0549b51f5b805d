"""Reading campaigns: which there are, and the filters of every list of them."""

from campaigns.selectors.campaigns import (
    ad_accounts_for,
    audiences_for,
    campaigns_in_sight,
    campaigns_with_parts,
    channel_names,
    edits_of,
    initiatives_for,
    next_steps,
    overlapping,
)
from campaigns.selectors.filters import CampaignFilter, InitiativeFilter

__all__ = [
    "CampaignFilter",
    "InitiativeFilter",
    "ad_accounts_for",
    "audiences_for",
    "campaigns_in_sight",
    "campaigns_with_parts",
    "channel_names",
    "edits_of",
    "initiatives_for",
    "next_steps",
    "overlapping",
]
