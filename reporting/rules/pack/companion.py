"""The accessible companion of a PDF: every figure with its label, exact value and provenance, as CSV."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import fields
from io import StringIO

from reporting.rules.pack.content.cover import Headline
from reporting.rules.pack.content.documents import PackContent, ReviewContent
from reporting.rules.pack.figures import Figure, FigureStore, plain, refs_in

COLUMNS = (
    "section",
    "figure",
    "label",
    "printed",
    "value",
    "unit",
    "estimated",
    "footnote",
    "name",
    "formula",
    "filters",
    "as_of",
    "batches",
    "query",
)
_FORMULA_START = ("=", "+", "-", "@", "\t", "\r")
_HARMLESS_NUMBER = re.compile(r"[+-][0-9.,]+\s?(?:%|pt|k|m)?\Z")


def pack_companion_csv(content: PackContent | ReviewContent) -> str:
    """One line a figure in the order of the store, under the heads of ``COLUMNS``.

    ``value`` is the exact number behind the printed text, ``as_of`` is ISO 8601 in UTC. Cells that a
    spreadsheet would run as a formula are written as text.
    """
    store = FigureStore.of(content.figures, content.provenance)
    sections = _sections(content, store)
    file = StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for figure in store.figures.values():
        writer.writerow([as_text(cell) for cell in _cells(figure, store, sections)])
    return file.getvalue()


def as_text(cell: str) -> str:
    """``cell`` so that no spreadsheet runs it: an apostrophe before what would start a formula."""
    cell = cell.encode(errors="replace").decode()  # half of a surrogate pair cannot be written
    if cell.startswith(_FORMULA_START) and not _HARMLESS_NUMBER.match(cell):
        return f"'{cell}"
    return cell


def _cells(figure: Figure, store: FigureStore, sections: dict[str, str]) -> Iterable[str]:
    source = store.provenance[figure.footnote]
    return (
        sections.get(figure.id, ""),
        figure.id,
        figure.label,
        figure.text,
        "" if figure.value is None else f"{figure.value:f}",
        figure.unit,
        "yes" if figure.estimated else "",
        source.id,
        source.name,
        source.formula,
        source.filters,
        source.as_of.isoformat(),
        " ".join(source.batches),
        source.query,
    )


def _sections(content: PackContent | ReviewContent, store: FigureStore) -> dict[str, str]:
    """Where each figure is met first, as "section: finding"."""
    found: dict[str, str] = {}
    for name, part in _parts(content, store):
        for ref in refs_in(part):
            found.setdefault(ref.id, name)
    return found


def _parts(
    content: PackContent | ReviewContent, store: FigureStore
) -> Iterator[tuple[str, object]]:
    for item in fields(content):
        value = getattr(content, item.name)
        for part in value if item.name == "pages" else (value,):
            headline = getattr(part, "headline", None)
            name = _heading(headline, store) if isinstance(headline, Headline) else "Cover"
            yield name, part


def _heading(headline: Headline, store: FigureStore) -> str:
    return f"{headline.section}: {plain(headline.title, store.figures)}"
