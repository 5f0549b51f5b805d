"""Reading campaigns: which there are, and the filters of every list of them."""

from campaigns.selectors.campaigns import campaigns_with_parts, next_steps, overlapping
from campaigns.selectors.filters import CampaignFilter

__all__ = ["CampaignFilter", "campaigns_with_parts", "next_steps", "overlapping"]
