"""Forecasts: points, ranges, totals that add up, planned spend, and how good they turned out."""

from analytics.forecast.backtest import origins_of
from analytics.forecast.calls import chances
from analytics.forecast.engine import forecast
from analytics.forecast.naive import carried_on, naive
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
from analytics.forecast.sums import in_units, picked, running, scaled, summed
from analytics.forecast.towards import left_out, towards

__all__ = [
    "Combined",
    "Drift",
    "Forecast",
    "Panel",
    "Past",
    "Score",
    "Scored",
    "carried_on",
    "chances",
    "direction",
    "drift",
    "forecast",
    "in_units",
    "left_out",
    "naive",
    "naive_scale",
    "origins_of",
    "picked",
    "ratio",
    "running",
    "scaled",
    "score",
    "seasonal_naive",
    "summed",
    "towards",
    "wilson",
]
