"""The monthly performance review and the accessible companion of both documents."""

from __future__ import annotations

import csv
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

from reporting.rules.pack.companion import COLUMNS, as_text, pack_companion_csv
from reporting.rules.pack.content import Headline
from reporting.rules.pack.errors import UnusedFigure
from reporting.rules.pack.figures import refs_in
from reporting.rules.pack.review import draw_review, trace_review
from tests.reporting.pack_sample import pack_content
from tests.reporting.pack_sample_review import review_content
from tests.reporting.pdf_reading import collisions, pages_of, text_of

pytestmark = pytest.mark.usefixtures("pack_fonts")


def test_the_review_is_two_to_four_pages_of_the_same_bytes() -> None:
    pdf = draw_review(review_content())
    assert 2 <= pages_of(pdf) <= 4
    assert draw_review(review_content()) == pdf


def test_the_review_prints_every_figure_point_and_signature(tmp_path: Path) -> None:
    content = review_content()
    pdf, printed = trace_review(content)
    text = text_of(pdf, tmp_path)
    for figure in content.figures:
        assert figure.text.replace("\u00a0", " ") in text
    for point in content.open_points:
        assert point.name.text in text
        assert point.due.text in text
    assert "Signed 9 Nov 2026, 14:10 UTC" in text
    assert text.count("Not signed yet") == 2
    assert text.count("Performance review") >= 4
    assert collisions(printed) == []


def test_the_review_refuses_a_figure_nobody_prints() -> None:
    content = review_content()
    without = replace(content, open_points=())
    with pytest.raises(UnusedFigure):
        draw_review(without)


def test_a_review_without_decisions_or_points_is_drawn() -> None:
    content = review_content()
    kept = {ref for row in content.targets.rows for ref in _ids(row)}
    figures = tuple(figure for figure in content.figures if figure.id in kept)
    footnotes = {figure.footnote for figure in figures}
    quiet = replace(
        content,
        decisions=replace(content.decisions, rows=()),
        open_points=(),
        points_headline=Headline("Open points", ("Nothing stays open",), ("No points.",)),
        figures=figures,
        provenance=tuple(row for row in content.provenance if row.id in footnotes),
    )
    assert pages_of(draw_review(quiet)) == 4


def _ids(row: object) -> set[str]:
    return {ref.id for ref in refs_in(row)}


def test_the_companion_has_every_figure_with_its_exact_value_and_source() -> None:
    content = pack_content()
    rows = list(csv.DictReader(StringIO(pack_companion_csv(content))))
    assert tuple(rows[0]) == COLUMNS
    assert [row["figure"] for row in rows] == [figure.id for figure in content.figures]
    revenue = next(row for row in rows if row["figure"] == "revenue")
    assert revenue["printed"] == "£5.71m"
    assert revenue["value"] == "5710000"
    assert revenue["unit"] == "GBP"
    assert revenue["footnote"] == "r1"
    assert revenue["as_of"] == "2026-11-06T06:00:00+00:00"
    assert revenue["section"].startswith("The month on one page: Revenue and return")
    assert all(row["formula"] and row["query"] and row["section"] for row in rows)


def test_the_companion_of_a_review_has_its_figures() -> None:
    content = review_content()
    rows = list(csv.DictReader(StringIO(pack_companion_csv(content))))
    assert len(rows) == len(content.figures)


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|x", "-2+3", "@SUM(A1)", "\tx"])
def test_a_cell_that_would_run_as_a_formula_becomes_text(cell: str) -> None:
    assert as_text(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["+5.7%", "-3", "−£38k", "plain"])
def test_a_plain_number_stays_a_number(cell: str) -> None:
    assert as_text(cell) == cell
