"""Taking versions of a year's plan: a name for a point of the ledger, nothing is copied."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from accounts.models import User
from accounts.permissions import can
from budgets.models import BudgetVersion, FiscalYear, LedgerTransaction
from budgets.services.lines import OPENS_YEARS
from budgets.services.years import year_alone
from core import events
from core.errors import Invalid, NotAllowed


@transaction.atomic
def version_take(
    *, user: User, year: FiscalYear, name: str, note: str = "", at: datetime
) -> BudgetVersion:
    """Name the plan as it stands now; directors and finance may."""
    _require(user)
    return version_add(year=year, name=name, note=note, made_by=user, at=at)


@transaction.atomic
def version_add(
    *, year: FiscalYear, name: str, note: str, made_by: User, at: datetime
) -> BudgetVersion:
    """The version of this moment; raises ``Invalid`` for an empty or used name."""
    words = name.strip()
    if not words:
        raise Invalid("Give the version a name.", where="name")
    year_alone(year)
    known = BudgetVersion.objects.filter(fiscal_year=year)
    if known.filter(name__iexact=words).exists():
        raise Invalid(
            f"{year} has a version called “{words}” already.",
            where="name",
            remedy="Choose another name.",
        )
    version = BudgetVersion.objects.create(
        fiscal_year=year,
        number=(known.aggregate(n=Max("number"))["n"] or 0) + 1,
        name=words,
        note=note.strip(),
        upto=LedgerTransaction.objects.aggregate(newest=Max("pk"))["newest"] or 0,
        made_by=made_by,
        made_at=at,
    )
    _record(version, made_by, "budget_version.taken", at, {"name": words, "upto": version.upto})
    return version


@transaction.atomic
def baseline_set(*, version: BudgetVersion, user: User, at: datetime) -> BudgetVersion:
    """Make a version the one that variance is shown against; the year has one."""
    _require(user)
    year_alone(version.fiscal_year)
    before = BudgetVersion.objects.filter(fiscal_year=version.fiscal_year, is_baseline=True)
    was = [str(one) for one in before.exclude(pk=version.pk)]
    before.exclude(pk=version.pk).update(is_baseline=False)
    version.is_baseline = True
    version.save(update_fields=["is_baseline"])
    after = {"baseline": str(version), "instead of": was}
    _record(version, user, "budget_version.baseline_set", at, after)
    return version


def _require(user: User) -> None:
    if not any(can(user, act) for act in OPENS_YEARS):
        raise NotAllowed("Directors and finance keep the versions of a budget.")


def _record(
    version: BudgetVersion, user: User, action: str, at: datetime, after: dict[str, Any]
) -> None:
    events.record(
        actor=user.as_actor(), action=action, subject=version, at=at, after=after, live=["budgets"]
    )
