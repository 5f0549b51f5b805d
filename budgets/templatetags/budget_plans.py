"""The state of a year's plan on any page of budgets: its lock, and the target from above."""

from __future__ import annotations

from dataclasses import dataclass

from django import template
from django.template import Context

from accounts.models import User
from accounts.permissions import sees_money
from budgets.models import FiscalYear, PlanLock, TopDownTarget
from budgets.rules.month_names import month_name
from budgets.selectors.locks import lock_of
from budgets.selectors.topdown import difference_words, top_down_table
from core import clock
from core.models import Organisation

register = template.Library()
register.filter("month_name", month_name)


@dataclass(frozen=True, slots=True)
class TopDownLine:
    year: int
    text: str


@register.simple_tag(takes_context=True)
def plan_lock(context: Context) -> PlanLock | None:
    """The lock of the year that the page is about."""
    year = _year(context)
    return lock_of(year) if year else None


@register.simple_tag(takes_context=True)
def top_down_line(context: Context) -> TopDownLine | None:
    """How far the lines are from the highest target of the year; None where there is none."""
    year, user = _year(context), _user(context)
    if year is None or user is None:
        return None
    if not TopDownTarget.objects.filter(fiscal_year=year, month="").exists():
        return None
    for row in top_down_table(user, year).rows:
        if row.whole.difference is not None:
            words = difference_words(row.whole.difference, row.label)
            return TopDownLine(year.year, f"{year}: {words}, at budget rates")
    return None


def _user(context: Context) -> User | None:
    user = getattr(context.get("request"), "user", None)
    return user if isinstance(user, User) and sees_money(user) else None


def _year(context: Context) -> FiscalYear | None:
    """The year in the context, else of the period that the page has picked, else of today."""
    known = context.get("year")
    if isinstance(known, FiscalYear):
        return known
    picked = getattr(context.get("picker"), "period", None)
    day = picked.start if picked else clock.today()
    number = Organisation.current().calendar.year_of(day)
    return FiscalYear.objects.filter(year=number).first()
