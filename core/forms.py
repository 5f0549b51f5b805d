"""Small things that forms of several apps share."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.db.models import QuerySet

from core.errors import AdroitError

# Thousands in threes behind one mark, then perhaps the other mark and one or two decimals.
_GROUPED: Final = re.compile(
    r"(?P<whole>[1-9][0-9]{0,2}(?:(?P<mark>[,.' \u2019\u00a0\u2009\u202f])[0-9]{3})(?:(?P=mark)[0-9]{3})*)"
    r"(?:(?!(?P=mark))[.,](?P<cents>[0-9]{1,2}))?"
)
_PLAIN: Final = re.compile(r"(?P<whole>[0-9]+)(?:[.,](?P<cents>[0-9]{1,2}))?")
_LARGEST_DIGITS: Final = 11


def refuse(form: forms.BaseForm, error: AdroitError) -> None:
    """Show a service's refusal, and what to do about it, at its field, else above the form."""
    text = f"{error.message} {error.remedy}".strip()
    form.add_error(error.where if error.where in form.fields else None, text)


def tell_rows(form: forms.Form, rows: Any) -> None:
    """Show above the form what is wrong with its rows together, such as too many of them."""
    told = form.non_field_errors()
    for sentence in rows.non_form_errors():
        if sentence not in told:
            form.add_error(None, sentence)


class DateInput(forms.DateInput):
    """The browser's own date field."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class AmountField(forms.Field):
    """An amount as people write or paste it; cleans to a ``Decimal`` of at most two decimals.

    `1234.56`, `1,234.56`, `1.234,56`, `1 234,56` and `1234,5` have one meaning each. `1.234` has
    two, so it is sent back with both instead of being guessed; `1,234` is how the pages write it.
    """

    def __init__(self, **options: Any) -> None:
        attrs = {"inputmode": "decimal", "autocomplete": "off"}
        super().__init__(widget=forms.TextInput(attrs=attrs), **options)

    def to_python(self, value: Any) -> Any:
        text = "" if value is None else str(value).strip()
        return read_amount(text) if text else None

    def prepare_value(self, value: Any) -> Any:
        return format(value, "f") if isinstance(value, Decimal) else value


def read_amount(text: str) -> Decimal:
    """The one amount ``text`` means; ``ValidationError`` says what to write instead."""
    plain, text = text.strip().strip("€$£¥").strip(), text.strip()[:40]
    if plain[:1] in {"-", "−"}:
        raise forms.ValidationError("An amount is not negative; write it without the minus sign.")
    found = _GROUPED.fullmatch(plain) or _PLAIN.fullmatch(plain)
    if found is None:
        raise forms.ValidationError(
            f"“{text}” is not an amount; write digits with at most two decimals, such as 1234.56."
        )
    whole = re.sub(r"\D", "", found["whole"])
    if "." in found["whole"] and found["cents"] is None and found["whole"].count(".") == 1:
        short = plain.replace(".", "")
        raise forms.ValidationError(
            f"“{text}” can be read in two ways; write {short} or {Decimal(plain):.2f}."
        )
    if len(whole) > _LARGEST_DIGITS:
        raise forms.ValidationError(
            f"“{text}” is more than any plan holds; write at most {_LARGEST_DIGITS} digits."
        )
    return Decimal(f"{whole}.{found['cents'] or '0'}")


def offer(form: forms.Form, name: str, rows: QuerySet[Any] | list[tuple[Any, str]]) -> None:
    """Set what a choice field offers: rows of a model, or (value, label) pairs."""
    field: Any = form.fields[name]
    if isinstance(rows, QuerySet):
        field.queryset = rows
    else:
        field.choices = rows
