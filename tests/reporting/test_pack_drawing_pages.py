"""The board pack on paper: the same bytes, every figure, nothing outside the frame, nothing on top of anything."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from reporting.rules.pack import numerals
from reporting.rules.pack.book import FigureBook
from reporting.rules.pack.content import (
    CampaignsPage,
    Outlook,
    PackContent,
    ScorecardPage,
)
from reporting.rules.pack.drawing import close_document, draw_pack, open_document, trace_pack
from reporting.rules.pack.figures import Figure, Ref, When
from reporting.rules.pack.judgement import Judgement
from reporting.rules.pack.look import LEFT, RIGHT
from reporting.rules.pack.numerals import printed_number
from reporting.rules.pack.pen import Printed
from tests.reporting.pack_sample import AS_OF, THOUSAND, pack_content
from tests.reporting.pdf_reading import collisions, pages_of, streams_of, text_of

pytestmark = pytest.mark.usefixtures("pack_fonts")


@pytest.fixture(scope="module")
def content() -> PackContent:
    return pack_content()


@pytest.fixture(scope="module")
def drawn(pack_fonts: None, content: PackContent) -> tuple[bytes, list[Printed]]:
    return trace_pack(content)


def test_the_same_content_gives_the_same_bytes(
    content: PackContent, drawn: tuple[bytes, list[Printed]]
) -> None:
    assert draw_pack(content) == drawn[0]
    assert draw_pack(pack_content()) == drawn[0]


def test_another_process_draws_the_same_bytes(drawn: tuple[bytes, list[Printed]]) -> None:
    program = (
        "import hashlib; from tests.reporting.pack_sample import pack_content;"
        "from reporting.rules.pack.drawing import draw_pack;"
        "print(hashlib.sha256(draw_pack(pack_content())).hexdigest())"
    )
    root = Path(__file__).parents[2]
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=root, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert found == {hashlib.sha256(drawn[0]).hexdigest() + "\n"}


def test_a_changed_figure_changes_the_hash_on_every_page(content: PackContent) -> None:
    def short_hashes(pack: PackContent) -> set[str]:
        return {item.text for item in trace_pack(pack)[1] if item.text.startswith("Pack ")}

    changed = tuple(
        replace(figure, label=figure.label + ".") if figure.id == "revenue" else figure
        for figure in content.figures
    )
    before = short_hashes(content) - {"Pack hash"}
    assert len(before) == 1
    assert before.isdisjoint(short_hashes(replace(content, figures=changed)))


def test_every_figure_is_in_the_text_of_the_file(
    content: PackContent, drawn: tuple[bytes, list[Printed]], tmp_path: Path
) -> None:
    text = text_of(drawn[0], tmp_path)
    lost = [
        figure.id for figure in content.figures if figure.text.replace("\u00a0", " ") not in text
    ]
    assert lost == []


def test_every_figure_is_printed_with_its_footnote_in_reach(
    content: PackContent, drawn: tuple[bytes, list[Printed]]
) -> None:
    """Each figure's footnote id stands on the same page: beside it or at the head of its column."""
    pages: dict[int, set[str]] = {}
    for item in drawn[1]:
        pages.setdefault(item.page, set()).add(item.text.strip("\u200a\u2009"))
    footnotes = {figure.id: figure.footnote for figure in content.figures}
    without = [
        (item.page, item.figure)
        for item in drawn[1]
        if item.figure and footnotes[item.figure] not in pages[item.page]
    ]
    assert without == []


def test_every_footnote_has_a_row_on_the_last_pages(
    content: PackContent, drawn: tuple[bytes, list[Printed]]
) -> None:
    last = {item.text for item in drawn[1] if item.page == pages_of(drawn[0])}
    for row in content.provenance:
        assert {row.id, row.formula.split(" ")[0]} <= {
            word for text in last for word in (text, *text.split(" "))
        }


def test_footnote_ids_link_to_their_row(
    content: PackContent, drawn: tuple[bytes, list[Printed]]
) -> None:
    links = re.findall(rb"/Contents \(Footnote (\w+)\) /Dest \[ (.+?) \]", drawn[0])
    assert {name.decode() for name, _ in links} == {row.id for row in content.provenance}
    assert len({place for _, place in links}) == len(content.provenance)


def test_a_link_to_a_footnote_that_is_not_there_stops_the_file(content: PackContent) -> None:
    file, pen = open_document(content.imprint)
    pen.link("q9", 100, 100, 10, 10)
    with pytest.raises(ValueError, match="figure-q9"):
        close_document(file, pen)


def test_all_text_stays_inside_the_frame(drawn: tuple[bytes, list[Printed]]) -> None:
    for item in drawn[1]:
        hangs = 14 if re.fullmatch(r"[\u200a\u2009][a-z]\d+", item.text) else 0
        assert item.left >= LEFT - 2, item
        assert item.right <= RIGHT + 0.6 + hangs, item
        assert 24 < item.top < item.bottom < 581, item


def test_no_text_runs_into_another(drawn: tuple[bytes, list[Printed]]) -> None:
    assert collisions(drawn[1]) == []


def test_every_page_names_classification_moment_currency_and_number(
    drawn: tuple[bytes, list[Printed]],
) -> None:
    total = pages_of(drawn[0])
    for page in range(1, total + 1):
        texts = {item.text for item in drawn[1] if item.page == page}
        assert f"Page {page} of {total}" in texts
        assert "Board confidential" in texts
        assert "Figures as of 6 Nov 2026, 06:00 UTC" in texts
        assert "Amounts in GBP unless marked" in texts


