"""Rows that could not be read, over all runs, and what undoing an import would touch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from accounts.models import User
from integrations.models import ImportRun, QuarantinedRow, QuarantinedRowQuerySet
from metrics.models import Batch, BatchLine
from metrics.selectors import Dependent, dependents_of


def quarantine_for(user: User) -> QuarantinedRowQuerySet:
    """Every quarantined row the person may see, with its run and team."""
    rows = QuarantinedRow.objects.for_user(user)
    return rows.select_related("run__team", "resolved_by").order_by("-run_id", "row")


def quarantined_count(user: User) -> int:
    """How many rows in the person's sight wait for a decision."""
    return QuarantinedRow.objects.for_user(user).waiting().count()


@dataclass(frozen=True, slots=True)
class MendCell:
    """One cell of a row to mend: where it stands, what it says, whether it is to blame."""

    position: int
    header: str
    value: str
    is_wrong: bool


def cells_to_mend(row: QuarantinedRow, columns: Sequence[Mapping[str, Any]]) -> list[MendCell]:
    """The row's cells below their headers; those beyond the last header have none.

    Of a row with the right number of cells only the columns that are imported are shown.
    """
    cells = row.mended or row.cells
    is_odd = len(cells) != len(columns)
    headers = [str(column["header"]) for column in columns]
    wanted = [
        at
        for at in range(max(len(cells), len(headers)))
        if is_odd or columns[at]["target"] or headers[at] == row.column
    ]
    return [
        MendCell(
            at,
            headers[at] if at < len(headers) else "No column",
            str(cells[at]) if at < len(cells) else "",
            at < len(headers) and headers[at] == row.column,
        )
        for at in wanted
    ]


def depends_on(run: ImportRun, user: User) -> list[Dependent]:
    """What stands on an import, for whoever is about to take it back; later imports come first."""
    batches = list(Batch.objects.filter(import_run=run)) + list(
        Batch.objects.filter(mended_rows__run=run).distinct()
    )
    if not batches:
        return []
    return [*_later(run, batches), *dependents_of(user, batches)]


def _later(run: ImportRun, batches: Sequence[Batch]) -> list[Dependent]:
    own = {batch.pk for batch in batches}
    places = BatchLine.objects.filter(batch__in=own)
    first, last = run.first_day, run.last_day
    if first is None or last is None:
        return []  # customer records, which have no days of delivery
    later = (
        Batch.objects.filter(
            pk__gt=min(own),
            kind=Batch.Kind.LOAD,
            undone_by=None,
            lines__line__in=places.values("line"),
            lines__first_day__lte=last,
            lines__last_day__gte=first,
        )
        .exclude(pk__in=own)
        .distinct()
        .order_by("pk")
    )
    return [
        Dependent(
            "A later import of the same campaigns and days",
            batch.label,
            _run_url(batch),
            "Where it changed the same facts it must be undone first.",
        )
        for batch in later[:20]
    ]


def _run_url(batch: Batch) -> str:
    run = ImportRun.objects.filter(batch=batch).first()
    return reverse("integrations:run", args=[run.pk]) if run else ""
