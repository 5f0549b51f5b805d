"""The three pages of forecasts: what is expected, how good that is, and who says it."""

from __future__ import annotations

from django.urls import reverse

from core.parts import Tab

PLACES = (
    ("forecasts", "Forecasts", "insights:forecasts"),
    ("honesty", "How good they are", "insights:forecast-honesty"),
    ("models", "Models", "insights:models"),
)


def tabs(current: str) -> list[Tab]:
    """The row of tabs with one of them open."""
    return [Tab(label, reverse(name), key == current) for key, label, name in PLACES]
