"""Reading imports."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.urls import reverse

from accounts.models import User
from approvals.models import ChangeRequest
from campaigns.choices import Platform
from core import formats
from core.needs import Waiting
from core.parts import Need
from integrations.choices import RunState, Verdict
from integrations.models import BulkFile, ImportRun, ImportRunQuerySet, Mapping, Source


def runs_for(user: User) -> ImportRunQuerySet:
    """The imports the person may see, newest first, with what a list shows of them."""
    return ImportRun.objects.for_user(user).select_related("team", "source", "uploaded_by", "batch")


def sources_for(user: User) -> QuerySet[Source]:
    """The sources the person may see, each with how often and how far it was imported."""
    imported = Q(runs__state=RunState.IMPORTED)
    return (
        Source.objects.for_user(user)
        .select_related("team")
        .annotate(
            imports=Count("runs", filter=imported),
            latest_day=Max("runs__last_day", filter=imported),
            latest_at=Max("runs__imported_at", filter=imported),
        )
    )


def mappings_for(user: User) -> QuerySet[Mapping]:
    """What is remembered now for the teams the person may see."""
    found = Mapping.objects.for_user(user).filter(is_current=True)
    return found.select_related("team", "created_by")


def source_labels(ids: Collection[int]) -> dict[int, str]:
    """The names of sources by number, for what the query splits by source."""
    return dict(Source.objects.filter(pk__in=ids).values_list("pk", "name"))


def decidable(runs: ImportRunQuerySet) -> ImportRunQuerySet:
    """Checked uploads that a person can still bring in; a file that cannot be read waits for nobody."""
    unreadable = Q(verdict=Verdict.REFUSE, check_result__questions=[])
    return runs.filter(state=RunState.CHECKED).exclude(unreadable)


def waiting_imports(user: Any, now: datetime) -> list[Waiting]:
    """The person's own uploads that wait for an answer or a decision, and what came by itself for
    them and was held: nobody saw that refused, so even what cannot be read is named."""
    mine = ImportRun.objects.filter(uploaded_by=user).select_related("way")
    came = mine.filter(way__isnull=False, state=RunState.CHECKED)
    open_runs = decidable(mine) | came
    return [
        Waiting(
            Need(
                _what_waits(run),
                reverse("integrations:run", args=[run.pk]),
                "file-import",
                meta=f"{_how_it_came(run)} {formats.ago(run.uploaded_at, now)}",
                tone="warn",
            )
        )
        for run in open_runs.distinct()[:5]
    ]


def _what_waits(run: ImportRun) -> str:
    unreadable = run.verdict == Verdict.REFUSE and not run.check_result.get("questions")
    verb = "Look at" if unreadable else "Decide on the import of"
    return f"{verb} {run.file_name}"


def _how_it_came(run: ImportRun) -> str:
    return f"came by “{run.way}”" if run.way else "uploaded"


def platform_files_of(user: User, request: ChangeRequest) -> list[Need]:
    """The files for the platforms' editors that a carried out request led to."""
    files = BulkFile.objects.for_user(user).filter(request_id=request.pk)
    return [
        Need(
            "Upload the change to "
            + ("the platform" if file.platform == Platform.OTHER else file.get_platform_display()),
            reverse("integrations:bulk-file", args=[file.pk]),
            "file",
            meta=f"{file.name} · {file.rows} {'row' if file.rows == 1 else 'rows'}",
        )
        for file in files
    ]
