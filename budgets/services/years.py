"""Fiscal years as a whole: who writes in them and when, and what open books say to another calendar.

Whoever writes to the ledger keeps the rows of the years (``FOR KEY SHARE``: writers do not wait
for each other) before a transaction gets its number. Whoever takes a version, locks a plan or
closes a month keeps the row for itself (``FOR UPDATE``): it waits for every writer that has a
number, and holds back those that have none yet. So no transaction of the year appears later with
a smaller number, and no check of a lock is older than the lock. LOCK TABLE would do the same, but
needs the right to change ledger rows, which the product's database role must not have.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import connection

from budgets.models import FiscalYear
from core import once
from core.models import Organisation

CLOSERS_LOCK = 7_416
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


def hold_years(ids: Collection[int]) -> None:
    """Keep fiscal years as one of their writers, in one order; call before anything is numbered."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM budgets_fiscalyear WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE",
            [list(ids)],
        )


def closers_queue(year: FiscalYear) -> None:
    """Let those who close or ask to close a month of a year come one after the other.

    Nobody else takes this lock, and they take it first, so none waits in a ring.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [CLOSERS_LOCK, year.pk])
    once.forget()


def year_alone(year: FiscalYear) -> None:
    """Keep a year for this transaction alone: every writer is before it or waits."""
    FiscalYear.objects.select_for_update(of=("self",)).get(pk=year.pk)
    once.forget()
