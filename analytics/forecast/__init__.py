"""Forecasts: points, ranges, totals that add up, planned spend, and how good they turned out."""

from analytics.forecast.engine import forecast
from analytics.forecast.panel import Panel
from analytics.forecast.ratio import ratio
from analytics.forecast.results import Combined, Forecast, Past
from analytics.forecast.scores import (
    Drift,
    Score,
    Scored,
    direction,
    drift,
    naive_scale,
    score,
    seasonal_naive,
    wilson,
)

__all__ = [
    "Combined",
    "Drift",
    "Forecast",
    "Panel",
    "Past",
    "Score",
    "Scored",
    "direction",
    "drift",
    "forecast",
    "naive_scale",
    "ratio",
    "score",
    "seasonal_naive",
    "wilson",
]
