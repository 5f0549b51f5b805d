"""A stored report as a page shows it: the same sections, rows and figures as the PDF, from the same content.

Nothing here asks the facts again. A figure carries the id of its footnote, under which its
formula, filters, as-of and imports stand at the end of the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from core.charts import Chart, Series
from core.charts import Unit as ChartUnit
from reporting.rules.pack.content import Headline, PackContent, ReviewContent, TrendPage
from reporting.rules.pack.figures import FigureStore
from reporting.selectors.shown.pieces import TONES, Piece, Section, Shown, Source, Words
from reporting.selectors.shown.tables import Points, sheets_of

__all__ = ["Section", "Shown", "shown_report"]


def shown_report(document: PackContent | ReviewContent) -> Shown:
    """Everything a page needs to show a stored report."""
    store = FigureStore.of(document.figures, document.provenance)
    show = Words(store)
    pages: list[Any]
    if isinstance(document, PackContent):
        said, pages, facts = document.verdict, list(document.pages), tuple(_facts(document, show))
    else:
        said, pages, facts = document.targets.headline.title, _review_pages(document), ()
    return Shown(
        lead=show.words(said),
        facts=facts,
        sections=tuple(_section(number, page, show) for number, page in enumerate(pages, 1)),
        sources=tuple(Source(row, store.members[row.id]) for row in document.provenance),
        as_of=document.imprint.as_of,
        currency=document.imprint.currency,
    )


def _review_pages(document: ReviewContent) -> list[Any]:
    points = Points(document.points_headline, document.open_points)
    return [document.targets, document.decisions, points]


def _facts(
    document: PackContent, show: Words
) -> Iterator[tuple[str, tuple[Piece, ...], tuple[Piece, ...]]]:
    for fact in (*document.facts, document.status):
        yield fact.label, show.words(fact.statement), show.words(fact.note)
    complete = document.completeness
    yield "Completeness of data", show.words(complete.statement), show.words(complete.note)


def _section(number: int, page: Any, show: Words) -> Section:
    headline: Headline = page.headline
    return Section(
        f"section-{number}",
        headline.section,
        show.words(headline.title),
        show.words(headline.standfirst),
        sheets_of(page, show),
        _chart(page, show) if isinstance(page, TrendPage) else None,
        tuple((n.heading, show.words(n.sentence), TONES[n.judgement]) for n in page_notes(page)),
    )


def page_notes(page: Any) -> Sequence[Any]:
    """The short blocks of prose under a page's table."""
    return getattr(page, "notes", ())


def _chart(page: TrendPage, show: Words) -> Chart:
    """The bars of the months with their targets."""
    actual = [show.store[bar.figure].value if bar.figure else None for bar in page.periods]
    targets = [None if bar.target is None else Decimal(str(bar.target)) for bar in page.periods]
    series = [Series("Actual", actual, style="actual")]
    if any(target is not None for target in targets):
        series.append(Series("Target", targets, style="target"))
    return Chart(
        kind="bar",
        title="Each month",
        sub="".join(piece.text for piece in show.words(page.bars_unit)),
        x=[bar.label for bar in page.periods],
        x_label="Month",
        unit=ChartUnit.number(),
        series=series,
        id="months",
    )
