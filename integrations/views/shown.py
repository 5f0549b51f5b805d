"""How an import is shown: its row in the list, where it stands, what it is."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse

from accounts.choices import Act
from accounts.permissions import people_with
from core import formats
from core.models import OutboxItem
from core.parts import Fact, Step
from core.tables import Cell, Column, Table
from core.text import counted
from integrations.choices import RunState
from integrations.models import ImportRun, QuarantinedRow
from integrations.rules.crm import CRM
from integrations.rules.layouts import GENERIC, layouts
from integrations.rules.market import MARKET
from integrations.services.observations import EVENTS
from integrations.views.preview import totals_in_words

STATE_TONES = {
    RunState.UPLOADED: "neutral",
    RunState.CHECKED: "warn",
    RunState.IMPORTING: "accent",
    RunState.IMPORTED: "good",
    RunState.UNCHANGED: "neutral",
    RunState.REFUSED: "bad",
    RunState.DISCARDED: "neutral",
    RunState.UNDONE: "neutral",
}


class RunTable(Table):
    """The list of imports."""

    key = "imports"
    noun = "imports"
    columns = (
        Column("file_name", "File", kind="link", priority=1),
        Column("get_state_display", "State", kind="badge", sort="state", priority=2),
        Column("team", "Team", sort="team__name", priority=3),
        Column("accepted", "Rows", kind="number", priority=2),
        Column("rejected", "In quarantine", kind="number", priority=3),
        Column("days", "Days covered", kind="custom", sort="first_day", priority=3),
        Column("total", "Spend", kind="custom", sortable=False, priority=1),
        Column("uploaded_by", "By", kind="user", sort="uploaded_by__name", priority=3),
        Column("uploaded_at", "Uploaded", kind="datetime", priority=2),
    )
    default_sort = "-uploaded_at"
    search = ("file_name",)
    empty_title = "Nothing was imported yet"
    empty_text = "Drop an export of your ad platform above. Nothing is written before you say so."

    def cell(self, record: ImportRun, column: Column) -> Cell:
        cell = super().cell(record, column)
        if column.key == "file_name":
            cell.url = reverse("integrations:run", args=[record.pk])
            cell.sub = layout_name(record)
        elif column.key == "get_state_display":
            cell.value, cell.tone = standing(record)
        elif column.key in ("accepted", "rejected") and asks(record):
            cell.value = None
        return cell

    def cell_days(self, row: ImportRun) -> str:
        return formats.span(row.first_day, row.last_day) if row.first_day and row.last_day else ""

    def cell_total(self, row: ImportRun) -> str:
        return totals_in_words(row.totals)


class QuarantineTable(Table):
    """Rows that could not be read."""

    key = "quarantine"
    noun = "rows"
    columns = (
        Column("row", "Row", kind="number", priority=1),
        Column("column", "Column", priority=2),
        Column("value", "As written", kind="code", priority=2),
        Column("message", "Why", priority=1),
        Column("code", "Code", kind="code", default_visible=False, priority=3),
    )
    default_sort = "row"
    search = ("message", "value")
    empty_title = "No row is in quarantine"


def asks(run: ImportRun) -> bool:
    """Whether a person must answer something before the file can be read."""
    return bool(run.check_result.get("questions"))


def standing(run: ImportRun) -> tuple[str, str]:
    """What an import waits for, or what became of it, in a word with its judgement."""
    if run.state != RunState.CHECKED:
        return RunState(run.state).label, STATE_TONES[RunState(run.state)]
    if asks(run):
        return "Asks for an answer", "warn"
    return ("Cannot be read", "bad") if run.verdict == "REFUSE" else ("Ready to import", "accent")


def layout_name(run: ImportRun) -> str:
    """What the file was recognised as; "" when it never was."""
    layout = run.check_result.get("layout") or {}
    return (
        "A table, by its column names" if layout.get("key") == GENERIC else layout.get("name", "")
    )


def life(run: ImportRun) -> list[Step]:
    """File, columns, check, import: where this one is."""
    done = run.state in (RunState.IMPORTED, RunState.UNCHANGED, RunState.UNDONE)
    at_work = run.state == RunState.IMPORTING
    waits = asks(run)
    refused = run.verdict == "REFUSE" and not waits
    return [
        Step("File", "done"),
        Step("Columns", "current" if waits else "done"),
        Step("Check", _check_step(run, waits=waits, refused=refused)),
        Step("Import", "done" if done else "current" if at_work else "todo"),
    ]


NOUNS = {CRM: "records", MARKET: "shares", EVENTS: "counts of events"}


def _check_step(run: ImportRun, *, waits: bool, refused: bool) -> str:
    if run.state not in (RunState.UPLOADED, RunState.CHECKED, RunState.DISCARDED, RunState.REFUSED):
        return "done"
    return "todo" if waits else "failed" if refused else "current"


def noun(run: ImportRun) -> str:
    """What the rows of a file become."""
    layout = layouts().get(run.layout)
    return NOUNS.get(layout.kind, "facts") if layout else "facts"


def progress(run: ImportRun) -> dict[str, Any]:
    """How far a worker is with a large file, for its bar."""
    at_work = run.state == RunState.IMPORTING
    item = OutboxItem.objects.filter(pk=run.outbox_id or 0).first() if at_work else None
    total = item.progress_total if item else None
    share = item.progress_done / total if item and total else None
    note = item.progress_note if item else ""
    of = f": {item.progress_done:,} of {total:,} rows" if item and total else ""
    text = f"{note.capitalize()}{of}" if note else "Waiting for a worker"
    return {"run": run, "is_importing": at_work, "share": share, "text": text}


def title(run: ImportRun) -> str:
    """The situation in a sentence."""
    if run.state == RunState.IMPORTING:
        return f"{counted(run.accepted or 0, 'row is', 'rows are')} being imported"
    if run.state == RunState.UNCHANGED:
        return "Nothing changed: all of this file was known already"
    if run.state == RunState.IMPORTED:
        return "One row is imported" if run.accepted == 1 else f"{run.accepted:,} rows are imported"
    if run.state == RunState.UNDONE:
        return "This import was taken back"
    if run.state == RunState.DISCARDED:
        return "This upload was put aside"
    questions = run.check_result.get("questions", [])
    if questions:
        return (
            "One question before this can be read"
            if len(questions) == 1
            else (f"{len(questions)} questions before this can be read")
        )
    if run.verdict == "REFUSE":
        return "This file cannot be imported as it is"
    if run.accepted is None:
        return "This upload has not been checked yet"
    if run.verdict == "PARTIAL":
        return (
            f"{run.accepted:,} of {run.data_rows:,} rows {'is' if run.accepted == 1 else 'are'} ready; "
            f"{run.rejected:,} {'has' if run.rejected == 1 else 'have'} a problem"
        )
    return "The one row is ready" if run.accepted == 1 else f"All {run.accepted:,} rows are ready"


def is_customers(run: ImportRun) -> bool:
    """Whether the file's rows are customer records, not advertising results."""
    layout = layouts().get(run.layout)
    return layout is not None and layout.kind == CRM


