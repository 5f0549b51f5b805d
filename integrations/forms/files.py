"""What a person may say about a file that the file does not say itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from django import forms

from core.forms import offer
from core.money import COMMON_CURRENCIES
from integrations.rules.words import known_locales

DATES = [
    ("", "Found out from the file"),
    ("dmy", "Day first: 31.12.2026"),
    ("mdy", "Month first: 12/31/2026"),
    ("ymd", "Year first: 2026-12-31"),
]
MARKS = [
    ("", "Found out from the file"),
    ("point", "Point: 1,234.56"),
    ("comma", "Comma: 1.234,56"),
]
# What is said of every file that comes by a way; the others are of one file.
LASTING = ("currency", "account", "account_tz", "locale", "date_order", "decimal")


class FileSettings(forms.Form):
    """The settings that ``import_file --set`` knows; an empty one is found out or asked."""

    currency = forms.ChoiceField(
        required=False,
        choices=[("", "As the file says"), *((code, code) for code in COMMON_CURRENCIES)],
        help_text="Only used where the file names no currency.",
    )
    account = forms.CharField(
        required=False,
        max_length=120,
        label="Ad account number",
        help_text="Whose file it is, where the file does not say so.",
    )
    account_tz = forms.ChoiceField(
        required=False,
        label="Time zone of the ad account",
        help_text="A file whose days are another zone's is refused.",
    )
    locale = forms.ChoiceField(
        required=False,
        label="Language of the export",
        help_text="Says how its dates and numbers are written.",
    )
    date_order = forms.ChoiceField(required=False, label="How dates are written", choices=DATES)
    decimal = forms.ChoiceField(required=False, label="How decimals are written", choices=MARKS)
    year = forms.IntegerField(
        required=False,
        min_value=2000,
        max_value=2100,
        label="Year of dates without one",
    )
    sheet = forms.CharField(
        required=False,
        max_length=120,
        label="Sheet of a workbook",
        help_text="Its name, where the workbook has several.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = [(zone, zone) for zone in sorted(available_timezones())]
        offer(self, "account_tz", [("", "As the source says"), *zones])
        locales = [(locale, locale) for locale in known_locales()]
        offer(self, "locale", [("", "Found out from the file"), *locales])

    def said(self) -> dict[str, str]:
        """The settings that were given, as a run keeps them."""
        return {
            name: str(value)
            for name in FileSettings.base_fields
            if (value := self.cleaned_data.get(name))
        }

    @property
    def more_errors(self) -> bool:
        """Whether one of the fields that stand behind a click is wrong."""
        return any(name in self.errors for name in FileSettings.base_fields if name != "currency")

    @staticmethod
    def others(settings: Mapping[str, str]) -> dict[str, str]:
        """Settings that no field of the form shows, and which it must not lose."""
        return {key: value for key, value in settings.items() if key not in LASTING}
