"""The sheet on which money moves between lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django import forms

from budgets.rules.moves import Move, Place
from core.forms import AmountField, offer
from core.money import MICROS
from core.periods import Period

GIVES, RECEIVES = "gives", "receives"


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


MoveRows = forms.formset_factory(MoveRow, extra=0, max_num=40, absolute_max=40)


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
    # Made with the page: the same form sent twice is one request.
    once = forms.CharField(required=False, widget=forms.HiddenInput)


def month_choices(months: Iterable[Period]) -> list[tuple[str, str]]:
    return [(month.key, month.label) for month in months]
