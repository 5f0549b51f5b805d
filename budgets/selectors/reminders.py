"""What owners have still to sign, for their home."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can
from budgets.models import BudgetLine, MonthClose, Signoff
from budgets.selectors.closes import closed_months
from budgets.selectors.closing import FiscalMonth, fiscal_month
from budgets.selectors.rates import local_day
from budgets.selectors.signoffs import subjects
from core.errors import Invalid
from core.models import Event, Organisation
from core.needs import Waiting
from core.parts import Need

REMINDED = "signoff.reminded"


def _reminders(owner: User) -> list[tuple[str, datetime, str]]:
    """(month, when, by whom) of every reminder of an owner, the newest first."""
    rows = Event.objects.filter(
        action=REMINDED, subject_type=User._meta.label_lower, subject_id=str(owner.pk)
    )
    found = rows.order_by("-id").values_list("after", "at", "actor_name")
    return [(str((after or {}).get("month", "")), at, name) for after, at, name in found]


def reminded_at(owner: User, month: str) -> datetime | None:
    """When an owner was last reminded of a month."""
    return next((at for key, at, _ in _reminders(owner) if key == month), None)


def needs_of_owner(user: User, now: datetime) -> list[Waiting]:
    """Months that a person has to sign: reminded of, or next in a year whose months are being closed."""
    if not can(user, Act.VIEW_MONEY):
        return []
    told = {month: name for month, _, name in reversed(_reminders(user))}
    keys = {*told, *_under_way(user, now)}
    return [one for key in sorted(keys) if (one := _waiting(user, key, told.get(key, "")))]


def _under_way(user: User, now: datetime) -> list[str]:
    """The first month after the newest closed one, when it is over and nothing of it is signed."""
    newest = MonthClose.objects.filter(reopened_at__isnull=True).order_by("-month").first()
    if newest is None or not BudgetLine.objects.filter(owner=user).exists():
        return []
    calendar, today = Organisation.current().calendar, local_day(now)
    months = calendar.months(newest.fiscal_year.year)
    after = next((p for p in months if p.key > newest.month and p.end < today), None)
    if after is None or Signoff.objects.filter(owner=user, month=after.key).exists():
        return []
    return [after.key]


def _waiting(user: User, key: str, told_by: str) -> Waiting | None:
    month = _open(key)
    if month is None:
        return None
    left = [r for r in subjects(month, user) if r.owner.pk == user.pk and not r.is_signed]
    if not left:
        return None
    what = left[0].name if len(left) == 1 else f"{left[0].name} and {len(left) - 1} more"
    need = Need(
        title=f"Sign {month.label}: {what}",
        url=f"{reverse('budgets:signoffs')}?month={key}",
        icon="writing-sign",
        meta=f"Month-end · {f'{told_by} asks for it' if told_by else 'you stand for its figures'}",
        tone="warn" if told_by else "accent",
    )
    return Waiting(need)


def _open(key: str) -> FiscalMonth | None:
    try:
        month = fiscal_month(key)
    except Invalid:
        return None
    return None if key in closed_months(month.year) else month
