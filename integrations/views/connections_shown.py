"""How connections, syncs and orders are shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from core import clock, formats
from core.parts import Entry, Fact
from core.tables import Cell, Column, Table
from core.text import counted
from integrations.choices import OPEN_SYNCS, ConnectionState, OrderState, SyncState
from integrations.models import Connection, PlatformOrder, SyncRun
from integrations.rules.api import Api, api_for
from integrations.selectors import health
from integrations.services.connections import events_known

SYNC_TONES = {
    SyncState.DONE: "good",
    SyncState.FAILED: "bad",
    SyncState.STOPPED: "warn",
    SyncState.RUNNING: "accent",
    SyncState.WAITING: "neutral",
}
ORDER_TONES = {
    OrderState.DONE: "good",
    OrderState.NEEDS_PERSON: "bad",
    OrderState.SENT: "warn",
    OrderState.WAITING: "accent",
    OrderState.CANCELLED: "neutral",
}


class ConnectionTable(Table):
    """Every connected account, with how it is."""

    key = "connections"
    noun = "connections"
    columns = (
        Column("name", "Account", kind="link", priority=1),
        Column("health", "Health", kind="badge", sortable=False, priority=1),
        Column("team", "Team", sort="team__name", priority=3),
        Column("complete_until", "Complete up to", kind="date", priority=2),
        Column("synced_at", "Last synced", kind="datetime", priority=2),
        Column("next_at", "Next run", kind="datetime", priority=3),
        Column("stuck_orders", "Orders that need a person", kind="number", priority=3),
    )
    default_sort = "name"
    search = ("name", "account")
    empty_title = "No account is connected yet"
    empty_text = (
        "Connect an account and its figures come by themselves, every few hours. "
        "Until then, import its exports."
    )

    def __init__(self, request: HttpRequest, rows: Any, **options: Any) -> None:
        self.now = clock.now()
        super().__init__(request, rows, **options)

    def cell(self, record: Connection, column: Column) -> Cell:
        cell = super().cell(record, column)
        if column.key == "health":
            cell.value, cell.tone = health(record, self.now)
        elif column.key == "name":
            cell.url = reverse("integrations:connection", args=[record.pk])
            cell.sub = f"{api_for(record.platform).label} · {record.account}"
        return cell


class SyncTable(Table):
    """The syncs of one account, newest first."""

    key = "syncs"
    noun = "syncs"
    columns = (
        Column("asked_at", "Asked", kind="datetime", sub="get_kind_display", priority=1),
        Column("get_state_display", "State", kind="badge", sort="state", priority=1),
        Column("days", "Days", kind="custom", sort="first_day", priority=2),
        Column("pages", "Pages", kind="number", default_visible=False, priority=3),
        Column("rows", "Rows", kind="number", priority=2),
        Column("changed", "New or restated", kind="number", priority=2),
        Column("error", "What went wrong", sortable=False, priority=3),
    )
    default_sort = "-asked_at"
    empty_title = "Not synced yet"
    empty_text = "The first sync begins by itself once the credentials are there."

    def cell(self, record: SyncRun, column: Column) -> Cell:
        cell = super().cell(record, column)
        if column.key == "get_state_display":
            cell.tone = SYNC_TONES[SyncState(record.state)]
        elif column.key == "error" and not record.error:
            cell.value = ""
        return cell

    def cell_days(self, row: SyncRun) -> str:
        return formats.span(row.first_day, row.last_day)


class OrderTable(Table):
    """Changes on their way to platforms."""

    key = "orders"
    noun = "orders"
    columns = (
        Column("what", "Order", kind="link", sortable=False, priority=1),
        Column("get_state_display", "State", kind="badge", sort="state", priority=1),
        Column("before", "Was", priority=3),
        Column("wanted", "Is to be", priority=2),
        Column("asked_by_name", "Asked by", kind="user", priority=3),
        Column("asked_at", "Asked", kind="datetime", priority=2),
        Column("done_at", "Done", kind="datetime", priority=3),
    )
    default_sort = "-asked_at"
    empty_title = "No order has gone out yet"
    empty_text = "Approved changes go out here when the connection may write."

    def cell(self, record: PlatformOrder, column: Column) -> Cell:
        cell = super().cell(record, column)
        if column.key == "what":
            cell.value = f"{record.get_kind_display()}: {record.line}"
            cell.url = reverse("integrations:order", args=[record.pk])
            cell.sub = str(record.connection)
        elif column.key == "get_state_display":
            cell.tone = ORDER_TONES[OrderState(record.state)]
        return cell


def list_title(rows: Any) -> str:
    """The situation of all connections in a sentence."""
    total = len(rows)
    broken = sum(bool(row.error) or row.state == ConnectionState.SIGN_IN for row in rows)
    if not total:
        return "Connect your first account"
    if broken:
        return f"{broken} of {total} connections need{'s' if broken == 1 else ''} a look"
    return "Every connected account is read" if total > 1 else "The connected account is read"


def title(held: Connection, now: datetime) -> str:
    """How an account is, in a sentence."""
    word, _ = health(held, now)
    return {
        "Healthy": f"{held} is up to date",
        "Late": f"{held} is late",
        "Failed": f"{held} could not be read",
        "Syncing": f"{held} is being read",
        "Not synced yet": f"{held} has not been read yet",
        ConnectionState.SIGN_IN.label: f"{held} needs a new sign-in",
        ConnectionState.NEW.label: f"{held} waits for its credentials",
    }.get(word, f"{held} is {word.lower()}")


def facts(held: Any, api: Api, now: datetime) -> list[Fact]:
    """What stands above the page of a connection."""
    word, tone = health(held, now)
    source = held.source
    until = held.complete_until
    return [
        Fact("Health", word, tone="" if tone == "accent" else tone),
        Fact("Platform", f"{api.label}, {held.account}"),
        Fact("Complete up to", formats.day(until, now.date()) if until else "nothing yet"),
        Fact("Last synced", formats.ago(held.synced_at, now) if held.synced_at else "never"),
        Fact("Next run", formats.moment(held.next_at, now.date()) if held.next_at else "none"),
        Fact("Currency and zone", f"{source.currency}, {source.time_zone}"),
    ]


def settings(held: Connection, api: Api) -> list[tuple[str, str]]:
    """How the account is read, in words."""
    known = events_known(held)
    counted = [known.get(key, key) for key in held.events]
    rhythm = "Every hour" if held.every_hours == 1 else f"Every {held.every_hours} hours"
    said = [
        ("Read", rhythm),
        ("Read anew", f"the last {held.lookback_days} days, today never"),
        ("Conversions", ", ".join(counted) or api.events.note),
        *((label.removesuffix(" (optional)"), held.fields.get(key, "")) for key, label in api.fields.items()),
    ]  # fmt: skip
    if api.commands:
        said.append(("Orders", "go out when approved" if held.may_write else "stay files"))
    return [(label, value) for label, value in said if value]


def progress(run: SyncRun) -> dict[str, Any]:
    """How far a sync is, for its bar."""
    share = run.part / run.parts if run.parts > 1 else None
    days = formats.span(run.first_day, run.last_day)
    if run.state == SyncState.WAITING:
        text = (
            f"The platform asks for patience until {formats.moment(run.resume_at)}"
            if run.resume_at
            else "Waiting for a worker"
        )
    else:
        text = f"{days}: part {min(run.part + 1, run.parts)} of {run.parts}, {counted(run.pages, 'page', 'pages')}, {counted(run.rows, 'row', 'rows')}"
    return {"run": run, "share": share, "text": text, "is_open": run.state in OPEN_SYNCS}


def order_history(order: PlatformOrder, today: Any) -> list[Entry]:
    """What happened to an order, newest first."""
    entries = [
        Entry(
            "Asked", formats.moment(order.asked_at, today), order.asked_by_name, icon="file-check"
        )
    ]
    if order.sent_at:
        entries.append(
            Entry(
                f"Sent, try {order.tries}" if order.tries else "Sent",
                formats.moment(order.sent_at, today),
                text=f"It stood at {order.before}." if order.before else "",
                icon="bolt",
            )
        )
    if order.done_at:
        word = "Done" if order.state == OrderState.DONE else "Not wanted any more"
        tone = "good" if order.state == OrderState.DONE else "neutral"
        entries.append(Entry(word, formats.moment(order.done_at, today), tone=tone, icon="check"))
    return entries[::-1]
