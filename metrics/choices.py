"""The measures, tiers and units. Metrics themselves are in ``metrics.rules.registry``."""

from __future__ import annotations

from django.db import models

# Additive columns of the facts, in this order everywhere. Those in MICRO_MEASURES are
# kept in millionths (money of the line's currency, or fractional conversions).
MEASURES = (
    "impressions",
    "clicks",
    "spend",
    "conversions",
    "revenue",
    "order_value",
    "leads",
    "engagements",
    "video_views",
)
MONEY_MEASURES = frozenset({"spend", "revenue", "order_value"})
MICRO_MEASURES = MONEY_MEASURES | {"conversions"}

# Shares of ad auctions, each kept as the observation ``auction.<share>`` of a domain.
AUCTION_SHARES = {
    "impression_share": "Impression share",
    "overlap_rate": "Overlap",
    "position_above_rate": "Position above us",
    "top_of_page_rate": "Top of page",
    "abs_top_of_page_rate": "Very top of page",
    "outranking_share": "We outrank them",
}
# The subject of observations that are about ourselves.
OURS = ""


def auction_metric(share: str) -> str:
    """The metric under which a share of auctions is observed."""
    return f"auction.{share}"


class Bound(models.TextChoices):
    """What an observed value says where the source gives no exact one, such as ``< 10 %``."""

    EXACT = "", "Exact"
    BELOW = "below", "Below"
    ABOVE = "above", "Above"


class Tier(models.TextChoices):
    BOARD = "board", "Board"
    CMO = "cmo", "Marketing leadership"
    DIRECTOR = "director", "Director"
    OPERATIONAL = "operational", "Operations"


class Unit(models.TextChoices):
    COUNT = "count", "Count"
    MONEY = "money", "Money"
    PERCENT = "percent", "Per cent"
    RATIO = "ratio", "Times"


class Direction(models.TextChoices):
    UP = "up", "Higher is better"
    DOWN = "down", "Lower is better"
    NONE = "none", "Neither"
