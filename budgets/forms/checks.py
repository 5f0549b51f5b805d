"""Spending checks: three-way choices for each stage, and for whom they hold."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import Team
from budgets.choices import CheckLevel
from budgets.models import BudgetLine
from campaigns.models import Channel
from core.forms import offer


class LevelsForm(forms.Form):
    """What happens at each stage when a line would be overdrawn."""

    requests = forms.ChoiceField(choices=CheckLevel.choices, initial=CheckLevel.WARN)
    orders = forms.ChoiceField(choices=CheckLevel.choices, initial=CheckLevel.STOP)
    actuals = forms.ChoiceField(choices=CheckLevel.choices, initial=CheckLevel.WARN, label="Bills")
    cumulative = forms.ChoiceField(
        choices=CheckLevel.choices, initial=CheckLevel.WARN, label="Year to date"
    )


class CheckForm(LevelsForm):
    """The same with its scope: one budget line, or a team and a channel."""

    budget_line = forms.ModelChoiceField(BudgetLine.objects.none(), required=False)
    team = forms.ModelChoiceField(Team.objects.none(), required=False)
    channel = forms.ModelChoiceField(Channel.objects.all(), required=False)
    field_order = ("budget_line", "team", "channel")

    def __init__(
        self, lines: QuerySet[BudgetLine], teams: QuerySet[Team], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "budget_line", lines)
        field: Any = self.fields["budget_line"]
        field.label_from_instance = lambda line: f"{line}, {line.fiscal_year}"
        offer(self, "team", teams)

    @property
    def levels(self) -> dict[str, str]:
        """What was chosen for each stage."""
        return {name: self.cleaned_data[name] for name in LevelsForm.base_fields}
