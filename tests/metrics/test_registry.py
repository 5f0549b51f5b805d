"""The registry: one formula per metric, four tiers, ratios of sums."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from metrics.choices import MEASURES, MICRO_MEASURES, Direction, Tier, Unit
from metrics.rules.registry import METRICS, by_tier, children_of, metric_for

MUST_HAVE = [
    "impressions",
    "clicks",
    "spend",
    "conversions",
    "revenue",
    "order_value",
    "leads",
    "engagements",
    "video_views",
    "ctr",
    "cpc",
    "cpm",
    "cpa",
    "cvr",
    "roas",
    "roas_order_value",
    "aov",
    "cpl",
    "engagement_rate",
    "cost_share",
]


@pytest.mark.feature("1.12")
def test_every_metric_of_the_product_is_registered_once() -> None:
    assert set(MUST_HAVE) <= set(METRICS)
    assert [metric.key for metric in METRICS.values()] == list(METRICS)


@pytest.mark.feature("1.7")
def test_the_tree_has_four_tiers_and_leads_to_the_board() -> None:
    tiers = list(Tier)
    for metric in METRICS.values():
        if metric.tier == Tier.BOARD:
            assert not metric.parents
            continue
        assert metric.parents, f"{metric.key} hangs in the air"
        parents = [METRICS[key] for key in metric.parents]
        assert all(tiers.index(p.tier) <= tiers.index(metric.tier) for p in parents)
        assert _reaches_the_board(metric.key)
    assert all(by_tier()[tier] for tier in tiers)
    assert "roas" in [metric.key for metric in children_of("revenue")]


def _reaches_the_board(key: str, steps: int = 0) -> bool:
    assert steps < len(METRICS), f"{key} runs in a circle"
    metric = METRICS[key]
    return metric.tier == Tier.BOARD or any(
        _reaches_the_board(p, steps + 1) for p in metric.parents
    )


def test_formulas_read_as_people_write_them() -> None:
    assert METRICS["cpm"].formula == "Spend ÷ Impressions × 1,000"
    assert METRICS["roas"].formula == "Revenue ÷ Spend"
    assert METRICS["spend"].formula == "Sum of spend"


def test_direction_and_unit_are_known_per_metric() -> None:
    assert METRICS["cpa"].up_is_good is False
    assert METRICS["roas"].up_is_good is True
    assert METRICS["spend"].up_is_good is None
    assert METRICS["cpa"].direction is Direction.DOWN
    assert METRICS["ctr"].unit is Unit.PERCENT
    assert METRICS["cpc"].in_micros
    assert METRICS["conversions"].in_micros
    assert not METRICS["clicks"].in_micros


def test_an_unknown_metric_is_refused_by_name() -> None:
    with pytest.raises(Invalid, match="no metric “roi”"):
        metric_for("roi")


def _sums(**known: int | None) -> dict[str, int | None]:
    return dict.fromkeys(MEASURES) | known


def test_values_in_their_units() -> None:
    sums = _sums(
        impressions=200_000, clicks=1_000, spend=420_000_000, conversions=12_500_000, revenue=0
    )
    assert METRICS["ctr"].value(sums) == Decimal("0.005")
    assert METRICS["cpc"].value(sums) == 420_000
    assert METRICS["cpm"].value(sums) == 2_100_000
    assert METRICS["cpa"].value(sums) == 33_600_000
    assert METRICS["cvr"].value(sums) == Decimal("0.0125")
    assert METRICS["roas"].value(sums) == 0


def test_not_reported_is_none_and_never_zero() -> None:
    assert METRICS["roas"].value(_sums(spend=1_000_000)) is None
    assert METRICS["spend"].value(_sums()) is None
    assert METRICS["ctr"].value(_sums(clicks=3)) is None
    assert METRICS["ctr"].value(_sums(clicks=3, impressions=0)) is None


@given(top=st.integers(0, 10**17), bottom=st.integers(1, 10**17))
def test_money_ratios_are_exact_to_half_even_at_the_micro(top: int, bottom: int) -> None:
    for key in ("cpc", "cpm", "cpa"):
        metric = METRICS[key]
        scale = 10**6 if metric.denominator in MICRO_MEASURES else 1
        exact = Fraction(top * metric.factor * scale, bottom)
        value = metric.value(_sums(**{metric.numerator: top, metric.denominator: bottom}))
        assert value == round(exact)
