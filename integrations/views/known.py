"""What is known about files before they come: sources, and columns remembered for a header set."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.choices import Act
from accounts.permissions import gate, person
from core import clock
from core.exports import export_response
from core.pages import page, redirect_to
from core.tables import Cell, Column, Table
from integrations import services
from integrations.models import Mapping, Source
from integrations.selectors import mappings_for, sources_for
from integrations.views.preview import TARGETS
from integrations.views.typed import filters_of, keys, left_by_search


class SourceTable(Table):
    """Where facts come from, with the last file of each."""

    key = "sources"
    noun = "sources"
    columns = (
        Column("name", "Source", kind="link", priority=1),
        Column("get_platform_display", "Platform", sort="platform", priority=2),
        Column("team", "Team", sort="team__name", priority=3),
        Column("currency", "Currency", priority=2),
        Column("time_zone", "Time zone", priority=3),
        Column("imports", "Imports", kind="number", priority=1),
        Column("latest_day", "Data up to", kind="date", priority=2),
        Column("latest_at", "Latest import", kind="datetime", priority=3),
        Column("is_active", "State", kind="badge", priority=3),
    )
    default_sort = "name"
    search = ("name",)
    empty_title = "No source yet"
    empty_text = "A source is made with the first import of an account."

    def cell(self, record: Source, column: Column) -> Cell:
        cell = super().cell(record, column)
        if column.key == "name":
            cell.url = f"{reverse('integrations:imports')}?source={record.pk}"
        elif column.key == "is_active":
            cell.value, cell.tone = (
                ("In use", "good") if record.is_active else ("Closed", "neutral")
            )
        return cell


class MappingTable(Table):
    """What people decided about the columns of a layout, newest use first."""

    key = "mappings"
    noun = "layouts"
    columns = (
        Column("name", "Layout", priority=1, sub="team"),
        Column("decided", "Columns chosen by hand", kind="custom", sortable=False, priority=2),
        Column("answers", "Answers", kind="custom", sortable=False, priority=2),
        Column("version", "Version", kind="number", priority=3),
        Column("used", "Used", kind="number", priority=1),
        Column("used_at", "Last used", kind="datetime", priority=3),
        Column("created_by", "By", kind="user", sort="created_by__name", priority=3),
    )
    default_sort = "-used_at"
    search = ("name",)
    empty_title = "Nothing is remembered yet"
    empty_text = (
        "When a file is imported, what you said about its columns is kept for the next one."
    )

    def cell_decided(self, row: Mapping) -> str:
        said = [
            f"{header} → {TARGETS.get(target, target)}"
            if header
            else f"no {TARGETS.get(target, target)}"
            for target, header in row.columns.items()
        ]
        return " · ".join(said) or "As recognised"

    def cell_answers(self, row: Mapping) -> str:
        said = (f"{key.replace('_', ' ')} {value}" for key, value in row.settings.items())
        return " · ".join(said)


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    table = SourceTable(request, sources_for(person(request)))
    if wanted := request.GET.get("export"):
        return export_response(table, wanted, title="Sources", as_of=clock.now())
    context = {"title": "Where the figures come from", "table": table, "crumbs": _crumbs("Sources")}
    return page(request, "integrations/sources.html", context, fragment="sources")


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def mappings(request: HttpRequest) -> HttpResponse:
    rows = mappings_for(person(request))
    table = MappingTable(
        request, rows, bulk_url=reverse("integrations:mapping-forget"), export=False
    )
    context: dict[str, Any] = {
        "title": "Columns that need no second look",
        "table": table,
        "crumbs": _crumbs("Remembered columns"),
    }
    return page(request, "integrations/mappings.html", context, fragment="mappings")


@gate(Act.UPLOAD_IMPORT)
@require_POST
def mapping_forget(request: HttpRequest) -> HttpResponse:
    """Forget the ticked layouts; what was imported with them stays."""
    user = person(request)
    rows = mappings_for(user)
    if request.POST.get("all") == "1":
        rows = left_by_search(MappingTable(request, rows), filters_of(request))
    else:
        rows = rows.filter(pk__in=keys(request.POST.getlist("ids")))
    found = list(rows)
    for mapping in found:
        services.mapping_forget(mapping, user=user, at=clock.now())
    count = len(found)
    text = "1 layout is forgotten" if count == 1 else f"{count} layouts are forgotten"
    messages.success(request, f"{text}; its next file is asked about again.")
    return redirect_to(request, reverse("integrations:mappings"))


def _crumbs(name: str) -> list[tuple[str, str]]:
    return [("Imports", reverse("integrations:imports")), (name, "")]
