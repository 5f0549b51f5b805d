"""What open books say to a change of how the organisation cuts its years."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from budgets.models import FiscalYear
from core.models import Organisation

CUTS = {"fiscal_start_month", "fiscal_pattern"}


def books_in_use(changes: Mapping[str, Any]) -> str:
    """Why the calendar cannot change now: amounts are booked by the months it made, or ``""``.

    The first weekday moves months only where they are made of weeks.
    """
    weekly = Organisation.current().fiscal_pattern == Organisation.FiscalPattern.WEEKS_445
    cuts = CUTS | ({"week_start"} if weekly else set())
    if not cuts & set(changes):
        return ""
    booked = FiscalYear.objects.filter(accounts__entries__isnull=False).distinct()
    names = ", ".join(str(year) for year in booked)
    if not names:
        return ""
    return f"{names} has booked amounts by the months of today’s calendar, so it stays as it is."
