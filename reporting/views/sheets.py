"""A table as the screen shows it, laid out as PDF; ``core.exports`` asks for it."""

from __future__ import annotations

from datetime import UTC

from core import clock
from core.exports import Sheet
from core.models import Organisation
from reporting.rules.pack.sheet import TableColumn, TableSheet, draw_table_pdf


def sheet_pdf(sheet: Sheet) -> bytes:
    """The rows of an export on A4, with filters, as-of and classification on every page.

    A page that was not asked for an earlier moment shows what is known now.
    """
    heads = zip(sheet.columns, sheet.text_heads, strict=True)
    return draw_table_pdf(
        TableSheet(
            title=sheet.title,
            subtitle="As on the screen",
            filters=tuple(f"{name}: {value}" for name, value in sheet.filters),
            as_of=(sheet.as_of or clock.now()).astimezone(UTC),
            columns=tuple(TableColumn(head, numeric=column.is_numeric) for column, head in heads),
            rows=tuple(tuple(row) for row in sheet.texts),
            organisation=Organisation.current().name,
            classification=sheet.classification,
        )
    )
