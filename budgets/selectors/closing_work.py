"""How complete a month is: what is still to be done before it is closed, with counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q
from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import User
from budgets.choices import BillState
from budgets.models import Bill, Draw, MonthClose
from budgets.selectors.closes import closed_months
from budgets.selectors.closing import FiscalMonth, MonthItems, month_items
from budgets.selectors.signoffs import Subject, subjects
from budgets.selectors.variance import variances
from core.models import Organisation
from metrics.selectors import query

# A source that reported in these days before the month is expected to report in it.
EXPECTED = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to be done: how many are left of how many, in a sentence, and where."""

    label: str
    left: int
    text: str
    url: str = ""

    @property
    def is_done(self) -> bool:
        return not self.left


@dataclass(frozen=True, slots=True)
class Work:
    """What a month still needs."""

    checks: Sequence[Check]
    subjects: Sequence[Subject]

    @property
    def done(self) -> int:
        return sum(check.is_done for check in self.checks)

    @property
    def share(self) -> Decimal:
        """How complete the month is, from 0 to 1."""
        return Decimal(self.done) / len(self.checks)


@dataclass(frozen=True, slots=True)
class Silence:
    """Days of a month without any row of a source that reported just before or in it."""

    source: str
    days: int
    first: date


def month_work(month: FiscalMonth, user: User | None, today: date, items: MonthItems) -> Work:
    """The worklist of a month, as far as the person sees it."""
    found = subjects(month, user, items)
    checks = [
        _earlier(month),
        _orders(items),
        _bills(month, user),
        _notes(month, user, items),
        _signatures(month, found),
        _data(month, today),
    ]
    return Work(checks, found)


def work_in_words(month: FiscalMonth, *, user: User, today: date) -> Mapping[str, str]:
    """The worklist as label and sentence, to be kept with a request."""
    work = month_work(month, user, today, month_items(month, user=user))
    return {check.label: check.text for check in work.checks}


def _earlier(month: FiscalMonth) -> Check:
    shut = closed_months(month.year)
    months = Organisation.current().calendar.months(month.year.year)
    left = [p for p in months if p.key < month.key and p.key not in shut]
    text = f"{left[0].label} comes first" if left else "All closed"
    url = f"{reverse('budgets:close')}?month={left[0].key}" if left else ""
    return Check("Earlier months", len(left), text, url)


def _orders(items: MonthItems) -> Check:
    """Orders whose bill should be there by now, and those that wait for a decision."""
    late = [item for item in items.orders if item.is_overdue]
    waiting = [item for item in items.orders if item.is_waiting]
    left = len({item.line.order_id for item in (*late, *waiting)})
    if left:
        text = f"{_count(left, 'order')} expected by its end or waiting, with money left"
    elif items.orders:
        text = f"{_count(len(items.orders), 'order line')} with money left, none of them late"
    else:
        text = "No order holds money of this month"
    return Check("Orders", left, text, f"#{'orders' if items.orders else 'work'}")


def _bills(month: FiscalMonth, user: User | None) -> Check:
    seen = Bill.objects.for_user(user) if user else Bill.objects.all()
    open_ = seen.filter(state__in=[BillState.TO_MATCH, BillState.HELD])
    in_month = Q(lines__month=month.key) | Q(
        dated__gte=month.period.start, dated__lte=month.period.end
    )
    states = list(open_.filter(in_month).distinct().values_list("state", flat=True))
    held = states.count(BillState.HELD)
    text = "All matched and posted"
    if states:
        text = f"{len(states) - held} to be matched, {held} held"
    return Check("Bills", len(states), text, _bill_url(states))


def _bill_url(states: Sequence[str]) -> str:
    wanted = BillState.TO_MATCH if BillState.TO_MATCH in states else BillState.HELD
    return f"{reverse('budgets:bills')}?{urlencode({'state': wanted})}" if states else ""


def _notes(month: FiscalMonth, user: User | None, items: MonthItems) -> Check:
    missing = [row for row in variances(month, user, items) if row.is_missing]
    text = f"{_count(len(missing), 'line')} without a word of why" if missing else "All explained"
    url = f"{reverse('budgets:variances')}?month={month.key}"
    return Check("Variances", len(missing), text, url)


def _signatures(month: FiscalMonth, found: Sequence[Subject]) -> Check:
    left = [subject for subject in found if not subject.is_signed]
    owners = len({subject.owner.pk for subject in left})
    signed = len(found) - len(left)
    text = f"{signed} of {len(found)} signed"
    if left:
        text += f", {_count(owners, 'owner')} to sign"
    return Check("Sign-offs", len(left), text, f"{reverse('budgets:signoffs')}?month={month.key}")


def _data(month: FiscalMonth, today: date) -> Check:
    silent = silences(month, today)
    days = sum(one.days for one in silent)
    text = "Every source reported every day"
    if silent:
        worst = max(silent, key=lambda one: one.days)
        text = f"{worst.source} has {_count(worst.days, 'day')} without data"
        text += f", {len(silent) - 1} more sources too" if len(silent) > 1 else ""
    return Check("Imported data", days, text, reverse("integrations:imports") if silent else "")


def silences(month: FiscalMonth, today: date) -> list[Silence]:
    """Sources of what the year's lines pay for, with the days of the month that they left out."""
    parts = list(
        Draw.objects.filter(budget_line__fiscal_year=month.year)
        .values_list("campaign_line", flat=True)
        .distinct()
    )
    if not parts:
        return []
    start, end = month.period.start, min(month.period.end, today - timedelta(days=1))
    result = query(
        metrics=["impressions"], by=["source", "day"], where={"line": parts},
        period=type(month.period)("work", start - EXPECTED, month.period.end), viewer=None,
    )  # fmt: skip
    days: dict[str, set[date]] = {}
    for row in result.rows:
        days.setdefault(str(row["source_label"]), set()).add(row["day"])
    wanted = {start + timedelta(days=n) for n in range((end - start).days + 1)}
    return [
        Silence(name, len(missing), min(missing))
        for name, seen in sorted(days.items())
        if (missing := wanted - seen)
    ]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class MonthState:
    """A month in the list of a year: closed, to be closed next, over, or still open."""

    key: str
    label: str
    state: str
    close: MonthClose | None = None


def month_states(month: FiscalMonth, today: date) -> list[MonthState]:
    """All months of the year of ``month``, in order."""
    rows = MonthClose.objects.filter(fiscal_year=month.year, reopened_at__isnull=True)
    shut = {row.month: row for row in rows}
    found, is_next = [], True
    for period in Organisation.current().calendar.months(month.year.year):
        if period.key in shut:
            state = "closed"
        elif period.end >= today:
            state = "open"
        else:
            state, is_next = ("next", False) if is_next else ("over", False)
        found.append(MonthState(period.key, period.label, state, shut.get(period.key)))
    return found
