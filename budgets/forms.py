"""Forms and filters of budgets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import django_filters as filters
from django import forms
from django.db.models import QuerySet

from accounts.models import Team, User
from accounts.selectors import people_in_sight, teams_in_sight
from budgets.models import BudgetLine, FiscalYear, FxRate
from budgets.rules.moves import Move, Place
from campaigns.models import CampaignLine, Channel
from core.forms import AmountField, DateInput, offer
from core.money import COMMON_CURRENCIES, MICROS
from core.periods import Period

CURRENCIES = [(code, code) for code in COMMON_CURRENCIES]
GIVES, RECEIVES = "gives", "receives"


class YearForm(forms.Form):
    year = forms.IntegerField(min_value=2000, max_value=2100, label="Fiscal year")


class LineForm(forms.Form):
    """A budget line; its money comes by request."""

    name = forms.CharField(max_length=160)
    fiscal_year = forms.ModelChoiceField(FiscalYear.objects.all(), label="Fiscal year")
    team = forms.ModelChoiceField(Team.objects.none())
    channel = forms.ModelChoiceField(Channel.objects.all())
    owner = forms.ModelChoiceField(User.objects.none())
    currency = forms.ChoiceField(choices=CURRENCIES)
    gl_code = forms.CharField(
        max_length=40,
        required=False,
        label="Account in the books",
        help_text="The finance team's code.",
    )
    campaign_lines = forms.ModelMultipleChoiceField(
        CampaignLine.objects.none(),
        required=False,
        label="Pays for",
        help_text="Campaign lines whose spend counts against this line.",
    )

    def __init__(
        self,
        teams: QuerySet[Team],
        parts: QuerySet[CampaignLine],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "team", teams)
        owners = User.objects.filter(is_active=True, memberships__role__in=["director", "manager"])
        offer(self, "owner", owners.distinct())
        offer(self, "campaign_lines", parts.select_related("campaign"))


class PlanForm(forms.Form):
    """A planned amount and why it changes."""

    amount = AmountField()
    reason = forms.CharField(max_length=4_000, widget=forms.Textarea(attrs={"rows": 2}))

    @property
    def micros(self) -> int:
        return int(self.cleaned_data["amount"] * MICROS)


class RateForm(forms.Form):
    kind = forms.ChoiceField(choices=FxRate.Kind.choices)
    base = forms.ChoiceField(choices=CURRENCIES, label="One")
    quote = forms.ChoiceField(choices=CURRENCIES, label="in")
    rate = forms.DecimalField(max_digits=20, decimal_places=10, label="Rate")
    valid_from = forms.DateField(widget=DateInput, label="From")
    source = forms.CharField(max_length=120, help_text="Where the rate comes from.")


class MoveRow(forms.Form):
    """One line that gives or receives."""

    place = forms.ChoiceField(label="Line")
    month = forms.ChoiceField()
    amount = AmountField()

    def __init__(
        self,
        places: Sequence[tuple[str, Any]] = (),
        months: Sequence[tuple[str, str]] = (),
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "place", [("", "Choose a line"), *places])
        offer(self, "month", list(months))
        # Any row may be left empty, also one that was offered filled in.
        self.empty_permitted = True

    def has_changed(self) -> bool:
        """A row of which only the month is set counts as empty, and is left out."""
        return bool({"place", "amount"} & set(self.changed_data))

    def move(self, sign: int) -> Move | None:
        """The move this row stands for; None while it is empty or incomplete."""
        data = getattr(self, "cleaned_data", {})
        if not (data.get("place") and data.get("month") and data.get("amount")):
            return None
        line, _, part = data["place"].partition("/")
        place = Place(int(line), data["month"], int(part) if part else None)
        return Move(place, sign * int(data["amount"] * MICROS))


# Django's form sets take a type only for the type checker.
if TYPE_CHECKING:
    RowSet = forms.BaseFormSet[MoveRow]
else:
    RowSet = forms.BaseFormSet


MoveRows = forms.formset_factory(MoveRow, extra=0, max_num=40)


class MovesForm(forms.Form):
    """Why money should move, beside the rows that give and receive."""

    title = forms.CharField(
        max_length=200, required=False, help_text="Left empty, it is written from the lines."
    )
    reason = forms.CharField(
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What an approver must know. It stays with the change.",
    )
    hypothesis = forms.CharField(
        max_length=4_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="What should come of it",
        help_text="Read again when the result is in.",
    )
    proposal = forms.CharField(required=False, widget=forms.HiddenInput)


def month_choices(months: Iterable[Period]) -> list[tuple[str, str]]:
    return [(month.key, month.label) for month in months]


class LineFilter(filters.FilterSet):
    """The filters of budget lines, on the page and in the API."""

    fiscal_year = filters.ModelChoiceFilter(queryset=FiscalYear.objects.all())
    team = filters.ModelMultipleChoiceFilter(queryset=teams_in_sight)
    channel = filters.ModelMultipleChoiceFilter(queryset=Channel.objects.all())
    owner = filters.ModelMultipleChoiceFilter(queryset=people_in_sight)
    currency = filters.CharFilter(lookup_expr="iexact")
    q = filters.CharFilter(field_name="name", lookup_expr="icontains", label="Name")

    class Meta:
        model = BudgetLine
        fields = ["fiscal_year", "team", "channel", "owner", "currency", "q"]


class RateFilter(filters.FilterSet):
    """The filters of exchange rates."""

    kind = filters.ChoiceFilter(choices=FxRate.Kind.choices)
    base = filters.CharFilter(lookup_expr="iexact", label="From")
    quote = filters.CharFilter(lookup_expr="iexact", label="To")

    class Meta:
        model = FxRate
        fields = ["kind", "base", "quote"]
