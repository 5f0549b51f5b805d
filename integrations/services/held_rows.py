"""Rows of an import that could not be read go to quarantine, as they stood."""

from __future__ import annotations

from integrations.models import ImportRun, QuarantinedRow
from integrations.rules import Reading

KEEP_IN_QUARANTINE = 5_000


def rows_hold(run: ImportRun, reading: Reading) -> None:
    """Keep the rejected rows of a reading, each with its first place and all its reasons."""
    QuarantinedRow.objects.bulk_create(
        QuarantinedRow(
            run=run,
            row=held.row,
            column=held.problems[0].column[:200] if held.problems else "",
            code=held.problems[0].code.value if held.problems else "",
            message=" ".join(p.message for p in held.problems),
            value=held.problems[0].value if held.problems else "",
            cells=list(held.cells),
        )
        for held in reading.held[:KEEP_IN_QUARANTINE]
    )
