"""The filter of the pacing page."""

from __future__ import annotations

from datetime import date

import django_filters as filters

from accounts.selectors import people_in_sight, teams_in_sight
from budgets.models import BudgetLine
from budgets.selectors import LineLanding, line_landings
from campaigns.models import Channel
from core.periods import Period

RISKS = (("over", "Over 50 % likely over plan"), ("under", "Over 50 % likely 5 % under"), ("thin", "No answer yet"))  # fmt: skip
EVEN = 0.5


class PacingFilter(filters.FilterSet):
    """Team, channel and owner of a line, and where its month is likely to end."""

    team = filters.ModelMultipleChoiceFilter(queryset=teams_in_sight)
    channel = filters.ModelMultipleChoiceFilter(queryset=Channel.objects.all())
    owner = filters.ModelMultipleChoiceFilter(queryset=people_in_sight)
    risk = filters.ChoiceFilter(choices=RISKS, method="keep_all", label="Ends")

    class Meta:
        model = BudgetLine
        fields = ["team", "channel", "owner", "risk"]

    def keep_all(self, rows: object, name: str, value: str) -> object:  # noqa: ARG002
        """The risk is computed and not a column: `lines` filters by it."""
        return rows

    def lines(self, today: date, month: Period) -> list[LineLanding]:
        """The landings of the lines that pass."""
        found = line_landings(list(self.qs), month, today=today).values()
        wanted = self.form.cleaned_data.get("risk") if self.form.is_valid() else ""
        return [one for one in found if not wanted or _is(one, wanted)]


def _is(found: LineLanding, wanted: str) -> bool:
    one = found.landing
    if wanted == "thin":
        return one.reason is not None
    chance = one.chance_over if wanted == "over" else one.chance_under
    return (chance or 0) > EVEN
