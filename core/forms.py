"""Small things that forms of several apps share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet


class DateInput(forms.DateInput):
    """The browser's own date field."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def offer(form: forms.Form, name: str, rows: QuerySet[Any] | list[tuple[Any, str]]) -> None:
    """Set what a choice field offers: rows of a model, or (value, label) pairs."""
    field: Any = form.fields[name]
    if isinstance(rows, QuerySet):
        field.queryset = rows
    else:
        field.choices = rows
