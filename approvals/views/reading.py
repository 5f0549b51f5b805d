"""The inbox, one request, and the policy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can, gate, person
from approvals.choices import RequestState
from approvals.forms import RequestFilter
from approvals.models import ChangeRequest, Decision
from approvals.permissions import ASKING, DECIDING
from approvals.selectors import (
    decision_times,
    requests_visible,
    waiting_for,
)
from approvals.services import look_record
from approvals.views.shown import request_context
from approvals.views.tables import RequestTable
from core import clock, formats
from core.exports import export_response
from core.once import reading_once
from core.pages import page
from core.parts import Tab, Tile


def waiting_count(request: HttpRequest) -> int:
    """How many requests wait for the signed-in person, for the rail's badge."""
    return len(waiting_for(person(request), now=clock.now()))


LIST_TITLES = {
    "mine": "Asked by you",
    "all": "Requests of your teams",
    "moved": "Overtaken: they have to be sent again before they can be approved",
}


@gate(Act.VIEW_MONEY, *ASKING)
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    user, now = person(request), clock.now()
    waiting = waiting_for(user, now=now)
    visible = requests_visible(user, at=now)
    mine = visible.filter(requested_by=user)
    show = request.GET.get("show", "")
    found = RequestFilter(request.GET, visible, request=request)
    moved = visible.filter(state=RequestState.OPEN, moved_at__isnull=False)
    rows: Any = {"mine": mine, "all": found.qs, "moved": moved}.get(show, waiting)
    is_inbox = rows is waiting and any(can(user, act) for act in DECIDING)
    bulk_url = reverse("approvals:decide-many") if is_inbox else ""
    table = RequestTable(request, rows, now=now, bulk_url=bulk_url)
    if wanted := request.GET.get("export"):
        return export_response(table, wanted, title="Requests", as_of=now)
    context = {
        "title": _inbox_title(waiting, now),
        "tabs": _tabs(show, len(waiting), mine.open().count(), moved.count()),
        "table": table,
        "list_title": LIST_TITLES.get(show, "Waiting for your decision"),
        "filters": found.form if show == "all" else None,
        "tiles": _times(visible),
        "may_ask_choice": can(user, Act.DRAFT_REQUEST),
        "crumbs": [("Approvals", "")],
    }
    return page(request, "approvals/inbox.html", context, fragment="requests")


def _inbox_title(waiting: Sequence[ChangeRequest], now: datetime) -> str:
    if not waiting:
        return "No request waits for you"
    first = waiting[0]
    left = formats.duration(first.due_at - now) if first.due_at else ""
    if len(waiting) == 1:
        return f"1 request waits for you; it lapses in {left}"
    return f"{len(waiting)} requests wait for you; the first lapses in {left}"


def _tabs(show: str, waiting: int, mine: int, moved: int) -> list[Tab]:
    overtaken = Tab("Overtaken", "?show=moved", show == "moved", moved)
    return [
        Tab("Waits for you", "?", show not in LIST_TITLES, waiting),
        Tab("Asked by you", "?show=mine", show == "mine", mine),
        *([overtaken] if moved or show == "moved" else []),
        Tab("All", "?show=all", show == "all"),
        Tab("Times and ageing", reverse("approvals:times")),
    ]


def _times(visible: Any) -> list[Tile]:
    times = decision_times(Decision.objects.filter(step__request__in=visible))
    if not times.n or times.reading_p50 is None or times.waiting_p50 is None:
        return []
    words = formats.duration
    return [
        Tile(
            "From opened to decided",
            words(times.reading_p50),
            sentence=f"median of {times.n} decisions; 9 of 10 within {words(times.reading_p90)}"
            if times.reading_p90
            else "",
        ),
        Tile(
            "Waiting until opened",
            words(times.waiting_p50),
            sentence=f"median; 9 of 10 within {words(times.waiting_p90)}"
            if times.waiting_p90
            else "",
        ),
    ]


def visible_request(user: User, pk: int) -> ChangeRequest:
    """The request, or 404 when it is out of sight."""
    return get_object_or_404(requests_visible(user, at=clock.now()), pk=pk)


def request_to_read(user: User, pk: int) -> ChangeRequest:
    """The same with its steps and people read at once, for pages that change nothing."""
    rows = requests_visible(user, at=clock.now())
    return get_object_or_404(rows.prefetch_related("contributors", "steps__decisions__user"), pk=pk)


@gate(Act.VIEW_MONEY, *ASKING)
@require_safe
@reading_once()
def request_page(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    asked = request_to_read(user, pk)
    now = clock.now()
    look_record(request=asked, user=user, at=now)
    context = request_context(request, user, asked, now)
    return page(request, "approvals/request.html", context)
