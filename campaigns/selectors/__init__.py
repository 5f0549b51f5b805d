"""Reading campaigns: which there are, and the filters of every list of them."""

from campaigns.rules.designs import factors_of
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
from campaigns.selectors.experiments import (
    Conflict,
    conflicts_among,
    conflicts_of,
    design_of,
    experiments_for,
    last_day,
    learnings_for,
    looks_of,
    plan_document,
    plan_hash,
    plan_of,
    readings_of,
)
from campaigns.selectors.filters import CampaignFilter, InitiativeFilter

__all__ = [
    "CampaignFilter",
    "Conflict",
    "InitiativeFilter",
    "ad_accounts_for",
    "audiences_for",
    "campaigns_in_sight",
    "campaigns_with_parts",
    "channel_names",
    "conflicts_among",
    "conflicts_of",
    "design_of",
    "edits_of",
    "experiments_for",
    "factors_of",
    "initiatives_for",
    "last_day",
    "learnings_for",
    "looks_of",
    "next_steps",
    "overlapping",
    "plan_document",
    "plan_hash",
    "plan_of",
    "readings_of",
]
