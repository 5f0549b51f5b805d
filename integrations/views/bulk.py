"""Files for the platforms' editors: approved changes, ready to upload there."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.permissions import gate, person
from core.pages import page
from core.tables import Cell, Column, Table
from integrations.models import BulkFile
from integrations.rules.bulk import FORMATS


class BulkFileTable(Table):
    """The files, newest first."""

    key = "files"
    noun = "files"
    columns = (
        Column("name", "File", kind="link", priority=1),
        Column("get_platform_display", "Platform", sort="platform", priority=2),
        Column("rows", "Campaigns", kind="number", priority=1),
        Column("made_at", "Made", kind="datetime", priority=2),
        Column("as_xlsx", "Excel", kind="link", sortable=False, priority=3),
        Column("as_json", "JSON", kind="link", sortable=False, priority=3),
        Column("as_parquet", "Parquet", kind="link", sortable=False, priority=3),
    )
    default_sort = "-made_at"
    empty_title = "No approved change waits for a platform"
    empty_text = "When a budget move is approved, the file for the platform’s editor appears here."

    def cell(self, record: BulkFile, column: Column) -> Cell:
        cell = super().cell(record, column)
        if column.key == "name":
            cell.url = reverse("integrations:bulk-file", args=[record.pk])
        elif column.key.startswith("as_"):
            ending = column.key.removeprefix("as_")
            cell.value = f".{ending}"
            cell.url = f"{reverse('integrations:bulk-file', args=[record.pk])}?format={ending}"
        return cell


@gate(Act.VIEW_MONEY)
@require_safe
def bulk_files(request: HttpRequest) -> HttpResponse:
    rows = BulkFile.objects.for_user(person(request))
    wanted = request.GET.get("request", "")
    if wanted.isdecimal():
        rows = rows.filter(request_id=int(wanted))
    count = rows.count()
    context = {
        "title": f"{count} approved changes are ready for the platforms"
        if count
        else "Nothing waits",
        "table": BulkFileTable(request, rows, export=False),
        "crumbs": [("Imports", reverse("integrations:imports")), ("Files for platforms", "")],
    }
    return page(request, "integrations/bulk_files.html", context, fragment="files")


@gate(Act.VIEW_MONEY)
@require_safe
def bulk_file(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(BulkFile.objects.for_user(person(request)), pk=pk)
    ending = request.GET.get("format", "csv")
    if ending not in FORMATS:
        raise Http404
    make, kind = FORMATS[ending]
    answer = HttpResponse(make(found.content), content_type=kind)
    name = f"{found.name.removesuffix('.csv')}.{ending}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
