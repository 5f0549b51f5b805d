"""Orders: what is ordered, its rows, the split of an amount, bulk changes and filters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import django_filters as filters
from django import forms
from django.db.models import QuerySet

from accounts.models import Team, User
from accounts.selectors import people_in_sight, teams_in_sight
from budgets.choices import OrderKind, OrderState
from budgets.forms.currencies import CURRENCIES
from budgets.models import Order, Vendor
from budgets.rules.splits import Way
from core.forms import AmountField, DateInput, offer
from core.money import MICROS

Choices = Sequence[tuple[str, Any]]
KINDS = [(kind.value, kind.label) for kind in OrderKind if kind != OrderKind.RELEASE]
WAYS = [(Way.EQUALLY, "Equal parts"), (Way.PERCENT, "Percentages"), (Way.AMOUNT, "Amounts")]
NUMBER = re.compile(r"[\s;]+")


class OrderForm(forms.Form):
    """What is ordered from whom, for whom and why; the money stands in the rows."""

    kind = forms.ChoiceField(choices=KINDS, label="What it is")
    title = forms.CharField(max_length=160)
    vendor = forms.ModelChoiceField(
        Vendor.objects.none(), required=False, help_text="A placeholder needs none yet."
    )
    team = forms.ModelChoiceField(Team.objects.none())
    owner = forms.ModelChoiceField(User.objects.none())
    currency = forms.ChoiceField(choices=CURRENCIES)
    ordered_on = forms.DateField(
        widget=DateInput, label="Ordered on", help_text="Its budget rate converts the order."
    )
    expected_on = forms.DateField(
        widget=DateInput, label="Expected by", help_text="Delivered and billed."
    )
    reason = forms.CharField(
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="What it is for",
        help_text="An approver reads this. It stays with the order.",
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        teams: QuerySet[Team],
        owners: QuerySet[User],
        vendors: QuerySet[Vendor],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "team", teams)
        offer(self, "owner", owners)
        offer(self, "vendor", vendors)


class OrderRow(forms.Form):
    """One month of one budget line."""

    line = forms.IntegerField(required=False, widget=forms.HiddenInput)
    blanket_line = forms.IntegerField(required=False, widget=forms.HiddenInput)
    description = forms.CharField(max_length=200, required=False, label="What")
    place = forms.ChoiceField(
        label="Budget line", error_messages={"required": "Choose the budget line."}
    )
    month = forms.ChoiceField()
    amount = AmountField(error_messages={"required": "Enter the amount."})
    gl_code = forms.CharField(max_length=40, required=False, label="Account")
    cost_centre = forms.CharField(max_length=40, required=False, label="Cost centre")

    def __init__(
        self, places: Choices = (), months: Choices = (), *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "place", [("", "Choose a line"), *places])
        offer(self, "month", list(months))
        self.empty_permitted = True

    def has_changed(self) -> bool:
        """A row without line and amount is left out; a release's row counts by its amount."""
        counts = {"amount"} if self["blanket_line"].value() else {"place", "amount", "description"}
        return bool(counts & set(self.changed_data))

    @property
    def is_filled(self) -> bool:
        """Whether it stands for a line."""
        return bool(getattr(self, "cleaned_data", {}).get("amount"))

    @property
    def micros(self) -> int:
        return int((self.cleaned_data.get("amount") or Decimal(0)) * MICROS)


if TYPE_CHECKING:
    RowSet = forms.BaseFormSet[OrderRow]
else:
    RowSet = forms.BaseFormSet

MOST_ROWS = 200


class OrderRowSet(RowSet):
    """The rows of one order."""

    default_error_messages = {
        **forms.BaseFormSet.default_error_messages,
        "too_many_forms": f"An order has at most {MOST_ROWS} rows, and this one has more, so nothing "
        "was kept. Split it into two orders, or put months of one line together.",
    }


OrderRows = forms.formset_factory(
    OrderRow, OrderRowSet, extra=0, max_num=MOST_ROWS, absolute_max=MOST_ROWS
)


class SplitForm(forms.Form):
    """One amount over months and lines: the rows are filled from it."""

    total = AmountField(required=False, label="Amount to split")
    way = forms.ChoiceField(choices=WAYS, required=False, label="How")
    places = forms.MultipleChoiceField(required=False, label="Over lines")
    first = forms.ChoiceField(required=False, label="From")
    last = forms.ChoiceField(required=False, label="To")
    shares = forms.CharField(
        required=False,
        max_length=2_000,
        label="Shares",
        help_text="One number for each part, in order: 50 30 20. Equal parts need none.",
    )

    def __init__(
        self, places: Choices = (), months: Choices = (), data: Any = None, first: str = ""
    ) -> None:
        super().__init__(data, prefix="split", initial={"first": first, "last": first})
        offer(self, "places", list(places))
        offer(self, "first", list(months))
        offer(self, "last", list(months))

    def clean_shares(self) -> list[Decimal]:
        words = [w for w in NUMBER.split(self.cleaned_data["shares"].replace("%", " ")) if w]
        try:
            return [Decimal(word.replace(",", ".")) for word in words]
        except InvalidOperation as error:
            raise forms.ValidationError("Write numbers with spaces between: 50 30 20.") from error


class BulkForm(forms.Form):
    """What changes of every chosen order; an empty field stays as it is."""

    expected_on = forms.DateField(required=False, widget=DateInput, label="Expected by")
    owner = forms.ModelChoiceField(User.objects.none(), required=False)
    cost_centre = forms.CharField(max_length=40, required=False, label="Cost centre")
    gl_code = forms.CharField(max_length=40, required=False, label="Account in the books")
    close = forms.BooleanField(
        required=False, label="Close them", help_text="What is left of each is let go."
    )
    reason = forms.CharField(
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It stands in the history of every order.",
    )

    def __init__(self, owners: QuerySet[User], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "owner", owners)
        owner: Any = self.fields["owner"]
        owner.empty_label = "Stays as it is"


class EndForm(forms.Form):
    """Why an order is closed, cancelled or opened again."""

    reason = forms.CharField(max_length=4_000)


class OrderFilter(filters.FilterSet):
    """The filters of orders, on the page and in the API."""

    kind = filters.MultipleChoiceFilter(choices=OrderKind.choices)
    team = filters.ModelMultipleChoiceFilter(queryset=teams_in_sight)
    owner = filters.ModelMultipleChoiceFilter(queryset=people_in_sight)
    vendor = filters.ModelMultipleChoiceFilter(queryset=Vendor.objects.all())
    expected_on = filters.DateFilter(lookup_expr="lte", label="Expected until", widget=DateInput)

    class Meta:
        model = Order
        fields = ["kind", "team", "owner", "vendor", "expected_on"]


class OrderApiFilter(OrderFilter):
    """The same with the state, which the page has as tabs."""

    state = filters.MultipleChoiceFilter(choices=OrderState.choices)

    class Meta(OrderFilter.Meta):
        fields = [*OrderFilter.Meta.fields, "state"]
