"""Rows that could not be read: the queue over all imports, mending them in place, dismissing them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import gate, may, person
from core import clock
from core.errors import Conflict, Invalid
from core.exports import export_response
from core.pages import invalid, page, redirect_to
from core.tables import Cell, Column, Table
from integrations import services
from integrations.forms import QuarantineFilter
from integrations.models import ImportRun, QuarantinedRow
from integrations.selectors import cells_to_mend, quarantine_for, runs_for
from integrations.views.typed import filters_of, keys, left_by_search, typed

AT_ONCE = 25
STATES = {
    "": ("Waits", "warn"),
    "mended": ("Mended", "good"),
    "dismissed": ("Dismissed", "neutral"),
}


class QueueTable(Table):
    """Rows of every import that could not be read, the newest import first."""

    key = "queue"
    noun = "rows"
    columns = (
        Column("run", "File", kind="link", sort="run__file_name", priority=1),
        Column("row", "Row", kind="number", priority=1),
        Column("column", "Column", priority=3),
        Column("value", "As written", kind="code", priority=2),
        Column("message", "Why", priority=1),
        Column("code", "Code", kind="code", default_visible=False, priority=3),
        Column("state", "State", kind="badge", sort="resolution", priority=2),
        Column("resolved_by", "By", kind="user", sort="resolved_by__name", default_visible=False),
        Column("reason", "Reason", default_visible=False, priority=3),
        Column("uploaded_at", "Uploaded", kind="custom", sort="run__uploaded_at", priority=3),
    )
    default_sort = "-uploaded_at"
    search = ("message", "value", "run__file_name")
    empty_title = "No row waits"
    empty_text = "Rows that a file brought and that cannot be read come here, with the reason."

    def cell(self, record: QuarantinedRow, column: Column) -> Cell:
        cell = super().cell(record, column)
        if column.key == "run":
            cell.url = reverse("integrations:mend", args=[record.run_id])
            cell.sub = record.run.team.name
        elif column.key == "state":
            cell.value, cell.tone = STATES[record.resolution]
        return cell

    def cell_uploaded_at(self, row: QuarantinedRow) -> str:
        return f"{row.run.uploaded_at:%Y-%m-%d}"


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def quarantine(request: HttpRequest) -> HttpResponse:
    """The queue; without a filter, the rows that still wait."""
    user = person(request)
    rows = quarantine_for(user)
    filtered = QuarantineFilter(request.GET, rows, request=request)
    table = QueueTable(request, filtered.qs, bulk_url=reverse("integrations:quarantine-dismiss"))
    if wanted := request.GET.get("export"):
        return export_response(table, wanted, title="Quarantine", as_of=clock.now())
    waiting = rows.waiting().count()
    context = {
        "title": _title(waiting),
        "table": table,
        "filters": filtered.form,
        "crumbs": [("Imports", reverse("integrations:imports")), ("Quarantine", "")],
    }
    return page(request, "integrations/quarantine.html", context, fragment="queue")


def _title(waiting: int) -> str:
    if not waiting:
        return "No row is in quarantine"
    return "One row waits in quarantine" if waiting == 1 else f"{waiting:,} rows wait in quarantine"


@gate(Act.CONFIRM_PARTIAL)
@require_POST
def dismiss(request: HttpRequest) -> HttpResponse:
    """Dismiss the ticked rows, import by import, for one reason."""
    user = person(request)
    by_run: dict[int, list[int]] = {}
    for pk, run in _ticked(request, user).values_list("pk", "run_id"):
        by_run.setdefault(run, []).append(pk)
    count = sum(
        services.rows_dismiss(
            get_object_or_404(runs_for(user), pk=run),
            ids=ids,
            user=user,
            reason=typed(request, "reason"),
            at=clock.now(),
        )
        for run, ids in by_run.items()
    )
    messages.success(
        request, f"{count:,} row{'' if count == 1 else 's'} dismissed; they stay on record."
    )
    return redirect_to(request, reverse("integrations:quarantine"))


def _ticked(request: HttpRequest, user: User) -> Any:
    """The ticked rows, or every one that the page's filters and search leave."""
    rows = quarantine_for(user).waiting()
    if request.POST.get("all") != "1":
        return rows.filter(pk__in=keys(request.POST.getlist("ids")))
    query = filters_of(request)
    filtered = QuarantineFilter(query, rows, request=request)
    if not filtered.is_valid():
        raise Invalid(
            "Which rows are meant cannot be read from the filters.",
            where="filters",
            remedy="Load the page again and tick the rows anew.",
        )
    return left_by_search(QueueTable(request, filtered.qs), query)


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def mend(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows of one import to write anew, and those that are decided."""
    user = person(request)
    run = get_object_or_404(runs_for(user), pk=pk)
    return page(request, "integrations/mend.html", _mend_context(run, user, {}))


@gate(Act.CONFIRM_PARTIAL)
@require_POST
def mend_rows(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the file again with what was written; good rows are imported, others keep their place."""
    user = person(request)
    run = get_object_or_404(runs_for(user), pk=pk)
    written = _written(request, run, list(run.quarantine.filter(resolved_at=None)))
    try:
        result = services.rows_mend(
            run, cells=written, user=user, today=clock.today(), at=clock.now()
        )
    except (Invalid, Conflict) as error:
        context = {**_mend_context(run, user, written), "problem": error}
        return invalid(request, "integrations/mend.html", context)
    done, held = len(result.mended), len(result.held)
    if done:
        messages.success(request, f"{done} row{'' if done == 1 else 's'} imported as mended.")
    if held:
        messages.warning(request, f"{held} still cannot be read; the reason stands beside them.")
    return redirect_to(request, reverse("integrations:mend", args=[run.pk]))


def _mend_context(run: ImportRun, user: User, written: dict[int, list[str]]) -> dict[str, Any]:
    waiting = run.quarantine.filter(resolved_at=None)
    rows = list(waiting[:AT_ONCE])
    for row in rows:
        row.mended = written.get(row.pk, row.mended)
    columns = run.check_result.get("columns", [])
    count = waiting.count()
    return {
        "title": _mend_title(run, count),
        "run": run,
        "rows": [(row, cells_to_mend(row, columns)) for row in rows],
        "more": count - len(rows),
        "may_mend": services.quarantine_open(run)
        and may(user, Act.CONFIRM_PARTIAL, team=run.team, owner_id=run.uploaded_by_id),
        "decided": run.quarantine.exclude(resolved_at=None).select_related("resolved_by", "batch"),
        "crumbs": [
            ("Imports", reverse("integrations:imports")),
            ("Quarantine", reverse("integrations:quarantine")),
            (run.file_name, ""),
        ],
    }


def _mend_title(run: ImportRun, waiting: int) -> str:
    if not services.quarantine_open(run):
        return "These rows wait until the file is imported"
    if not waiting:
        return "Every row of this file is decided"
    return "One row to mend" if waiting == 1 else f"{waiting:,} rows to mend"


def _written(
    request: HttpRequest, run: ImportRun, rows: list[QuarantinedRow]
) -> dict[int, list[str]]:
    """The cells of rows in which something was written anew."""
    width = len(run.check_result.get("columns", []))
    found: dict[int, list[str]] = {}
    for row in rows:
        before = row.mended or row.cells
        cells = list(before)
        for name, value in request.POST.items():
            head, _, place = name.rpartition(".")
            if head == f"cell.{row.pk}" and (at := _place(place)) is not None:
                cells += [""] * (at + 1 - len(cells))
                cells[at] = str(value).replace("\0", "")
        while len(cells) > width and not cells[-1]:
            cells.pop()  # emptied beyond the last header
        if cells != before:
            found[row.pk] = cells
    return found


def _place(text: str) -> int | None:
    """Which cell of a row is meant, where a row may have it."""
    return next((at for at in keys([text]) if at < services.MOST_CELLS), None)
