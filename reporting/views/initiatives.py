"""Initiatives: the list, and one with the sum of its campaigns' numbers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can, gate, may, person
from campaigns.models import Initiative
from campaigns.selectors import InitiativeFilter, campaigns_with_parts, initiatives_for
from core import clock, formats
from core.exports import export_response
from core.known import page_as_known
from core.pages import page
from core.parts import Fact
from core.tables import Cell, Column, Table
from reporting.selectors.campaigns import campaign_rows
from reporting.selectors.initiatives import (
    InitiativeRow,
    initiative_rows,
    initiative_tiles,
    milestone_note,
    progress_of,
    with_parts,
)
from reporting.selectors.window import Window, window_of
from reporting.views.campaigns import CampaignTable


class InitiativeTable(Table):
    """The list; amounts only for those who may see them."""

    key = "initiatives"
    noun = "initiatives"
    columns = (
        Column("name", "Initiative", kind="link", sub="owner.name", priority=1),
        Column("progress.words", "Milestones", sortable=False, priority=1),
        Column("due_on", "Due", kind="date", priority=2),
        Column("count", "Campaigns", kind="custom", sortable=False, priority=3),
        Column("spend", "Spend", kind="money", priority=2),
        Column("revenue", "Revenue", kind="money", priority=2),
        Column("roas", "ROAS", kind="ratio", priority=2),
        Column("conversions", "Conversions", kind="compact", priority=3),
        Column("team", "Team", default_visible=False, priority=3),
    )
    default_sort = "name"
    search = ("name",)
    empty_title = "No initiative yet"
    empty_text = "An initiative holds the campaigns that carry one undertaking, and its milestones."

    def cell(self, record: InitiativeRow, column: Column) -> Cell:
        if column.key in {"spend", "revenue", "roas", "conversions"}:
            return Cell(column, record, record.values.get(column.key))
        cell = super().cell(record, column)
        if column.key == "name":
            cell.url = reverse("reporting:initiative", args=[record.pk])
        return cell

    def cell_count(self, row: InitiativeRow) -> int:
        return len(row.campaigns)


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
@page_as_known
def initiatives(request: HttpRequest) -> HttpResponse:
    """Every initiative in sight."""
    user = person(request)
    window = window_of(request, now=clock.now())
    filtered = InitiativeFilter(request.GET, initiatives_for(user), request=request)
    rows = initiative_rows(user, filtered.qs, window)
    table = InitiativeTable(request, rows)
    if wanted := request.GET.get("export"):
        filters = [("Period", window.period.label), ("Currency", window.currency)]
        return export_response(
            table, wanted, title="Initiatives", filters=filters, as_of=window.as_of or clock.now(),
            classification=window.organisation.classification,
        )  # fmt: skip
    context = {
        "title": _title(rows),
        "filters": filtered.form,
        "table": table,
        "window": window,
        "may_create": can(user, Act.DRAFT_REQUEST),
        "crumbs": [("Initiatives", "")],
    }
    return page(request, "reporting/initiatives.html", context, fragment="initiatives")


def _title(rows: list[InitiativeRow]) -> str:
    if not rows:
        return "No initiative yet"
    late = sum(row.progress.slip_days > 0 for row in rows)
    count = "1 initiative" if len(rows) == 1 else f"{len(rows)} initiatives"
    return f"{count}; {late} behind a milestone" if late else f"{count}, all on time"


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
@page_as_known
def initiative(request: HttpRequest, pk: int) -> HttpResponse:
    """One initiative: where it stands, what its campaigns bring together, and each of them."""
    user = person(request)
    window = window_of(request, now=clock.now())
    found = get_object_or_404(with_parts(user, initiatives_for(user)), pk=pk)
    seen = campaigns_with_parts(user).filter(initiatives=found)
    rows, answer = campaign_rows(user, seen, window)
    table = CampaignTable(request, rows)
    table.window = window
    if wanted := request.GET.get("export"):
        filters = [("Initiative", found.name), ("Period", window.period.label), ("Currency", window.currency)]  # fmt: skip
        return export_response(
            table, wanted, title=found.name, filters=filters, as_of=answer.as_of,
            classification=window.organisation.classification,
        )  # fmt: skip
    context = _context(user, found, window) | {"table": table}
    return page(request, "reporting/initiative.html", context, fragment="campaigns")


def _context(user: User, found: Initiative, window: Window) -> dict[str, Any]:
    milestones = list(found.milestones.all())
    progress = progress_of(milestones, window.today)
    return {
        "initiative": found,
        "window": window,
        "facts": [
            Fact("Owner", person=found.owner.name),
            Fact("Team", found.team.name),
            Fact("Due", formats.day(found.due_on) if found.due_on else "no date"),
            Fact("Progress", progress.words, tone="bad" if progress.slip_days else ""),
        ],
        "progress": progress,
        "milestones": [(m, *milestone_note(m, window.today)) for m in milestones],
        "tiles": initiative_tiles(user, list(found.campaigns.all()), window),
        "may_edit": may(user, Act.DRAFT_REQUEST, team=found.team, owner_id=found.owner_id),
        "live": f"initiative:{found.pk}",
        "crumbs": [("Initiatives", reverse("reporting:initiatives")), (found.name, "")],
    }
