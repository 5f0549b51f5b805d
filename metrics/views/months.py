"""Months of performance: which are closed, what was kept, and what changed since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can, gate, person, require
from core import clock, formats
from core.exports import export_response
from core.models import Organisation
from core.money import Money
from core.pages import page, redirect_to
from core.parts import Entry, Fact, Tab
from core.tables import Column, Table
from metrics import services
from metrics.choices import MICRO_MEASURES, MONEY_MEASURES
from metrics.models import ClosedMonth
from metrics.rules.metric import MEASURE_LABELS
from metrics.selectors.months import (
    Amount,
    LateBatch,
    MonthState,
    kept_figures,
    late_batches,
    month_states,
)
from metrics.selectors.origins import BatchOrigin, batch_origins
from metrics.selectors.restatements import restatable


class MonthsTable(Table):
    key = "months"
    noun = "months"
    row_id = "key"
    columns = (
        Column("label", "Month", kind="link", url="url", sort="first_day", priority=1),
        Column("state", "State", kind="badge", tone="tone", priority=1),
        Column("closed_at", "Closed", kind="datetime", priority=2),
        Column("closed_by", "By", kind="user", priority=3),
    )
    default_sort = "-label"
    empty_title = "No month has figures yet"
    empty_text = "Months appear with the first import."


class KeptTable(Table):
    """Kept beside present figures, in counts."""

    key = "kept"
    noun = "figures"
    columns: ClassVar[Sequence[Column]] = (
        Column("channel", "Channel", priority=1),
        Column("team", "Team", priority=3),
        Column("source", "Source", priority=3),
        Column("kept", "As closed", kind="number", priority=2),
        Column("now", "Now", kind="number", strong=True, priority=1),
        Column("change", "Change", kind="number", priority=2),
        Column("share", "Change, %", kind="percent_signed", priority=3),
    )
    row_id = "channel"
    empty_title = "Nothing was reported"
    empty_text = "No source reports this measure for the month."


FIGURES = ("kept", "now", "change")


class KeptAmountsTable(KeptTable):
    """The same in amounts, each in its own currency."""

    columns = tuple(
        replace(c, kind="money_change" if c.key == "change" else "money_exact")
        if c.key in FIGURES else c
        for c in KeptTable.columns
    )  # fmt: skip


class KeptFractionsTable(KeptTable):
    """The same for what platforms report in fractions."""

    columns = tuple(replace(c, digits=2) if c.key in FIGURES else c for c in KeptTable.columns)


def _table_for(measure: str) -> type[KeptTable]:
    if measure in MONEY_MEASURES:
        return KeptAmountsTable
    return KeptFractionsTable if measure in MICRO_MEASURES else KeptTable


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def months(request: HttpRequest) -> HttpResponse:
    user = person(request)
    states = month_states(clock.today())
    table = MonthsTable(request, [_month(one) for one in states])
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        return export_response(table, wanted, title="Months of performance")
    open_months = [one for one in states if one.is_over and one.closed is None]
    context = {
        "title": _title(states),
        "table": table,
        "next": open_months[-1] if open_months else None,
        "may_close": can(user, Act.CLOSE_PERIOD),
        "crumbs": [("Goals", reverse("metrics:goals")), ("Closed months", "")],
    }
    return page(request, "metrics/months.html", context, fragment="months")


def _month(one: MonthState) -> dict[str, Any]:
    closed = one.closed
    state = (
        ("Closed", "good") if closed else ("Open", "warn") if one.is_over else ("Runs", "neutral")
    )
    return {
        "key": one.month.key,
        "label": one.month.label,
        "first_day": one.month.start,
        "url": reverse("metrics:month", args=[closed.key]) if closed else "",
        "state": state[0],
        "tone": state[1],
        "closed_at": closed and closed.closed_at,
        "closed_by": closed.closed_by_name if closed else "",
    }  # fmt: skip


def _title(states: list[MonthState]) -> str:
    waiting = [one.month.label for one in states if one.is_over and one.closed is None]
    if not waiting:
        return "Every month that is over is closed" if states else "No month has figures yet"
    return f"{waiting[-1]} is next to be closed" if len(waiting) > 1 else f"{waiting[0]} is open"


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def month(request: HttpRequest, key: str) -> HttpResponse:
    """One closed month: what was kept, what it says now, and the imports in between."""
    user, found = person(request), get_object_or_404(ClosedMonth, key=key.replace("\0", ""))
    names = dict(restatable(user))
    measure = request.GET.get("measure", "")
    measure = (
        measure if measure in names else next(iter(m for m in ("spend", "clicks") if m in names))
    )
    table = _table_for(measure)(request, kept_figures(user, found, measure))
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        title, told = f"{found.label} as closed", [("Measure", names[measure])]
        return export_response(table, wanted, title=title, filters=told)
    late = late_batches(user, found)
    origins = batch_origins(user, {one.batch.pk for one in late})
    context = {
        "title": _situation(found, late),
        "month": found,
        "facts": _facts(found),
        "tabs": [Tab(name, f"?measure={m}", m == measure) for m, name in names.items()],
        "table": table,
        "late": [_entry(one, origins, clock.today()) for one in late],
        "crumbs": [
            ("Goals", reverse("metrics:goals")),
            ("Closed months", reverse("metrics:months")),
            (found.label, ""),
        ],
    }  # fmt: skip
    return page(request, "metrics/month.html", context, fragment="kept")


def _situation(found: ClosedMonth, late: list[LateBatch]) -> str:
    count = len({one.batch.pk for one in late})
    if not count:
        return f"{found.label} still says what was closed"
    return f"{found.label} was changed by {count} {'import' if count == 1 else 'imports'} since its close"


def _facts(found: ClosedMonth) -> list[Fact]:
    facts = [
        Fact("Days", formats.span(found.first_day, found.last_day)),
        Fact("Closed", formats.moment(found.closed_at)),
        Fact("By", person=found.closed_by_name),
    ]
    return [*facts, Fact("Why", found.reason)] if found.reason else facts


def _entry(one: LateBatch, origins: Mapping[int, BatchOrigin], today: date) -> Entry:
    origin = origins.get(one.batch.pk)
    changes = [f"{MEASURE_LABELS[m]} {_signed(a)}" for m, a in one.changes]
    return Entry(
        origin.words if origin else str(one.batch),
        when=formats.moment(one.batch.known_at, today),
        text=", ".join(changes),
        url=origin.url if origin else "",
    )  # fmt: skip


def _signed(amount: Amount) -> str:
    if isinstance(amount, Money):
        return formats.money_exact_signed(amount)
    return formats.signed(amount, 2 if amount % 1 else 0)


@gate(Act.CLOSE_PERIOD)
@require_POST
def close(request: HttpRequest, key: str) -> HttpResponse:
    user: User = person(request)
    calendar = Organisation.current().calendar
    period = calendar.parse(key, today=clock.today())
    made = services.month_close(
        month=calendar.month_of(period.start), at=clock.now(), user=user, actor=user.as_actor(),
        reason=request.POST.get("reason", "").replace("\0", ""),
    )  # fmt: skip
    messages.success(request, f"{made.label} is closed. Later changes stand on its page.")
    return redirect_to(request, reverse("metrics:month", args=[made.key]))
