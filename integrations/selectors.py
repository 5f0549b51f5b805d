"""Reading imports."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts.models import User
from core import formats
from core.needs import Waiting
from core.parts import Need
from integrations.choices import RunState
from integrations.models import ImportRun, ImportRunQuerySet, Source


def runs_for(user: User) -> ImportRunQuerySet:
    """The imports the person may see, newest first, with what a list shows of them."""
    return ImportRun.objects.for_user(user).select_related("team", "source", "uploaded_by", "batch")


def source_labels(ids: Collection[int]) -> dict[int, str]:
    """The names of sources by number, for what the query splits by source."""
    return dict(Source.objects.filter(pk__in=ids).values_list("pk", "name"))


def waiting_imports(user: Any, now: datetime) -> list[Waiting]:
    """The person's own uploads that wait for an answer or a decision."""
    open_runs = ImportRun.objects.filter(uploaded_by=user, state=RunState.CHECKED)
    return [
        Waiting(
            Need(
                f"Decide on the import of {run.file_name}",
                reverse("integrations:run", args=[run.pk]),
                "file-import",
                meta=f"uploaded {formats.ago(run.uploaded_at, now)}",
                tone="warn",
            )
        )
        for run in open_runs[:5]
    ]
