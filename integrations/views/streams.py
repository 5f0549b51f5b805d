"""Event streams: what comes in, what waits, how soon it is seen, and what was refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can, gate, person, sees_money
from core import clock, formats
from core.charts import Chart, Series, Unit
from core.errors import AdroitError
from core.money import MICROS, Money
from core.pages import invalid, page, redirect_to
from core.parts import Tab, Tile
from core.tables import Cell, Column, Table
from integrations.forms import StreamForm
from integrations.models import EventStream, QuarantinedRow, StreamEvent
from integrations.rules.stream import LIMITS
from integrations.selectors.streams import (
    Piece,
    StreamHealth,
    health_of,
    latest_events,
    pieces_of,
    refused_lines,
    streams_for,
)
from integrations.services.stream import stream_open

# What the stream is held to: nineteen of twenty events are seen within, rules have looked within.
GOAL_SECONDS, GOAL_REACTION = 5, 60
WINDOWS = {"hour": "Last hour", "day": "Last day"}


class EventTable(Table):
    """What came in, newest first."""

    key = "events"
    noun = "events"
    columns = (
        Column("event_id", "Event", kind="code", priority=1),
        Column("said", "Says", kind="custom", sortable=False, priority=1),
        Column("subject", "Campaign", sort="subject__campaign", priority=2),
        Column("at", "Happened", kind="datetime", priority=3),
        Column("received_at", "Arrived", kind="datetime", sort="id", priority=2),
        Column("state", "State", kind="badge", sortable=False, priority=3),
    )
    default_sort = "-received_at"
    search = ("event_id", "subject__campaign", "topic")
    empty_title = "No event has come in yet"
    empty_text = "Send one with the line above; it stands here a moment later."

    def __init__(self, *args: Any, money: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.money = money

    def cell_said(self, row: StreamEvent) -> str:
        micros = row.spend if row.spend is not None else row.revenue
        count = row.impressions if row.impressions is not None else row.clicks
        if row.conversions is not None:
            count = row.conversions / MICROS  # type: ignore[assignment]
        about = row.topic.partition(":")[2] or row.get_kind_display().lower()
        parts = (
            [formats.number(count, 0 if count == int(count) else 2)] if count is not None else []
        )
        parts.append(about)
        if micros is not None and self.money:
            parts.append(formats.money_exact(Money(micros, row.stream.source.currency)))
        return " ".join(parts)

    def cell(self, record: StreamEvent, column: Column) -> Cell:
        cell = super().cell(record, column)
        if column.key == "state":
            is_counted = record.pk <= record.counted_up_to  # type: ignore[attr-defined]
            cell.value, cell.tone = ("Counted", "good") if is_counted else ("Waits", "neutral")
            if record.is_withdrawn:
                cell.value, cell.tone = "Taken back", "neutral"
        return cell


class RefusedTable(Table):
    """Lines that could not be taken, as they stood."""

    key = "refused"
    noun = "lines"
    columns = (
        Column("message", "Why", priority=1, sub="column"),
        Column("line", "The line", kind="custom", sortable=False, priority=2),
        Column("run", "Of", kind="link", sortable=False, priority=3, nowrap=True),
    )
    search = ("message", "code")
    empty_title = "No line was refused"

    def cell_line(self, row: QuarantinedRow) -> str:
        text = str(row.cells[0]) if row.cells else ""
        return text if len(text) <= 160 else f"{text[:160]}…"

    def cell(self, record: QuarantinedRow, column: Column) -> Cell:
        cell = super().cell(record, column)
        if column.key == "run":
            cell.url = reverse("integrations:run", args=[record.run_id])
        return cell


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def stream(request: HttpRequest) -> HttpResponse:
    return page(request, "integrations/stream.html", _context(request, None))


@gate(Act.SEND_EVENTS)
@require_POST
def open_stream(request: HttpRequest) -> HttpResponse:
    user = person(request)
    form = StreamForm(user, request.POST)
    if form.is_valid():
        try:
            opened = stream_open(user=user, at=clock.now(), **form.cleaned_data)
        except AdroitError as error:
            form.add_error(error.where or None, f"{error.message} {error.remedy}".strip())
        else:
            messages.success(request, f"{opened} is open: send its first event.")
            return redirect_to(request, _url(opened))
    return invalid(request, "integrations/stream.html", _context(request, form))


def _url(stream: EventStream, over: str = "hour") -> str:
    query = urlencode({"stream": str(stream.pk), "over": over})
    return f"{reverse('integrations:stream')}?{query}"


def _context(request: HttpRequest, form: StreamForm | None) -> dict[str, Any]:
    user, now = person(request), clock.now()
    streams = list(streams_for(user))
    may_open = can(user, Act.SEND_EVENTS)
    context: dict[str, Any] = {
        "title": "Send events as they happen",
        "form": form or (StreamForm(user) if may_open else None),
        "form_is_open": bool(form),
        "crumbs": [("Imports", reverse("integrations:imports")), ("Event streams", "")],
    }
    wanted = request.GET.get("stream", "")
    shown = next((one for one in streams if str(one.pk) == wanted), None) or _busiest(streams)
    if shown is None:
        return context
    over = "day" if request.GET.get("over") == "day" else "hour"
    return context | _of_stream(request, user, shown, over, now) | {
        "streams": [Tab(str(one), _url(one, over), one == shown) for one in streams],
    }  # fmt: skip


def _busiest(streams: Sequence[EventStream]) -> EventStream | None:
    """The stream that came to life last."""
    return max(streams, key=lambda one: one.alive_at or one.opened_at, default=None)


def _of_stream(
    request: HttpRequest, user: User, shown: EventStream, over: str, now: datetime
) -> dict[str, Any]:
    health, pieces = health_of(shown, now), pieces_of(shown, over, now)
    refused = refused_lines(shown)
    return {
        "title": _title(health, now),
        "stream": shown,
        "health": health,
        "tiles": _tiles(health),
        "windows": [Tab(label, _url(shown, key), key == over) for key, label in WINDOWS.items()],
        "charts": _charts(shown, pieces, over),
        "events": EventTable(request, latest_events(shown), money=sees_money(user), export=False),
        "refused": RefusedTable(request, refused, export=False) if refused.exists() else None,
        "address": f"{request.build_absolute_uri('/api/v1/events')}?stream={shown.source.key}",
        "limits": LIMITS,
    }


def _title(health: StreamHealth, now: datetime) -> str:
    name = str(health.stream)
    if health.error:
        return f"{name} takes events, but counting them stopped"
    if health.latest_at is None:
        return f"{name} waits for its first event"
    if health.lag_p95 is None:
        return _quiet(name, health.latest_at, now)
    return f"{name} shows events {_seconds(health.lag_p95)} after they arrive"


def _quiet(name: str, latest: datetime, now: datetime) -> str:
    """Nothing was counted in the last hour: because nothing came, or because it waits."""
    if now - latest < timedelta(hours=1):
        return f"{name} has new events, which are counted in a moment"
    return f"{name} is quiet; its last events came {formats.ago(latest, now)}"


def _seconds(milliseconds: int | None) -> str:
    return formats.NOTHING if milliseconds is None else f"{milliseconds / 1000:.1f}\u202fs"


def _tiles(health: StreamHealth) -> list[Tile]:
    slow = (health.lag_p95 or 0) > GOAL_SECONDS * 1000
    late = (health.reaction or 0) > GOAL_REACTION * 1000
    return [
        Tile("Events a minute", formats.number(health.events_a_minute), sentence="over the last 5 minutes"),
        Tile("Waiting to be counted", formats.number(health.backlog), sentence=f"senders are asked to wait from {formats.number(LIMITS.backlog)}"),
        Tile("Half are seen within", _seconds(health.lag_p50), sentence="from arrival, last hour"),
        Tile("19 of 20 within", _seconds(health.lag_p95), tone="bad" if slow else "good", sentence=f"goal: under {GOAL_SECONDS} s"),
        Tile("Rules have looked within", _seconds(health.reaction), tone="bad" if late else "good", sentence=f"longest of the last hour; goal: {GOAL_REACTION} s"),
        Tile("Refused lines", formats.number(health.rejected), tone="warn" if health.rejected else "good", sentence="in the last 24 hours"),
    ]  # fmt: skip


def _charts(shown: EventStream, pieces: Sequence[Piece], over: str) -> list[Chart]:
    zone = ZoneInfo(shown.source.time_zone)
    x = [piece.start.astimezone(zone).strftime("%H:%M") for piece in pieces]
    each = "minute" if over == "hour" else "half hour"
    total = sum(piece.events for piece in pieces)
    where = f"{shown.source.time_zone} time"
    return [
        Chart(
            kind="bar",
            title=f"{formats.number(total)} events were counted",
            sub=f"Events per {each} · {where}",
            x=x,
            x_label="From",
            series=[Series("Events", [piece.events for piece in pieces])],
            id="rate",
            height=200,
        ),
        Chart(
            kind="bar",
            title="From arrival to visible",
            sub=f"Seconds until 19 of 20 events of a {each} were in the figures · the tick: half of them",
            x=x,
            x_label="From",
            unit=Unit.number(1),
            series=[
                Series("19 of 20", [_in_seconds(piece.lag_p95) for piece in pieces]),
                Series("Half", [_in_seconds(piece.lag_p50) for piece in pieces], style="target"),
            ],
            id="lag",
            height=200,
        ),
    ]


def _in_seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