def facts(run: ImportRun, today: date) -> list[Fact]:
    """The strip under the title."""
    name = layout_name(run)
    found = [Fact("Recognised as", name)] if name else []
    found += [
        Fact("Team", run.team.name),
        Fact("Rows", _rows(run)),
        Fact("Size", formats.size(run.size)),
    ]
    if run.first_day and run.last_day:
        found.append(Fact("Days covered", formats.span(run.first_day, run.last_day, today)))
    if run.totals:
        name = "Amount" if is_customers(run) else "Spend"
        found.append(Fact(name, totals_in_words(run.totals)))
    return found


def _rows(run: ImportRun) -> str:
    """The data rows; total lines, footers and repeated headers are counted apart."""
    rows = formats.number((run.data_rows or 0) - (run.skipped or 0))
    if not run.skipped:
        return rows
    what = "total or note" if run.skipped == 1 else "totals and notes"
    return f"{rows} and {run.skipped:,} {what}"


def who_undoes(run: ImportRun) -> str:
    """Whom to ask when an import must be taken back: at most three names, the nearest first."""
    names = [person.name for person in people_with(Act.UNDO_IMPORT, run.team)[:3]]
    if not names:
        return "a director of the team or finance; nobody holds that role yet"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def earlier(run: ImportRun) -> ImportRun | None:
    """The last import of exactly the same file for this team, if it stands."""
    same = ImportRun.objects.filter(sha256=run.sha256, team=run.team, pk__lt=run.pk)
    return same.filter(state__in=[RunState.IMPORTED, RunState.UNCHANGED]).order_by("-pk").first()


def quarantine(run: ImportRun) -> Any:
    return QuarantinedRow.objects.filter(run=run, resolved_at=None)
