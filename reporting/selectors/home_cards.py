"""Smaller cards of the home pages: what was imported, what can be read, what happened."""

from __future__ import annotations

from django.urls import reverse

from accounts.models import User
from core import formats
from core.parts import Entry
from integrations.choices import RunState
from integrations.models import ImportRun
from reporting.models import Report
from reporting.selectors.reports import reports_for

IMPORT_TONES = {
    RunState.IMPORTED.value: "good",
    RunState.REFUSED.value: "bad",
    RunState.CHECKED.value: "warn",
    RunState.UPLOADED.value: "warn",
}


def newest_imports(user: User) -> list[Entry]:
    """The newest files, how many rows came in and how many were held back."""
    runs = ImportRun.objects.for_user(user).select_related("uploaded_by").order_by("-id")[:5]
    return [_import(run) for run in runs]


def _import(run: ImportRun) -> Entry:
    rows = f"{run.accepted:,} rows" if run.accepted is not None else "not checked yet"
    held = f", {run.rejected:,} held back" if run.rejected else ""
    return Entry(
        run.file_name,
        when=formats.moment(run.uploaded_at),
        who=run.uploaded_by.name if run.uploaded_by else "By itself",
        text=rows + held,
        chip=run.get_state_display(),
        tone=IMPORT_TONES.get(run.state, "neutral"),
        url=reverse("integrations:run", args=[run.pk]),
    )


def reports_to_read(user: User) -> list[Entry]:
    """The newest reports, and which of them wait for a signature."""
    return [_report(report) for report in reports_for(user)[:4]]


def _report(report: Report) -> Entry:
    is_draft = report.state == Report.State.DRAFT
    return Entry(
        report.title,
        when=formats.moment(report.made_at),
        who=report.made_by.name if report.made_by else "The schedule",
        chip="To be signed" if is_draft else "Signed",
        tone="warn" if is_draft else "good",
        url=reverse("reporting:report", args=[report.pk]),
    )


def action_words(action: str) -> str:
    """``person.invited`` as people say it: ``Person invited``."""
    return action.replace(".", " ").replace("_", " ").capitalize()
