"""Experiments: which are shown, and how one ends."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django import forms

from campaigns.choices import ExperimentDecision, ExperimentKind, ExperimentState
from campaigns.models import Experiment, ExperimentQuerySet
from core.forms import offer
from insights.rules.experiment_words import OUTCOME_WORDS


class ExperimentFilter(forms.Form):
    """Which tests a list shows."""

    state = forms.ChoiceField(
        choices=[("", "Not yet concluded"), ("all", "All"), *ExperimentState.choices],
        required=False,
    )
    kind = forms.ChoiceField(choices=[("", "All"), *ExperimentKind.choices], required=False)

    def kept(self, rows: ExperimentQuerySet, live: Collection[str]) -> list[Experiment]:
        """What was asked for; what cannot be read counts as not asked."""
        self.is_valid()
        state, kind = self.cleaned_data.get("state"), self.cleaned_data.get("kind")
        if kind:
            rows = rows.filter(kind=kind)
        if state == "all":
            return list(rows)
        return list(rows.filter(state=state) if state else rows.filter(state__in=live))


class LearningFilter(forms.Form):
    """Searching what was learnt."""

    text = forms.CharField(max_length=100, required=False, label="Words")
    tag = forms.ChoiceField(required=False)
    outcome = forms.ChoiceField(
        choices=[("", "Any"), *((str(key), said) for key, said in OUTCOME_WORDS.items())],
        required=False,
        label="Verdict",
    )

    def __init__(self, rows: Sequence[Experiment], data: Mapping[str, Any]) -> None:
        super().__init__(data)
        tags = sorted({tag for one in rows for tag in one.tags})
        offer(self, "tag", [("", "Any"), *((tag, tag) for tag in tags)])

    def asked(self) -> dict[str, str]:
        """What ``learnings_for`` takes."""
        self.is_valid()
        return {name: str(value) for name, value in self.cleaned_data.items()}


class ConcludeForm(forms.Form):
    """What follows from a test, and what was learnt."""

    decision = forms.ChoiceField(choices=ExperimentDecision.choices, label="What follows")
    learning = forms.CharField(
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        label="What was learnt",
        help_text="For whoever has the same idea in a year.",
    )
