"""Saying why a line's month came out other than planned."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can, require
from budgets.models import BudgetLine, VarianceNote
from budgets.selectors.closing import FiscalMonth, fiscal_month
from budgets.selectors.variance import Variance, variances
from core import events
from core.errors import Invalid

LONGEST = 4_000


@transaction.atomic
def variance_note(
    *, user: User, line: BudgetLine, month: str, text: str, at: datetime
) -> VarianceNote:
    """A note with the figures it is about; the newest counts, the earlier ones stay.

    The line's planners write it, and finance.
    """
    if not can(user, Act.CLOSE_PERIOD):
        require(user, Act.DRAFT_REQUEST, team=line.team, owner_id=line.owner_id)
    words = text.strip()
    if not 0 < len(words) <= LONGEST:
        raise Invalid(f"Say why, in at most {LONGEST:,} characters.", where="text")
    found = fiscal_month(month)
    row = next((one for one in variances(found, user) if one.line.pk == line.pk), None)
    if row is None:
        raise Invalid(f"{line} has neither a plan nor spend in {found.label}.", where="month")
    return note_write(user=user, row=row, month=found, text=words, at=at)


@transaction.atomic
def note_write(
    *, user: User, row: Variance, month: FiscalMonth, text: str, at: datetime
) -> VarianceNote:
    """The note and its event, about a variance that was read just now."""
    note = VarianceNote.objects.create(
        budget_line=row.line,
        month=month.key,
        text=text,
        planned_micros=row.planned.micros,
        actual_micros=row.actual.micros if row.actual else None,
        by=user,
        at=at,
    )
    events.record(
        actor=user.as_actor(),
        action="variance.explained",
        subject=row.line,
        at=at,
        after={"month": month.key, "variance": row.variance.micros},
        reason=text,
        team_path=row.line.team.path,
        live=["signoffs"],
    )
    return note
