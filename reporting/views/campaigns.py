"""Campaigns with their numbers: list, board and calendar."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.permissions import can, gate, person
from campaigns.choices import Status
from campaigns.selectors import CampaignFilter, campaigns_with_parts
from core import clock, formats
from core.exports import export_response
from core.known import page_as_known
from core.pages import page
from core.parts import Tab
from core.tables import Cell, Column, Table
from core.text import counted
from metrics.selectors import where_from
from reporting.selectors.campaigns import (
    ROW_HEIGHT,
    ROW_TOP,
    CampaignRow,
    campaign_rows,
    flights,
    place,
)
from reporting.selectors.status import data_status
from reporting.selectors.window import Window, window_of

STATUS_TONES = {
    Status.DRAFT: "neutral",
    Status.PLANNED: "neutral",
    Status.APPROVED: "accent",
    Status.LIVE: "good",
    Status.PAUSED: "warn",
    Status.COMPLETED: "neutral",
    Status.REVIEWED: "neutral",
    Status.ARCHIVED: "neutral",
}
BOARD = (
    Status.DRAFT,
    Status.PLANNED,
    Status.APPROVED,
    Status.LIVE,
    Status.PAUSED,
    Status.COMPLETED,
)
MODES = {"list": "List", "board": "Board", "calendar": "Calendar"}


class CampaignTable(Table):
    """The campaign list; amounts only for those who may see them."""

    key = "campaigns"
    noun = "campaigns"
    columns = (
        Column("name", "Campaign", kind="link", sub="owner.name", priority=1),
        Column("status", "State", kind="badge", priority=2),
        Column("channels", "Channels", kind="custom", sortable=False, priority=2),
        Column(
            "flight", "Flight", kind="custom", sort="campaign.flight_start", priority=3, nowrap=True
        ),
        Column("spend", "Spend", kind="money", priority=2),
        Column("revenue", "Revenue", kind="money", priority=1),
        Column("roas", "ROAS", kind="ratio", priority=2),
        Column("conversions", "Conversions", kind="compact", priority=3),
        Column("cpa", "CPA", kind="money", priority=3),
        Column(
            "findings", "Findings", kind="custom", sort="findings", priority=3, help="Open findings"
        ),
        Column("team", "Team", default_visible=False, priority=3),
        Column("objective", "Objective", default_visible=False, priority=3),
        Column("impressions", "Impressions", kind="compact", default_visible=False, priority=3),
        Column("clicks", "Clicks", kind="compact", default_visible=False, priority=3),
    )
    default_sort = "-spend"
    search = ("name",)
    empty_title = "No campaign matches"
    empty_text = "Take a filter away, create a campaign, or import an export of your ad platform."

    window: Window

    def where_from(self, record: CampaignRow) -> str:
        asked = {"campaign": record.pk}
        return where_from(list(record.values), self.window.period, asked, self.window.currency)

    def cell(self, record: CampaignRow, column: Column) -> Cell:
        cell = super().cell(record, column)
        if column.key in record.values:
            cell.value = record.values[column.key]
        elif column.key == "name":
            cell.url = reverse("reporting:campaign", args=[record.pk])
        elif column.key == "status":
            cell.value = record.campaign.get_status_display()
            cell.tone = STATUS_TONES[Status(record.campaign.status)]
        return cell

    def cell_channels(self, row: CampaignRow) -> str:
        return ", ".join(name for _, name in row.channels)

    def cell_findings(self, row: CampaignRow) -> int | None:
        return row.findings or None

    def cell_flight(self, row: CampaignRow) -> str:
        campaign = row.campaign
        if campaign.flight_start and campaign.flight_end:
            return formats.span(campaign.flight_start, campaign.flight_end)
        return (
            f"since {formats.day(campaign.flight_start, weekday=False)}"
            if campaign.flight_start
            else "always on"
        )


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
@page_as_known
def campaigns(request: HttpRequest) -> HttpResponse:
    user = person(request)
    window = window_of(request, now=clock.now())
    filtered = CampaignFilter(request.GET, campaigns_with_parts(user), request=request)
    chosen = filtered.qs
    if "status" not in request.GET:
        chosen = chosen.exclude(status=Status.ARCHIVED)
    rows, answer = campaign_rows(user, chosen, window)
    table = CampaignTable(request, rows, bulk_url=_bulk_url(request))
    table.window = window
    if wanted := request.GET.get("export"):
        filters = [("Period", window.period.label), ("Currency", window.currency)]
        return export_response(
            table,
            wanted,
            title="Campaigns",
            filters=filters,
            as_of=answer.as_of,
            classification=window.organisation.classification,
        )
    mode = request.GET.get("view", "list")
    context: dict[str, Any] = {
        "title": _title(rows),
        "mode": mode if mode in MODES else "list",
        "tabs": _tabs(request, mode),
        "filters": filtered.form,
        "table": table,
        "window": window,
        "table_sub": f"{window.period.label}, {window.currency} · planned flights, figures of the period",
        "status": data_status(answer, window),
        "may_create": can(user, Act.DRAFT_REQUEST),
        "may_see_money": can(user, Act.VIEW_MONEY),
        "crumbs": [("Campaigns", "")],
    }
    context |= (
        _board(rows) if mode == "board" else _calendar(rows, window) if mode == "calendar" else {}
    )
    return page(request, "reporting/campaigns.html", context, fragment="campaigns")


def _bulk_url(request: HttpRequest) -> str:
    return reverse("campaigns:bulk") if can(person(request), Act.DRAFT_REQUEST) else ""


def _title(rows: list[CampaignRow]) -> str:
    live = sum(row.campaign.status == Status.LIVE for row in rows)
    troubled = sum(1 for row in rows if row.findings)
    if not rows:
        return "No campaigns yet"
    if not troubled:
        return f"{counted(live, 'campaign is', 'campaigns are')} live and nothing is wrong"
    verb = "needs" if troubled == 1 else "need"
    return f"{counted(live, 'campaign is', 'campaigns are')} live; {troubled} {verb} a look"


def _tabs(request: HttpRequest, mode: str) -> list[Tab]:
    tabs = []
    for key, label in MODES.items():
        query = request.GET.copy()
        query["view"] = key
        tabs.append(Tab(label, f"?{query.urlencode()}", current=key == mode))
    return tabs


def _board(rows: list[CampaignRow]) -> dict[str, Any]:
    columns = [(s, [row for row in rows if row.campaign.status == s]) for s in BOARD]
    return {"board": columns}


def _calendar(rows: list[CampaignRow], window: Window) -> dict[str, Any]:
    """A quarter before to a quarter after the window, month by month."""
    calendar = window.organisation.calendar
    start = calendar.month_of(window.period.start - timedelta(days=60)).start
    end = calendar.month_of(window.period.end + timedelta(days=90)).end
    bars = flights(rows, start, end)
    is_inside = start <= window.today <= end
    return {
        "flights": bars,
        "months": [
            (m.label, place(m.start, start, end)) for m in calendar.months_between(start, end)
        ],
        "today_x": place(window.today, start, end) if is_inside else None,
        "height": ROW_TOP + ROW_HEIGHT * len(bars) + 8,
    }
