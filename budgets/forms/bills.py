"""Bills: what stands on them, their rows, accruals, reasons and filters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import django_filters as filters
from django import forms
from django.db.models import QuerySet

from accounts.models import Team, User
from accounts.selectors import people_in_sight, teams_in_sight
from budgets.choices import BillKind, BillState
from budgets.forms.currencies import CURRENCIES
from budgets.models import Bill, Vendor
from core.forms import AmountField, DateInput, offer
from core.money import MICROS

Choices = Sequence[tuple[str, Any]]
KINDS = [(BillKind.INVOICE.value, "Invoice"), (BillKind.EXPENSE.value, "Expense of a person")]
NOT_OPEN = (
    "This month is closed, or no year has it. Choose an open month, or ask finance under "
    "Month-end to open it again."
)


class BillForm(forms.Form):
    """What stands on a bill; the money stands in the rows."""

    kind = forms.ChoiceField(choices=KINDS, label="What it is")
    vendor = forms.ModelChoiceField(
        Vendor.objects.none(), required=False, help_text="An expense needs none."
    )
    number = forms.CharField(
        max_length=60, required=False, help_text="The vendor's number, once for each vendor."
    )
    dated = forms.DateField(widget=DateInput, help_text="Its spot rate converts the bill.")
    due_on = forms.DateField(widget=DateInput, required=False, label="Due on")
    currency = forms.ChoiceField(choices=CURRENCIES)
    team = forms.ModelChoiceField(Team.objects.none())
    owner = forms.ModelChoiceField(
        User.objects.none(), help_text="Who looks after it; for an expense who spent it."
    )
    note = forms.CharField(
        max_length=4_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="An order number in it helps to match the bill.",
    )
    receipt = forms.FileField(required=False, label="File", help_text="The scan or receipt.")

    def __init__(
        self,
        teams: QuerySet[Team],
        owners: QuerySet[User],
        *args: Any,
        is_credit: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "team", teams)
        offer(self, "owner", owners)
        offer(self, "vendor", Vendor.objects.filter(is_archived=False))
        if is_credit:
            for name in ("kind", "vendor", "currency", "team", "owner", "due_on"):
                del self.fields[name]


class BillRow(forms.Form):
    """One line of a bill: what it is for, when and how much."""

    description = forms.CharField(max_length=200, required=False, label="What")
    place = forms.ChoiceField(
        required=False, label="For", help_text="Left open, somebody else matches it."
    )
    month = forms.ChoiceField(required=False, error_messages={"invalid_choice": NOT_OPEN})
    amount = AmountField(required=False)
    is_whole_month = forms.BooleanField(
        required=False, label="The platform's bill for the whole month"
    )

    def __init__(
        self, places: Choices = (), months: Choices = (), *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "place", [("", "Not known yet"), *places])
        offer(self, "month", list(months))
        self.empty_permitted = True

    def clean(self) -> dict[str, Any]:
        """A row that was begun needs its amount; an empty one is left out."""
        data: dict[str, Any] = super().clean() or {}
        if self.is_begun(data) and not data.get("amount") and "amount" not in self.errors:
            self.add_error("amount", "Enter the amount.")
        return data

    def is_begun(self, data: dict[str, Any] | None = None) -> bool:
        """Whether anything but the month was entered."""
        data = getattr(self, "cleaned_data", {}) if data is None else data
        return any(data.get(name) for name in ("description", "place", "amount"))

    @property
    def micros(self) -> int:
        return int(self.cleaned_data["amount"] * MICROS)


# Django's form sets take a type only for the type checker.
if TYPE_CHECKING:
    RowSet = forms.BaseFormSet[BillRow]
else:
    RowSet = forms.BaseFormSet

# No further than that: every row offers hundreds of places.
MOST_ROWS = 60


class BillRowSet(RowSet):
    """The rows of one bill."""

    default_error_messages = {
        **forms.BaseFormSet.default_error_messages,
        "too_many_forms": f"A bill has at most {MOST_ROWS} lines, and this one has more, so nothing "
        "was kept. Enter the rest as a second bill, or upload the bill as a file.",
    }


BillRows = forms.formset_factory(
    BillRow, BillRowSet, extra=0, max_num=MOST_ROWS, absolute_max=MOST_ROWS
)


class AccrualForm(forms.Form):
    """What of an order was delivered and not billed."""

    order_line = forms.ChoiceField(label="Order")
    month = forms.ChoiceField()
    amount = AmountField(help_text="In the order's currency.")
    next_month = forms.BooleanField(
        required=False,
        label="End it on the first day of the next month",
        help_text="Otherwise it ends when its invoice is posted.",
    )
    note = forms.CharField(max_length=1_000, required=False)

    def __init__(self, orders: Choices, months: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "order_line", list(orders))
        offer(self, "month", list(months))

    @property
    def micros(self) -> int:
        return int(self.cleaned_data["amount"] * MICROS)


class ReasonForm(forms.Form):
    """Why something is done to a bill."""

    reason = forms.CharField(max_length=4_000, widget=forms.Textarea(attrs={"rows": 2}))


class BillFilter(filters.FilterSet):
    """The filters of bills, on the page and in the API."""

    state = filters.MultipleChoiceFilter(choices=BillState.choices)
    kind = filters.MultipleChoiceFilter(choices=BillKind.choices)
    vendor = filters.ModelMultipleChoiceFilter(queryset=Vendor.objects.all())
    team = filters.ModelMultipleChoiceFilter(queryset=teams_in_sight)
    owner = filters.ModelMultipleChoiceFilter(queryset=people_in_sight)
    dated_from = filters.DateFilter(
        field_name="dated", lookup_expr="gte", label="Dated from", widget=DateInput
    )
    dated_to = filters.DateFilter(
        field_name="dated", lookup_expr="lte", label="to", widget=DateInput
    )
    month = filters.CharFilter(field_name="lines__month", distinct=True, label="Month (2026-11)")
    q = filters.CharFilter(field_name="number", lookup_expr="icontains", label="Number")

    class Meta:
        model = Bill
        fields = [
            "state",
            "kind",
            "vendor",
            "team",
            "owner",
            "dated_from",
            "dated_to",
            "month",
            "q",
        ]
