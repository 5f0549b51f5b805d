"""The registry: every metric once, in the order people read them.

Tiles, tables, targets, alerts, packs and exports all read this list; a new metric is one
more entry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.errors import Invalid
from metrics.choices import MEASURES, Direction, Tier, Unit
from metrics.rules.metric import MEASURE_LABELS, Metric

UP, DOWN, NEITHER = Direction.UP, Direction.DOWN, Direction.NONE
COUNT, MONEY, PERCENT, RATIO = Unit.COUNT, Unit.MONEY, Unit.PERCENT, Unit.RATIO
BOARD, CMO, DIRECTOR, OPERATIONS = Tier.BOARD, Tier.CMO, Tier.DIRECTOR, Tier.OPERATIONAL


def _sum(
    measure: str,
    unit: Unit,
    direction: Direction,
    tier: Tier,
    domain: str,
    description: str,
    parents: tuple[str, ...] = (),
) -> Metric:
    """A metric that adds up: the measure itself."""
    label = MEASURE_LABELS[measure]
    return Metric(measure, label, measure, "", unit, direction, tier, domain, description, parents)


_ALL = (
    _sum(
        "revenue",
        MONEY,
        UP,
        BOARD,
        "Value",
        "Revenue that the ad platforms and analytics attribute to marketing.",
    ),
    Metric(
        "cost_share",
        "Cost share of revenue",
        "spend",
        "revenue",
        PERCENT,
        DOWN,
        BOARD,
        "Value",
        "How much of each unit of revenue goes back into media.",
    ),
    _sum(
        "spend",
        MONEY,
        NEITHER,
        CMO,
        "Cost",
        "Media cost as the platforms bill it.",
        ("cost_share",),
    ),
    Metric(
        "roas",
        "ROAS",
        "revenue",
        "spend",
        RATIO,
        UP,
        CMO,
        "Value",
        "Return on ad spend: revenue for each unit of media cost.",
        ("revenue", "cost_share"),
    ),
    _sum(
        "order_value",
        MONEY,
        UP,
        CMO,
        "Value",
        "Value of the orders placed, before returns and shipping.",
        ("revenue",),
    ),
    _sum(
        "conversions",
        COUNT,
        UP,
        CMO,
        "Results",
        "Orders, sign-ups or whatever the campaign counts as its result; platforms report fractions.",
        ("revenue",),
    ),
    Metric(
        "roas_order_value",
        "ROAS on order value",
        "order_value",
        "spend",
        RATIO,
        UP,
        DIRECTOR,
        "Value",
        "Order value for each unit of media cost.",
        ("roas",),
    ),
    Metric(
        "cpa",
        "Cost per conversion",
        "spend",
        "conversions",
        MONEY,
        DOWN,
        DIRECTOR,
        "Cost",
        "What one conversion costs in media.",
        ("roas",),
    ),
    Metric(
        "aov",
        "Average order value",
        "order_value",
        "conversions",
        MONEY,
        UP,
        DIRECTOR,
        "Value",
        "What one conversion is worth when it is placed.",
        ("order_value",),
    ),
    Metric(
        "cvr",
        "Conversion rate",
        "conversions",
        "clicks",
        PERCENT,
        UP,
        DIRECTOR,
        "Results",
        "Share of clicks that end in a conversion.",
        ("conversions",),
    ),
    _sum(
        "leads",
        COUNT,
        UP,
        DIRECTOR,
        "Results",
        "People who left their contact details.",
        ("conversions",),
    ),
    Metric(
        "cpl",
        "Cost per lead",
        "spend",
        "leads",
        MONEY,
        DOWN,
        DIRECTOR,
        "Cost",
        "What one lead costs in media.",
        ("cpa",),
    ),
    _sum(
        "clicks",
        COUNT,
        UP,
        OPERATIONS,
        "Traffic",
        "Clicks on the ads.",
        ("cvr",),
    ),
    Metric(
        "cpc",
        "Cost per click",
        "spend",
        "clicks",
        MONEY,
        DOWN,
        OPERATIONS,
        "Cost",
        "What one click costs in media.",
        ("cpa",),
    ),
    Metric(
        "lead_rate",
        "Lead rate",
        "leads",
        "clicks",
        PERCENT,
        UP,
        OPERATIONS,
        "Results",
        "Share of clicks that end in a lead.",
        ("leads",),
    ),
    _sum(
        "impressions",
        COUNT,
        UP,
        OPERATIONS,
        "Reach",
        "How often the ads were shown.",
        ("clicks",),
    ),
    Metric(
        "ctr",
        "Click-through rate",
        "clicks",
        "impressions",
        PERCENT,
        UP,
        OPERATIONS,
        "Traffic",
        "Share of impressions that end in a click.",
        ("clicks",),
    ),
    Metric(
        "cpm",
        "Cost per thousand",
        "spend",
        "impressions",
        MONEY,
        DOWN,
        OPERATIONS,
        "Cost",
        "What a thousand impressions cost in media.",
        ("cpc",),
        factor=1000,
    ),
    _sum(
        "engagements",
        COUNT,
        UP,
        OPERATIONS,
        "Attention",
        "Likes, comments, shares and saves.",
        ("impressions",),
    ),
    Metric(
        "engagement_rate",
        "Engagement rate",
        "engagements",
        "impressions",
        PERCENT,
        UP,
        OPERATIONS,
        "Attention",
        "Share of impressions that somebody reacts to.",
        ("ctr",),
    ),
    _sum(
        "video_views",
        COUNT,
        UP,
        OPERATIONS,
        "Attention",
        "Views as the platform counts them.",
        ("impressions",),
    ),
    Metric(
        "video_view_rate",
        "View rate",
        "video_views",
        "impressions",
        PERCENT,
        UP,
        OPERATIONS,
        "Attention",
        "Share of impressions that become a view.",
        ("engagement_rate",),
    ),
)

METRICS: Mapping[str, Metric] = {metric.key: metric for metric in _ALL}


def metric_for(key: str) -> Metric:
    """The metric of that key; raises ``Invalid`` and names the near ones for anything else."""
    try:
        return METRICS[key]
    except KeyError as error:
        raise Invalid(
            f"There is no metric “{key}”.",
            code="unknown_metric",
            where="metrics",
            remedy=f"Use one of {', '.join(METRICS)}.",
        ) from error


def measures_of(metrics: Sequence[Metric]) -> list[str]:
    """The additive columns a set of metrics needs, in their fixed order."""
    needed = {measure for metric in metrics for measure in metric.measures}
    return [measure for measure in MEASURES if measure in needed]


def by_tier() -> dict[Tier, list[Metric]]:
    """The four tiers, from the board down."""
    return {tier: [m for m in _ALL if m.tier == tier] for tier in Tier}


def children_of(key: str) -> list[Metric]:
    """The metrics that explain this one, one step down the tree."""
    return [metric for metric in _ALL if key in metric.parents]
