"""Pages with more or less known: commitments, expected effects, no intervals, nothing to compare with."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import pytest

from reporting.rules.pack.book import FigureBook
from reporting.rules.pack.content import (
    AlertsPage,
    BudgetPage,
    ChangesPage,
    ChannelsPage,
    DecisionsPage,
    PackContent,
    PackPage,
    PlanPage,
    ScorecardPage,
)
from reporting.rules.pack.drawing import trace_pack
from reporting.rules.pack.errors import PartsDoNotAddUp
from reporting.rules.pack.figures import Ref, refs_in
from reporting.rules.pack.pen import Printed
from reporting.rules.pack.scale import Interval
from tests.reporting.pack_sample import AS_OF, THOUSAND, pack_content
from tests.reporting.pdf_reading import collisions

pytestmark = pytest.mark.usefixtures("pack_fonts")
Page = TypeVar("Page")


@pytest.fixture(scope="module")
def content() -> PackContent:
    return pack_content()


def page_of(content: PackContent, kind: type[Page]) -> Page:
    return next(page for page in content.pages if isinstance(page, kind))


def with_page(content: PackContent, page: PackPage, book: FigureBook | None = None) -> PackContent:
    """The pack with its page of the same kind replaced; figures nobody quotes any more are left out."""
    pages = tuple(page if type(found) is type(page) else found for found in content.pages)
    new = replace(content, pages=pages)
    figures = (*content.figures, *(book.figures if book else ()))
    quoted = {ref.id for ref in refs_in(replace(new, figures=(), provenance=()))}
    kept = tuple(figure for figure in figures if figure.id in quoted)
    rows = (*content.provenance, *(book.provenance if book else ()))
    footnotes = {figure.footnote for figure in kept}
    return replace(new, figures=kept, provenance=tuple(row for row in rows if row.id in footnotes))


def texts(printed: list[Printed]) -> set[str]:
    return {item.text for item in printed}


def new_book() -> FigureBook:
    book = FigureBook(currency="GBP", as_of=AS_OF)
    book.source(
        "v1", "Committed", formula="Σ open orders", filters="FY27", batches=("B-1",), query="open"
    )
    return book


def test_commitments_get_a_column_when_they_are_known(content: PackContent) -> None:
    page, book = page_of(content, BudgetPage), new_book()
    rows = tuple(
        replace(row, committed=book.thousands(f"v.{number}", 11 * THOUSAND, label="Committed", footnote="v1"))
        for number, row in enumerate(page.rows)
    )  # fmt: skip
    total = book.thousands("v.total", 66 * THOUSAND, label="Committed, all teams", footnote="v1")
    page = replace(page, rows=rows, total=replace(page.total, committed=total))
    printed = trace_pack(with_page(content, page, book))[1]
    assert {"Committed", "66", "11"} <= texts(printed)
    assert collisions(printed) == []
    assert "Committed" not in texts(trace_pack(content)[1])


@pytest.mark.parametrize("with_interval", [True, False])
def test_expected_effects_stand_on_one_axis_when_their_range_is_known(
    content: PackContent, with_interval: bool
) -> None:
    page, book = page_of(content, PlanPage), new_book()
    interval = Interval(24, 9, 41) if with_interval else None
    rows = tuple(
        replace(
            row,
            expected=book.thousands(f"v.{number}", (24 + number) * THOUSAND, label="Expected", footnote="v1"),
            interval=interval,
        )
        for number, row in enumerate(page.rows)
    )  # fmt: skip
    printed = trace_pack(with_page(content, replace(page, rows=rows), book))[1]
    assert {"24", "27"} <= texts(printed)
    assert ("+20" in texts(printed)) is with_interval
    assert collisions(printed) == []


def test_decisions_without_intervals_print_the_effect_in_a_column(content: PackContent) -> None:
    page = page_of(content, DecisionsPage)
    plain = replace(page, rows=tuple(replace(row, interval=None) for row in page.rows))
    printed = trace_pack(with_page(content, plain))[1]
    assert {"Effect,", "+12%"} <= texts(printed)
    assert "expected" not in texts(printed)
    assert collisions(printed) == []


def test_what_nobody_knows_is_left_out(content: PackContent) -> None:
    board = page_of(content, ScorecardPage)
    bare = replace(
        board,
        rows=tuple(
            replace(row, target=None, vs_target=None, vs_last_year=None, trend=(), trend_target=None)
            for row in board.rows
        ),
    )  # fmt: skip
    channels = page_of(content, ChannelsPage)
    few = replace(
        channels,
        total=replace(channels.total, vs_target=None, cost_per=None, vs_last_year=None),
        rows=tuple(
            replace(row, vs_target=None, cost_per=None, vs_last_year=None, trend=())
            for row in channels.rows
        ),
    )
    pack = with_page(with_page(content, bare), few)
    pack = replace(pack, verdict=("Nothing is compared in this pack.",))
    printed = trace_pack(with_page(pack, bare))[1]
    on_channels = {item.text for item in printed if item.page == 4}
    assert "Cost" not in " ".join(on_channels)
    assert collisions(printed) == []


def test_a_bridge_whose_steps_miss_its_end_stops_the_pack(content: PackContent) -> None:
    page = page_of(content, ChangesPage)
    assert page.bridge is not None
    short = replace(page, bridge=replace(page.bridge, steps=page.bridge.steps[1:]))
    with pytest.raises(PartsDoNotAddUp):
        trace_pack(with_page(content, short))


def test_a_group_of_alerts_whose_stakes_miss_its_total_stops_the_pack(content: PackContent) -> None:
    page = page_of(content, AlertsPage)
    first = replace(page.groups[0], total=Ref("w.jackets"))
    with pytest.raises(PartsDoNotAddUp):
        trace_pack(with_page(content, replace(page, groups=(first, *page.groups[1:]))))


def test_changes_without_bridge_or_restatements_keep_their_notes(content: PackContent) -> None:
    page = replace(page_of(content, ChangesPage), bridge=None, restated=())
    printed = trace_pack(with_page(content, page))[1]
    assert "Restated figures" not in texts(printed)
    assert any("Promised" in text for text in texts(printed))
