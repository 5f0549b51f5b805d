"""Which change an address asks to explain, the same for the page and the API."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.http import QueryDict

from accounts.models import User
from accounts.permissions import sees_money
from core.errors import Invalid
from core.models import Organisation
from insights.selectors.drivers import BACK, period_before

USUAL = "last-28d"
MONEY_FIRST, COUNTS_FIRST = "revenue", "conversions"
FILTERS = ("team", "channel", "campaign", "line")


def change_asked(given: QueryDict, user: User, *, today: date) -> dict[str, Any]:
    """What ``why_changed`` takes; raises ``Invalid`` for what cannot be understood.

    Without words it is revenue (conversions for people who see no amounts) of the last four weeks,
    against the weeks before.
    """
    calendar = Organisation.current().calendar
    after = calendar.parse(given.get("period") or USUAL, today=today)
    against = given.get("before") or "week"
    before = (
        period_before(after, against) if against in BACK else calendar.parse(against, today=today)
    )
    where = {key: given.getlist(key) for key in FILTERS if any(given.getlist(key))}
    return {
        "metric": given.get("metric") or (MONEY_FIRST if sees_money(user) else COUNTS_FIRST),
        "after": after,
        "before": before,
        "where": where or None,
        "first": given.get("by", ""),
    }


def one_of(given: QueryDict, name: str, among: Collection[str]) -> str:
    """A parameter that must be one of some words; "" without it."""
    value = given.get(name) or ""
    if value and value not in among:
        raise Invalid(f"“{value}” is not a {name}.", where=name, remedy=f"Use {', '.join(among)}.")
    return value
