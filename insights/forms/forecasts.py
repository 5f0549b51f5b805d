"""Forecasts: which are shown, turned in a what-if, or overridden."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from core.forms import offer
from insights.models import Forecast
from insights.rules.what_if import Turned


class ForecastFilter(forms.Form):
    """Which forecasts the page shows: of which metric, at which level, how far ahead."""

    metric = forms.ChoiceField(required=False, label="Metric")
    level = forms.ChoiceField(choices=Forecast.Level.choices, required=False, label="Level")
    days = forms.ChoiceField(
        choices=[("7", "7 days"), ("30", "30 days")], required=False, label="Ahead"
    )

    def __init__(
        self, data: Mapping[str, Any], metrics: list[tuple[str, str]], levels: list[str]
    ) -> None:
        self.metrics, self.levels = [key for key, _ in metrics], levels
        super().__init__({"metric": self._asked(data, "metric", self.metrics),
                          "level": self._asked(data, "level", self._preferred(levels)),
                          "days": self._asked(data, "days", ["7", "30"])})  # fmt: skip
        offer(self, "metric", metrics)
        offer(self, "level", [one for one in Forecast.Level.choices if one[0] in levels])

    @staticmethod
    def _asked(data: Mapping[str, Any], name: str, known: list[str]) -> str:
        """What was asked for where it exists, else the first that does."""
        wanted = str(data.get(name, ""))
        return wanted if wanted in known else next(iter(known), "")

    @staticmethod
    def _preferred(levels: list[str]) -> list[str]:
        """Campaigns first: they are what people act on."""
        return sorted(levels, key=lambda one: one != Forecast.Level.CAMPAIGN)

    @property
    def chosen(self) -> dict[str, Any]:
        """Metric, level and days as the selector takes them."""
        return {
            "metric": self.data["metric"],
            "level": self.data["level"],
            "days": int(self.data["days"]),
        }


class OverrideForm(forms.Form):
    """What a person expects instead, in the units of the metric; shares as per cents."""

    days = forms.TypedChoiceField(
        choices=[(7, "the next 7 days"), (30, "the next 30 days")], coerce=int, label="Of"
    )
    value = forms.DecimalField(min_value=0, decimal_places=4, max_digits=18, label="Your figure")
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), label="Why")


class TurnForm(forms.Form):
    """The sliders, in per cents."""

    budget = forms.IntegerField(required=False, min_value=-50, max_value=100)
    cpc = forms.IntegerField(required=False, min_value=-50, max_value=50)
    cvr = forms.IntegerField(required=False, min_value=-50, max_value=50)

    @property
    def turned(self) -> Turned:
        """The changes; what cannot be read counts as none."""
        self.is_valid()
        found = {name: self.cleaned_data.get(name) or 0 for name in ("budget", "cpc", "cvr")}
        return Turned.within(**{name: value / 100 for name, value in found.items()})


class ScenarioForm(forms.Form):
    name = forms.CharField(max_length=80, label="Name of the scenario")
