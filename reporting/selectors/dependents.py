"""Packs and reviews that quote batches of facts, for whoever is about to undo them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.urls import reverse

from accounts.models import User
from metrics.models import Batch, BatchLine
from metrics.selectors import Dependent
from reporting.models import Report

MOST = 20


def reports_quoting(user: User, batches: Sequence[Batch]) -> Iterator[Dependent]:
    """Reports made since, whose period and teams these batches are part of."""
    days = [day for batch in batches for day in (batch.first_day, batch.last_day) if day]
    if not days:
        return
    touched = BatchLine.objects.filter(batch__in=batches)
    paths = set(touched.values_list("line__campaign__team__path", flat=True))
    made = Report.objects.for_user(user).filter(
        as_of__gte=min(batch.known_at for batch in batches),
        first_day__lte=max(days),
        last_day__gte=min(days),
    )
    quoting = [
        report
        for report in made.select_related("team").defer("pdf", "content")
        if any(path.startswith(report.team.path) for path in paths)
    ]
    for report in quoting[:MOST]:
        yield Dependent(
            "A pack" if report.kind == Report.Kind.BOARD_PACK else "A review",
            report.title,
            reverse("reporting:report", args=[report.pk]),
            "It stays as it was frozen; make it again to show the figures without this import.",
        )
