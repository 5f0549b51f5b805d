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
