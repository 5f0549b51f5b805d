"""What the efficiency page shows."""

from __future__ import annotations

from django import forms

from insights.services.efficiency import EfficiencyRow


class EfficiencyFilter(forms.Form):
    """What the efficiency page shows: the grain, and which rows of it."""

    by = forms.ChoiceField(
        choices=[("channel", "Channels"), ("campaign", "Campaigns"), ("line", "Lines")],
        required=False,
        widget=forms.HiddenInput,
    )
    only = forms.ChoiceField(
        choices=[
            ("", "All"),
            ("missed", "Target missed"),
            ("dearer", "Became dearer"),
            ("marginal", "Marginal cost known"),
        ],
        required=False,
        label="Show",
    )

    @property
    def grain(self) -> str:
        """The grain asked for, channels without one."""
        wanted = str(self.data.get("by", ""))
        return wanted if wanted in ("channel", "campaign", "line") else "channel"

    def keeps(self, row: EfficiencyRow) -> bool:
        """Whether a row is among those asked for."""
        wanted = str(self.data.get("only", ""))
        if wanted == "missed":
            return bool(row.is_missed)
        if wanted == "dearer":
            return (row.change.value or 0) > 0
        return wanted != "marginal" or row.marginal.value is not None
