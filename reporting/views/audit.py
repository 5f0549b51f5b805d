"""The audit trail: who changed what, when and why, and whether the chain is whole."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.permissions import can, gate, person, require
from core import clock, events
from core.exports import export_response
from core.models import Event, EventSeal
from core.pages import page
from core.tables import Cell, Column, Table
from core.text import counted
from reporting.forms import EventFilter
from reporting.selectors.audit import events_for


class EventTable(Table):
    """The trail, newest first."""

    key = "events"
    columns = (
        Column("at", "When", kind="datetime", priority=2, nowrap=True),
        Column("actor_name", "Who", kind="user", priority=1),
        Column("action", "What", kind="code", priority=2),
        Column("subject_label", "Of what", kind="link", priority=1),
        Column("change", "Before → after", kind="custom", sortable=False, priority=3),
        Column("reason", "Why", sortable=False, priority=3),
        Column("id", "Number", kind="number", default_visible=False),
    )
    default_sort = "-id"
    noun = "events"
    empty_title = "No event matches"
    empty_text = "Take a filter away, or widen the days."

    def cell(self, record: Event, column: Column) -> Cell:
        cell = super().cell(record, column)
        if column.key == "subject_label":
            cell.url = reverse("reporting:event", args=[record.pk])
        return cell

    def cell_change(self, row: Event) -> str:
        return short_change(row)


def short_change(event: Event) -> str:
    """The changed fields in one line: ``status: draft → planned``."""
    before, after = event.before or {}, event.after or {}
    fields = list(dict.fromkeys([*before, *after]))[:3]
    parts = [_field(name, before, after) for name in fields]
    return " · ".join(parts) + (" …" if len(before | after) > len(fields) else "")


def _field(name: str, before: dict[str, Any], after: dict[str, Any]) -> str:
    old, new = _short(before.get(name)), _short(after.get(name))
    label = name.replace("_", " ")
    return (
        f"{label}: {old} → {new}" if name in before and name in after else f"{label}: {new or old}"
    )


def _short(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


@gate(Act.VIEW_AUDIT)
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    user = person(request)
    filtered = EventFilter(request.GET, events_for(user))
    may_export = can(user, Act.EXPORT_AUDIT)
    table = EventTable(request, filtered.qs, export=may_export)
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT_AUDIT)
        return export_response(
            table, wanted, title="Audit trail", filters=_filters(filtered), as_of=clock.now()
        )
    head = events.head()
    waiting = Event.objects.filter(seal=None).count()
    context = {
        "title": _title(head.position, waiting),
        "table": table,
        "filters": filtered.form,
        "head": head,
        "sealed_at": EventSeal.objects.values_list("sealed_at", flat=True).last(),
        "crumbs": [("Audit trail", "")],
    }
    return page(request, "reporting/audit.html", context, fragment="events")


def _title(sealed: int, waiting: int) -> str:
    if not sealed:
        return f"{counted(waiting, 'event waits', 'events wait')} for the first seal"
    if not waiting:
        return f"All {sealed:,} events are sealed"
    return f"{counted(sealed, 'event is', 'events are')} sealed, {waiting:,} {'waits' if waiting == 1 else 'wait'} for the next seal"


def _filters(filtered: EventFilter) -> list[tuple[str, str]]:
    chosen = filtered.form.cleaned_data if filtered.form.is_valid() else {}
    return [(str(filtered.form.fields[k].label), str(v)) for k, v in chosen.items() if v]


@gate(Act.VIEW_AUDIT)
@require_safe
def event(request: HttpRequest, pk: int) -> HttpResponse:
    """One event in full: every changed field, its signature and its place in the chain."""
    found = get_object_or_404(events_for(person(request)).select_related("seal"), pk=pk)
    before, after = found.before or {}, found.after or {}
    context = {
        "event": found,
        "seal": EventSeal.objects.filter(event=found).first(),
        "is_genuine": found.signature == events.signature(found),
        "fields": [
            (name.replace("_", " "), before.get(name), after.get(name))
            for name in dict.fromkeys([*before, *after])
        ],
        "crumbs": [("Audit trail", ".."), (f"Event {found.pk}", "")],
    }
    return page(request, "reporting/event.html", context, fragment="drawer")