def test_the_file_says_what_it_is(drawn: tuple[bytes, list[Printed]]) -> None:
    pdf = drawn[0]
    assert b"Helvetica" not in pdf
    assert b"/Lang (en-GB)" in pdf
    assert b"/DisplayDocTitle true" in pdf
    assert len(re.findall(rb"/FontFile2", pdf)) >= 6
    assert pdf.count(b"/Parent") > 10


def test_long_lists_go_on_under_the_same_head(content: PackContent) -> None:
    page = next(page for page in content.pages if isinstance(page, CampaignsPage))
    group = page.groups[1]
    many = replace(page, groups=(page.groups[0], replace(group, rows=group.rows * 12)))
    pages = tuple(many if found is page else found for found in content.pages)
    pdf, printed = trace_pack(replace(content, pages=pages))
    continued = [item.page for item in printed if item.text == "Campaigns (continued)"]
    assert len(continued) >= 3
    for number in continued:
        texts = {item.text for item in printed if item.page == number}
        assert {"Campaign", "channel", "Revenue,"} <= {word for t in texts for word in t.split()}
    assert collisions(printed) == []
    assert max(item.page for item in printed) == pages_of(pdf)


def test_many_definitions_take_more_pages(content: PackContent) -> None:
    book = FigureBook(currency="GBP", as_of=AS_OF)
    for number in range(1, 121):
        book.source(
            f"z{number}", f"Measure {number}", formula="Σ value ÷ Σ weight over the period so far, twice checked",
            filters="October; all lines", batches=("B-1", "B-2"), query=f"measure.{number}",
        )  # fmt: skip
        book.count(f"z{number}", number, label=f"Measure {number}", footnote=f"z{number}")
    board = content.pages[0]
    assert isinstance(board, ScorecardPage)
    rows = tuple(
        replace(board.rows[number % 5], value=ref, target=None, vs_target=None, vs_last_year=None)
        for number, ref in enumerate(map(_ref, range(1, 121)))
    )
    more = replace(board, rows=rows, asks=(), asks_heading="")
    full = replace(
        content,
        pages=(*content.pages, more),
        figures=(*content.figures, *book.figures),
        provenance=(*content.provenance, *book.provenance),
    )
    _, printed = trace_pack(full)
    assert sum(item.text == "Provenance (continued)" for item in printed) >= 2
    digests = [item for item in printed if re.fullmatch(r"[0-9a-f]{64}", item.text)]
    assert [item.page for item in digests] == [max(item.page for item in printed)]
    assert collisions(printed) == []


def _ref(number: int) -> Ref:
    return Ref(f"z{number}")


def test_a_forecast_is_drawn_only_when_one_is_given(content: PackContent) -> None:
    board = content.pages[0]
    assert isinstance(board, ScorecardPage)
    assert not any("Forecast" in item.text for item in trace_pack(content)[1])
    book = FigureBook(currency="GBP", as_of=AS_OF)
    source = book.source(
        "f1", "Forecast", formula="median and range of draws", filters="to 31 January",
        batches=("F-9",), query="forecasts",
    )  # fmt: skip
    middle, low, high, goal = (
        book.money(f"f.{value}", value * THOUSAND, label=f"Forecast {value}", footnote=source)
        for value in (62_400, 60_800, 64_100, 62_000)
    )
    outlook = Outlook(middle, low, high, goal, When("FY27"), Judgement.AHEAD)
    head = ("Forecast to ", When("31 Jan 2027"))
    page = replace(
        board, rows=(replace(board.rows[0], outlook=outlook), *board.rows[1:]), outlook_head=head
    )
    with_forecast = replace(
        content,
        pages=(page, *content.pages[1:]),
        figures=(*content.figures, *book.figures),
        provenance=(*content.provenance, *book.provenance),
    )
    printed = trace_pack(with_forecast)[1]
    assert {"£62.40m", "£60.80m", "£64.10m"} <= {item.text for item in printed if item.page == 2}
    assert collisions(printed) == []


def test_an_estimated_figure_says_so(content: PackContent) -> None:
    figures = tuple(
        replace(figure, estimated=True) if figure.id == "channel.Retail media.revenue" else figure
        for figure in content.figures
    )
    printed = trace_pack(replace(content, figures=figures))[1]
    assert any("est." in item.text for item in printed)
    assert collisions(printed) == []


def test_a_pack_with_one_page_and_no_art_is_drawn(content: PackContent) -> None:
    small = pack_content(with_follow_up=False)
    pdf, printed = trace_pack(replace(small, art=None))
    assert pages_of(pdf) == 5
    assert collisions(printed) == []


def test_the_content_streams_hold_no_picture(drawn: tuple[bytes, list[Printed]]) -> None:
    assert b"/Subtype /Image" not in drawn[0]
    assert not any(b" Do\n" in stream for stream in streams_of(drawn[0]))


def test_amounts_of_a_currency_with_long_numbers_fit(content: PackContent) -> None:
    """Forints: four hundred times the number, and a code instead of a sign."""
    figures = tuple(_in_forints(figure) for figure in content.figures)
    printed = trace_pack(replace(content, figures=figures))[1]
    assert collisions(printed) == []
    assert any("HUF" in item.text and item.page == 2 for item in printed)


def _in_forints(figure: Figure) -> Figure:
    if "£" in figure.text:
        sign, rest = figure.text.split("£")
        number, suffix = re.fullmatch(r"([\d.,]+)(\D*)", rest).groups()  # type: ignore[union-attr]
        return replace(figure, text=f"{sign}HUF\u00a0{printed_number(number) * 1000:,}{suffix}")
    if re.fullmatch(r"−?[\d,]+", figure.text) and figure.unit == "GBP":
        return replace(figure, text=numerals.count_text(int(printed_number(figure.text)) * 400))
    return figure
