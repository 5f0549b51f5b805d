"""One campaign: where it stands, what is wrong, what was changed, down to creative and day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can, gate, may, person, sees_money
from campaigns.choices import Status
from campaigns.models import Campaign, Creative
from campaigns.selectors import campaigns_with_parts, next_steps
from core import clock, formats
from core.exports import export_response
from core.known import page_as_known
from core.models import Event
from core.pages import page
from core.parts import Entry, Fact, Step, Tab
from core.periods import Period
from core.tables import Cell, Column, Table
from insights.selectors.forecasts import quotes_for
from metrics.selectors import where_from
from reporting.selectors.annotations import remarked, remarks_on
from reporting.selectors.campaign import (
    Split,
    all_metrics,
    campaign_query,
    chart_metric,
    logged_changes,
    splits,
    tiles,
    trend_chart,
)
from reporting.selectors.campaign_findings import shown_findings
from reporting.selectors.campaign_targets import campaign_targets, shown_targets, target_line
from reporting.selectors.status import data_status
from reporting.selectors.window import Window, window_of

LIFE = (
    Status.DRAFT,
    Status.PLANNED,
    Status.APPROVED,
    Status.LIVE,
    Status.COMPLETED,
    Status.REVIEWED,
)
# What is told of the next week, the first three that the campaign has.
FORECAST = ("revenue", "conversions", "spend", "leads", "clicks")
SPLITS = {"lines": "line", "creatives": "creative", "segments": "segment", "days": "day"}
TABS = {"lines": "Channel lines", "creatives": "Creatives", "segments": "Segments", "days": "Days"}
MOVE_ICONS = {
    Status.PAUSED: "player-pause",
    Status.LIVE: "player-play",
    Status.COMPLETED: "check",
    Status.ARCHIVED: "archive",
}
MOVE_WORDS = {
    Status.DRAFT: "Back to draft",
    Status.PLANNED: "Plan it",
    Status.APPROVED: "Approve",
    Status.LIVE: "Go live",
    Status.PAUSED: "Pause",
    Status.COMPLETED: "Complete",
    Status.REVIEWED: "Mark as reviewed",
    Status.ARCHIVED: "Archive",
}


FIGURES = (
    Column("impressions", "Impressions", kind="compact", priority=3),
    Column("clicks", "Clicks", kind="compact", priority=3),
    Column("ctr", "CTR", kind="percent", priority=3),
    Column("spend", "Spend", kind="money", priority=2),
    Column("conversions", "Conversions", kind="compact", priority=2),
    Column("cpa", "CPA", kind="money", priority=3),
    Column("revenue", "Revenue", kind="money", priority=2),
    Column("roas", "ROAS", kind="ratio", priority=1),
    Column("cpc", "CPC", kind="money", default_visible=False, priority=3),
    Column("cvr", "Conversion rate", kind="percent", default_visible=False, priority=3),
)


class SplitTable(Table):
    """The parts of a campaign with their figures."""

    key = "parts"
    asked: tuple[str, int, Window]
    columns: ClassVar[Sequence[Column]] = (Column("label", "Channel line", priority=1), *FIGURES)
    default_sort = "-spend"
    empty_title = "No figures in this period"
    empty_text = "Choose another period, or import an export that covers it."

    def where_from(self, record: Split) -> str:
        by, campaign, window = self.asked
        if not record.values:
            return ""
        period, where = window.period, {"campaign": campaign}
        if by == "day":
            period = Period("day", record.key, record.key)
        else:
            where[by] = record.key
        return where_from(list(record.values), period, where, window.currency)


class SegmentTable(SplitTable):
    columns = (Column("label", "Segment", priority=1), *FIGURES)


class DayTable(SplitTable):
    columns = (Column("label", "Day", sort="key", nowrap=True, priority=1), *FIGURES)
    default_sort = "-label"


class CreativeTable(SplitTable):
    """A creative says what it is, and leads whoever may change it to its form."""

    columns = (Column("label", "Creative", priority=1), *FIGURES)
    creatives: Mapping[int, Creative] = {}
    may_edit = False

    def cell(self, record: Split, column: Column) -> Cell:
        cell = super().cell(record, column)
        known = self.creatives.get(record.key) if column.key == "label" else None
        if known:
            cell.sub = " · ".join(filter(None, (known.format, known.get_state_display().lower())))
            if self.may_edit:
                cell.url = reverse("campaigns:creative-edit", args=[known.campaign_id, known.pk])
        return cell


TABLES: dict[str, type[SplitTable]] = {
    "lines": SplitTable,
    "segments": SegmentTable,
    "days": DayTable,
}


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
@page_as_known
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    found = get_object_or_404(campaigns_with_parts(user), pk=pk)
    window = window_of(request, now=clock.now())
    tab = request.GET.get("tab", "lines")
    tab = tab if tab in SPLITS else "lines"
    table = _parts(request, user, found, window, tab)
    if wanted := request.GET.get("export"):
        return _export(table, wanted, found, tab, window)
    return page(
        request,
        "reporting/campaign.html",
        _context(request, user, found, window, tab, table),
        fragment="parts",
    )


def _parts(
    request: HttpRequest, user: User, found: Campaign, window: Window, tab: str
) -> SplitTable:
    """The figures by part; planned creatives stand there before they have any."""
    rows = splits(user, found, window, SPLITS[tab])
    asked = (SPLITS[tab], found.pk, window)
    if tab != "creatives":
        table = TABLES[tab](request, rows)
        table.asked = asked
        return table
    creatives = {creative.pk: creative for creative in found.creatives.all()}
    seen = {row.key for row in rows}
    idle = [Split(key, known.name, {}) for key, known in creatives.items() if key not in seen]
    listed = CreativeTable(request, rows + idle)
    listed.asked = asked
    listed.creatives, listed.may_edit = creatives, _may_edit(user, found)
    return listed


def _may_edit(user: User, found: Campaign) -> bool:
    return may(user, Act.DRAFT_REQUEST, team=found.team, owner_id=found.owner_id)


def _export(table: Table, wanted: str, found: Campaign, tab: str, window: Window) -> HttpResponse:
    filters = [
        ("Campaign", found.name),
        ("Period", window.period.label),
        ("Currency", window.currency),
    ]
    return export_response(
        table,
        wanted,
        title=f"{found.name}, {TABS[tab].lower()}",
        filters=filters,
        as_of=window.as_of,
        classification=window.organisation.classification,
    )


def _context(
    request: HttpRequest, user: User, found: Campaign, window: Window, tab: str, table: Table
) -> dict[str, Any]:
    answer = campaign_query(user, found, window, by=[], metrics=all_metrics(user)[:1])
    changes, goals = logged_changes(found), campaign_targets(user, found, window)
    metric = chart_metric(goals, sees_money=sees_money(user))
    remarks = remarks_on(user, found, window.period.start, window.period.end)
    return {
        "campaign": found,
        "window": window,
        "steps": _life(found),
        "facts": _facts(found),
        "moves": _moves(user, found),
        "findings": shown_findings(user, found),
        "targets": shown_targets(goals),
        "forecasts": quotes_for(f"campaign:{found.pk}", FORECAST, user),
        "status": data_status(answer, window),
        "tiles": tiles(user, found, window),
        "chart": remarked(
            trend_chart(
                user,
                found,
                window,
                metric=metric,
                changes=[c.entry for c in changes],
                target=target_line(goals, metric, window.currency),
            ),
            remarks,
        ),
        "remarks": remarks,
        "changes": changes,
        "table": table,
        "tabs": _tabs(request, tab),
        "history": _history(found),
        "may_edit": _may_edit(user, found),
        "may_propose": can(user, Act.DRAFT_REQUEST) and sees_money(user),
        "live": f"campaign:{found.pk}",
        "crumbs": [("Campaigns", reverse("reporting:campaigns")), (found.name, "")],
    }


def _life(found: Campaign) -> list[Step]:
    status = Status.LIVE if found.status == Status.PAUSED else Status(found.status)
    if status == Status.ARCHIVED:
        return [Step(s.label, "done") for s in LIFE] + [Step("Archived", "current")]
    reached = LIFE.index(status)
    steps = []
    for number, state in enumerate(LIFE):
        stage = "done" if number < reached else "current" if number == reached else "todo"
        label = "Paused" if state == Status.LIVE and found.status == Status.PAUSED else state.label
        steps.append(Step(label, stage))
    return steps


def _facts(found: Campaign) -> list[Fact]:
    channels = sorted({line.channel for line in found.lines.all()}, key=lambda c: c.position)
    facts = [
        Fact("Owner", person=found.owner.name),
        Fact("Team", found.team.name),
        Fact("Flight", _flight(found)),
        Fact("Channels", channels=[(c.key, c.name) for c in channels]),
        Fact("Objective", found.get_objective_display()),
    ]
    return facts + ([Fact("Markets", found.markets)] if found.markets else [])


def _flight(found: Campaign) -> str:
    if found.flight_start and found.flight_end:
        return formats.span(found.flight_start, found.flight_end)
    return f"from {formats.day(found.flight_start)}" if found.flight_start else "always on"


def _moves(user: User, found: Campaign) -> list[dict[str, str]]:
    """The next steps as buttons, for those who may take one."""
    if not may(user, Act.PAUSE_CAMPAIGN, team=found.team, owner_id=found.owner_id):
        return []
    words = dict(MOVE_WORDS)
    if found.status == Status.PAUSED:
        words[Status.LIVE] = "Resume"
    url = reverse("campaigns:move", args=[found.pk])
    return [
        {
            "label": words[step],
            "url": f"{url}?to={step.value}",
            "icon": MOVE_ICONS.get(step, "arrow-right"),
        }
        for step in next_steps(found)
    ]


def _tabs(request: HttpRequest, current: str) -> list[Tab]:
    tabs = []
    for key, label in TABS.items():
        query = request.GET.copy()
        query["tab"] = key
        tabs.append(Tab(label, f"?{query.urlencode()}", current=key == current))
    return tabs


def _history(found: Campaign) -> list[Entry]:
    steps = [
        Entry(
            f"{t.get_before_display()} → {t.get_after_display()}",
            when=formats.moment(t.at),
            who=t.by_name,
            text=t.reason,
        )
        for t in found.transitions.order_by("-at")[:8]
    ]
    edits = Event.objects.filter(
        subject_type="campaigns.campaign",
        subject_id=str(found.pk),
        action__in=["campaign.created", "campaign.changed"],
    )[:8]
    return steps + [
        Entry(
            "Edited" if e.action == "campaign.changed" else "Created",
            when=formats.moment(e.at),
            who=e.actor_name,
        )
        for e in edits
    ]
