"""Splitting one amount over the rows of an order: the parts as they would be, and the rows made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from budgets.forms.orders import SplitForm
from budgets.rules.splits import Way, split_amount
from core import formats
from core.errors import AdroitError, Invalid
from core.money import MICROS, Money

FIELDS = (
    "line",
    "blanket_line",
    "description",
    "place",
    "month",
    "amount",
    "gl_code",
    "cost_centre",
)


@dataclass(frozen=True, slots=True)
class SplitPart:
    """One part: where it goes and how much of the amount."""

    label: str
    place: str
    month: str
    amount: Money

    @property
    def text(self) -> str:
        return formats.money_exact(self.amount)


@dataclass(frozen=True, slots=True)
class SplitProof:
    """The parts and their sum, or what is wrong."""

    parts: Sequence[SplitPart] = ()
    text: str = ""
    problem: str = ""


class Split:
    """The split tool of an order's form."""

    def __init__(self, posted: QueryDict | None, places: Any, months: Any, first: str) -> None:
        self.form = SplitForm(places, months, posted, first)
        self.places, self.months = places, [key for key, _ in months]
        self.labels = dict(months)

    def parts(self, currency: str) -> list[SplitPart]:
        """The parts; raises ``Invalid`` when they do not sum to the amount."""
        if not self.form.is_valid():
            name, errors = next(iter(self.form.errors.items()))
            raise Invalid(str(errors[0]), where=name)
        data = self.form.cleaned_data
        if not data["total"]:
            raise Invalid("Enter the amount to split.", where="total")
        targets = [(place, month) for place in data["places"] for month in self._months(data)]
        total = Money(int(data["total"] * MICROS), currency)
        amounts = split_amount(total, len(targets), Way(data["way"] or "equally"), data["shares"])
        names = self._names()
        return [
            SplitPart(f"{names[place]}, {self.labels[month]}", place, month, amount)
            for (place, month), amount in zip(targets, amounts, strict=True)
        ]

    def _months(self, data: dict[str, Any]) -> list[str]:
        first, last = data["first"] or self.months[0], data["last"] or data["first"]
        chosen = [key for key in self.months if first <= key <= last]
        if not chosen:
            raise Invalid("The last month is before the first.", where="last")
        return chosen

    def _names(self) -> dict[str, str]:
        return {key: label for _, group in self.places for key, label in group}

    def proof(self, currency: str) -> SplitProof:
        """The parts written out, with their sum to the cent."""
        try:
            parts = self.parts(currency)
        except AdroitError as error:
            return SplitProof(problem=f"{error.message} {error.remedy}".strip())
        total = Money(sum(part.amount.micros for part in parts), currency)
        count = "1 part" if len(parts) == 1 else f"{len(parts)} parts"
        return SplitProof(parts, f"{count} = {formats.money_exact(total)}, nothing left over")

    def fill(self, posted: QueryDict, currency: str) -> QueryDict:
        """The post with rows made of the parts in place of empty ones; unchanged when it cannot be."""
        try:
            parts = [part for part in self.parts(currency) if part.amount]
        except AdroitError:
            return posted
        kept = [row for row in rows_of(posted) if row["place"] or row["amount"]]
        made = [
            {"place": part.place, "month": part.month,
             "amount": format(part.amount.amount.normalize(), "f")}
            for part in parts
        ]  # fmt: skip
        return with_rows(posted, [*kept, *made])


def rows_of(posted: QueryDict) -> list[dict[str, str]]:
    """The rows of a post as they were written."""
    total = posted.get("rows-TOTAL_FORMS", "0")
    count = min(int(total), 200) if total.isdecimal() else 0
    return [
        {name: posted.get(f"rows-{number}-{name}", "") for name in FIELDS}
        for number in range(count)
    ]


def with_rows(posted: QueryDict, rows: Sequence[dict[str, str]]) -> QueryDict:
    """The post with these rows and no others."""
    data = posted.copy()
    for name in [name for name in data if name.startswith("rows-")]:
        del data[name]
    data["rows-TOTAL_FORMS"], data["rows-INITIAL_FORMS"] = str(len(rows)), "0"
    for number, row in enumerate(rows):
        for name, value in row.items():
            data[f"rows-{number}-{name}"] = value
    return data


def with_row(posted: QueryDict) -> QueryDict:
    """One more row, with the month of the last."""
    rows = rows_of(posted)
    last = {name: rows[-1][name] for name in ("month", "gl_code", "cost_centre")} if rows else {}
    return with_rows(posted, [*rows, last])


def without_row(posted: QueryDict) -> QueryDict:
    """Without the row whose number the button carries."""
    wanted = posted.get("remove", "")
    rows = rows_of(posted)
    return with_rows(posted, [row for number, row in enumerate(rows) if str(number) != wanted])
