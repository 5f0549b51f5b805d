"""The business case that a proposal may carry."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from budgets.rules.case import DISCOUNT_RATE, MOST_MONTHS, Case
from core.errors import Invalid
from core.forms import AmountField
from core.money import MICROS


class CaseForm(forms.Form):
    """Cost now, gain a month, for how long, and what money costs; empty is no case."""

    cost = AmountField(required=False, label="Cost now")
    low = AmountField(required=False, label="Gain a month, low")
    mid = AmountField(required=False, label="Middle")
    high = AmountField(required=False, label="High")
    months = forms.IntegerField(required=False, min_value=1, max_value=MOST_MONTHS, initial=12)
    rate = forms.DecimalField(
        required=False,
        min_value=0,
        max_value=100,
        decimal_places=2,
        initial=DISCOUNT_RATE * 100,
        label="Discount rate, % a year",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        named = {name: data.get(name) for name in ("cost", "low", "mid", "high")}
        given = [name for name, value in named.items() if value is not None]
        for name in named if given else ():
            if data.get(name) is None and name not in self.errors:
                self.add_error(name, "A business case needs this amount too.")
        if not self.errors and given and not data["low"] <= data["mid"] <= data["high"]:
            self.add_error("mid", "The gains are not in order: low, middle, high.")
        return data

    def case(self, currency: str) -> Case | None:
        """The case that was entered, None when it was left empty; raises ``Invalid`` without a cost."""
        data = self.cleaned_data
        if data.get("cost") is None:
            return None
        if not data["cost"]:
            raise Invalid("A business case needs what it costs now.", where="cost")
        rate = data.get("rate")
        low, mid, high = (int(data[name] * MICROS) for name in ("low", "mid", "high"))
        return Case(
            currency,
            int(data["cost"] * MICROS),
            (low, mid, high),
            data.get("months") or 12,
            DISCOUNT_RATE if rate is None else rate / Decimal(100),
        )

    @classmethod
    def initial_of(cls, case: Case | None) -> dict[str, Any]:
        """What the form shows of a case that is there already."""
        if case is None:
            return {}
        amounts = dict(zip(("cost", "low", "mid", "high"), (case.cost, *case.gains), strict=True))
        shown = {name: Decimal(micros) / MICROS for name, micros in amounts.items()}
        return {
            **{name: f"{amount:.2f}" for name, amount in shown.items()},
            "months": case.months,
            "rate": case.rate * 100,
        }
