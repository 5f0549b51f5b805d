"""Scenarios, the tools that change them, and targets from above."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import Team
from budgets.choices import ScenarioSource
from budgets.forms.currencies import CURRENCIES
from budgets.models import BudgetVersion, FiscalYear, Scenario
from budgets.services.topdown import CHANNELS, EQUAL, LAST_YEAR, MONTHS, PERCENT, TEAMS
from campaigns.models import Channel
from core.errors import Invalid
from core.forms import AmountField, offer
from core.money import MICROS, Money

GROW, SHIFT, SPREAD = "grow", "shift", "spread"
QUARTERS = [("", "The whole year"), *((f"Q{n}", f"Q{n}") for n in range(1, 5))]
Choices = Sequence[tuple[str, str]]


class ScenarioForm(forms.Form):
    name = forms.CharField(max_length=80)
    fiscal_year = forms.ModelChoiceField(FiscalYear.objects.all(), label="Fiscal year")
    quarter = forms.ChoiceField(choices=QUARTERS, required=False, label="For")
    team = forms.ModelChoiceField(Team.objects.none(), help_text="With the teams below it.")
    source = forms.ChoiceField(choices=ScenarioSource.choices, label="Begin with")
    version = forms.ModelChoiceField(
        BudgetVersion.objects.select_related("fiscal_year"), required=False,
        help_text="Only where a version is what it begins with.",
    )  # fmt: skip
    percent = forms.DecimalField(
        required=False, min_value=-100, max_value=1000, decimal_places=2, initial=0,
        label="Growth, %",
    )  # fmt: skip
    note = forms.CharField(
        required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, teams: QuerySet[Team], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "team", teams)

    def fields_for_service(self) -> dict[str, Any]:
        """The cleaned content as ``scenario_create`` takes it."""
        data = dict(self.cleaned_data)
        year = data["fiscal_year"]
        data["quarter"] = f"{year.year}-{data['quarter']}" if data["quarter"] else ""
        data["percent"] = data["percent"] or Decimal(0)
        return data


class ScenarioLineForm(forms.Form):
    name = forms.CharField(max_length=160)
    team = forms.ModelChoiceField(Team.objects.none())
    channel = forms.ModelChoiceField(Channel.objects.all())
    currency = forms.ChoiceField(choices=CURRENCIES)

    def __init__(self, teams: QuerySet[Team], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "team", teams)


class ToolForm(forms.Form):
    """One of the tools, and the amounts it works on: of a channel, of months, or all."""

    tool = forms.ChoiceField(
        choices=[
            (GROW, "Grow by percent"),
            (SHIFT, "Move by months"),
            (SPREAD, "Share out a total like last year"),
        ]
    )
    percent = forms.DecimalField(
        required=False, min_value=-100, max_value=1000, decimal_places=2, label="Percent"
    )
    by = forms.IntegerField(
        required=False,
        min_value=-11,
        max_value=11,
        label="Months later",
        help_text="−1 is earlier.",
    )
    total = AmountField(required=False, label="Total")
    currency = forms.ChoiceField(choices=CURRENCIES, required=False)
    channel = forms.ChoiceField(required=False)
    month = forms.ChoiceField(required=False)

    def __init__(self, channels: Choices, months: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "channel", [("", "All channels"), *channels])
        offer(self, "month", [("", "All months"), *months])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        needed = {GROW: "percent", SHIFT: "by", SPREAD: "total"}.get(data.get("tool", ""))
        if needed and data.get(needed) is None and needed not in self.errors:
            self.add_error(needed, "This tool needs it.")
        if needed == "total" and not data.get("currency") and "currency" not in self.errors:
            self.add_error("currency", "Choose the currency of the total.")
        return data

    @property
    def money(self) -> Money:
        return Money(int(self.cleaned_data["total"] * MICROS), self.cleaned_data["currency"])


class AdoptForm(forms.Form):
    reason = forms.CharField(
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What an approver must know. It stays with the change.",
    )
    send = forms.BooleanField(
        required=False, label="Send it at once", help_text="Otherwise it waits as a draft."
    )


class ScenarioCompareForm(forms.Form):
    """Up to four scenarios side by side."""

    year = forms.IntegerField(widget=forms.HiddenInput)
    ids = forms.MultipleChoiceField(label="Scenarios", required=False)

    def __init__(self, scenarios: Sequence[Scenario], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "ids", [(str(one.pk), one.name) for one in scenarios])


class SpreadForm(forms.Form):
    """A target and how it is spread."""

    team = forms.ChoiceField(required=False)
    channel = forms.ChoiceField(required=False)
    over = forms.ChoiceField(
        choices=[(TEAMS, "Teams below"), (CHANNELS, "Channels"), (MONTHS, "Months")], label="Over"
    )
    by = forms.ChoiceField(
        choices=[(EQUAL, "Equal parts"), (LAST_YEAR, "As last year’s plan"), (PERCENT, "Percent")],
        label="How",
    )
    percents = forms.CharField(
        required=False,
        max_length=500,
        help_text="Only for percent: one for each part in the order of the table, such as 60 40.",
    )

    def __init__(self, teams: Choices, channels: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "team", list(teams))
        offer(self, "channel", [("", "All channels"), *channels])

    def numbers(self) -> list[Decimal]:
        """The percents as numbers; raises ``Invalid`` for anything else."""
        words = self.cleaned_data["percents"].replace("%", " ").replace(";", " ").split()
        try:
            return [Decimal(word.replace(",", ".")) for word in words]
        except ArithmeticError as error:
            raise Invalid("A percent is a number such as 12.5.", where="percents") from error
