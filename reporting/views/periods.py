"""The periods and currencies a person may choose in the top bar."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.permissions import person, sees_money
from campaigns.models import CampaignLine
from core import clock
from core.models import Organisation
from core.shell import Option, chosen
from metrics.models import LineDay
from reporting.selectors.window import DEFAULT, window_of

CHOICES = (
    ("last-28d", "Last 28 days"),
    ("this-month", "This month"),
    ("last-month", "Last month"),
    ("this-quarter", "This quarter"),
    ("last-quarter", "Last quarter"),
    ("this-year", "This fiscal year"),
    ("last-year", "Last fiscal year"),
)


def period_options(request: HttpRequest) -> list[Option]:
    """The choices of the top bar; a period from the URL stands first when it is none of them."""
    window = window_of(request, now=clock.now())
    wanted = chosen(request, "period") or DEFAULT
    known = dict(CHOICES)
    options = [Option(key, label, key == wanted) for key, label in CHOICES]
    if wanted not in known:
        options.insert(0, Option(wanted, window.period.label, current=True))
    newest = LineDay.objects.order_by("-day").values_list("day", flat=True).first()
    if newest and newest.year < window.today.year:
        # Somebody who imports an old file should find it without typing a period.
        options += [
            Option(p.key, p.label, p.key == wanted)
            for p in [
                window.organisation.calendar.year(window.organisation.calendar.year_of(newest))
            ]
            if p.key != wanted
        ]
    return options


def currency_options(request: HttpRequest) -> list[Option]:
    """The reporting currency and those that lines are paid in; nothing to choose is no choice."""
    if not sees_money(person(request)):
        return []
    reporting = Organisation.current().reporting_currency
    paid = CampaignLine.objects.order_by("currency").values_list("currency", flat=True).distinct()
    found = [reporting, *(code for code in paid if code != reporting)]
    wanted = chosen(request, "currency")
    picked = wanted if wanted in found else reporting
    return [Option(code, code, code == picked) for code in found] if len(found) > 1 else []
