"""How an import is shown: its row in the list, its columns, questions and problems."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from django.urls import reverse

from core import formats
from core.money import Money
from core.parts import Fact, Step
from core.tables import Cell, Column, Table
from integrations.choices import RunState
from integrations.models import ImportRun, QuarantinedRow
from metrics.selectors import MEASURE_LABELS

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
# What a column may be, for the select on the check page.
TARGETS = {
    "": "Not imported",
    "day": "Date",
    "month_name": "Month name",
    "day_of_month": "Day of the month",
    "period_start": "First day of the period",
    "campaign_name": "Campaign name",
    "campaign_external_id": "Campaign number",
    "account": "Ad account",
    "channel": "Channel",
    "ad_group_name": "Ad group",
    "creative_name": "Creative",
    "creative_external_id": "Creative number",
    "currency": "Currency",
    **MEASURE_LABELS,
}
QUESTION_TITLES = {
    "year": "Which year is it?",
    "revenue": "Which column is the revenue?",
    "currency": "Which currency is it?",
    "date_order": "How are the dates written?",
    "decimal": "How are the numbers written?",
    "grain": "Each row covers a whole period",
    "sheet": "Which sheet?",
}


class RunTable(Table):
    """The list of imports."""

    key = "imports"
    noun = "imports"
    columns = (
        Column("file_name", "File", kind="link", sub="layout", priority=1),
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
        elif column.key == "get_state_display":
            cell.tone = STATE_TONES[RunState(record.state)]
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


def totals_in_words(totals: dict[str, str]) -> str:
    """``$175,192.22 · €46.00``."""
    amounts = [Money.parse(Decimal(total), currency) for currency, total in totals.items()]
    return " · ".join(formats.money_exact(amount) for amount in amounts)


def life(run: ImportRun) -> list[Step]:
    """File, columns, check, import: where this one is."""
    asks = bool(run.check_result.get("questions"))
    done = run.state in (RunState.IMPORTED, RunState.UNCHANGED, RunState.UNDONE)
    refused = run.verdict == "REFUSE" and not asks
    return [
        Step("File", "done"),
        Step("Columns", "current" if asks else "done"),
        Step("Check", "done" if done else "todo" if asks else "failed" if refused else "current"),
        Step("Import", "done" if done else "todo"),
    ]


def title(run: ImportRun) -> str:
    """The situation in a sentence."""
    if run.state == RunState.UNCHANGED:
        return "Nothing changed: all of this file was known already"
    if run.state == RunState.IMPORTED:
        return f"{run.accepted:,} rows are imported"
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
            f"{run.accepted:,} of {run.data_rows:,} rows are ready; {run.rejected:,} have a problem"
        )
    return f"All {run.accepted:,} rows are ready"


def facts(run: ImportRun) -> list[Fact]:
    """The strip under the title."""
    layout = run.check_result.get("layout") or {}
    found = [
        Fact("Recognised as", layout.get("name", "not recognised")),
        Fact("Rows", f"{run.data_rows or 0:,}"),
        Fact("Size", formats.size(run.size)),
    ]
    if run.first_day and run.last_day:
        found.append(Fact("Days covered", formats.span(run.first_day, run.last_day)))
    if run.totals:
        found.append(Fact("Spend", totals_in_words(run.totals)))
    return found


def columns(run: ImportRun) -> list[dict[str, Any]]:
    """Each column with its example, where it goes, how sure that is and why."""
    shown = []
    for column in run.check_result.get("columns", []):
        target = column["target"]
        options = dict(TARGETS)
        if target not in options:
            options[target] = target.removeprefix("segment.").replace("_", " ").capitalize()
        shown.append(
            {**column, "options": list(options.items()), "is_sure": column["confidence"] >= 0.9}
        )
    return shown


def questions(run: ImportRun) -> list[dict[str, Any]]:
    """What a person must answer, with the answer given so far."""
    return [
        {
            **q,
            "title": QUESTION_TITLES.get(q["key"], q["key"]),
            "answer": run.settings.get(q["key"], ""),
        }
        for q in run.check_result.get("questions", [])
    ]


def problem_groups(run: ImportRun) -> list[tuple[str, int, str]]:
    """Problems by their reason: code, how many of the kept ones, the first sentence."""
    reasons = [r for r in run.check_result.get("reasons", []) if r["row"] is not None]
    counts = Counter(reason["code"] for reason in reasons)
    first = {reason["code"]: reason["message"] for reason in reversed(reasons)}
    return [(code, count, first[code]) for code, count in counts.most_common()]


def file_problems(run: ImportRun) -> list[str]:
    """What is wrong with the file as a whole."""
    return [r["message"] for r in run.check_result.get("reasons", []) if r["row"] is None]


def sample(run: ImportRun) -> dict[str, Any]:
    """The first rows with headings as people call them; numbers are right-aligned."""
    kept = run.check_result.get("sample") or {"columns": [], "rows": []}
    labels = {**TARGETS, "row": "Row"}
    return {
        "heads": [(labels.get(name, name), name in MEASURE_LABELS) for name in kept["columns"]],
        "rows": [
            [
                (value, name in MEASURE_LABELS)
                for name, value in zip(kept["columns"], row, strict=True)
            ]
            for row in kept["rows"]
        ],
    }


def quarantine(run: ImportRun) -> Any:
    return QuarantinedRow.objects.filter(run=run, resolved_at=None)
