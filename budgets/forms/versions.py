"""Versions of a plan, locks, and what is compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import Team
from budgets.choices import LockLevel
from core.forms import offer

BY_LINE, BY_CHANNEL, BY_TEAM = "line", "channel", "team"


class VersionForm(forms.Form):
    name = forms.CharField(max_length=80, help_text="Such as “Board, June”.")
    note = forms.CharField(
        required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 2})
    )


class CompareForm(forms.Form):
    """Two points of a year's plan, and how to look at the difference."""

    year = forms.IntegerField(widget=forms.HiddenInput)
    old = forms.ChoiceField(label="From")
    new = forms.ChoiceField(label="To")
    by = forms.ChoiceField(
        label="By",
        required=False,
        choices=[(BY_LINE, "Line"), (BY_CHANNEL, "Channel"), (BY_TEAM, "Team")],
    )
    all = forms.ChoiceField(
        label="Show", required=False, choices=[("", "Only differences"), ("1", "Every amount")]
    )

    def __init__(self, points: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "old", list(points))
        offer(self, "new", list(points))


class UnlockForm(forms.Form):
    """Why a plan should be unlocked; ``team`` is the one that the person leads."""

    team = forms.ModelChoiceField(Team.objects.none(), label="You ask for")
    reason = forms.CharField(max_length=4_000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, teams: QuerySet[Team], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "team", teams)


class LockForm(UnlockForm):
    """What should be locked, and why."""

    level = forms.ChoiceField(choices=LockLevel.choices, label="What is locked")
    field_order = ("level", "team", "reason")
