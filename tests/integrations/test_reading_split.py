"""Cells: the same as a strict CSV reader finds, for any text, quotes and line ends."""

import csv
import io

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from integrations.rules import DEFAULT_LIMITS, Limits, Outcome
from integrations.rules.answers import FileRefused
from integrations.rules.grid import blank_records
from integrations.rules.split import SEPARATORS, split
from tests.integrations.files import HEADER, codes, line, read, written

TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), max_size=12
)
SHARP = st.text(st.sampled_from('ab",;\t\r\n 9'), max_size=8)
ROWS = st.lists(st.lists(TEXT | SHARP, min_size=2, max_size=5), min_size=1, max_size=8)


def cells(text: str, separator: str = ",") -> list[list[str]]:
    grid = split(text.encode(), ord(separator), DEFAULT_LIMITS)
    return [grid.record(record) for record in range(len(grid))]


@settings(max_examples=120, deadline=None)
@given(rows=ROWS, separator=st.sampled_from(",;\t|"), ending=st.sampled_from(["\n", "\r\n", "\r"]))
def test_what_a_writer_wrote_is_read_back(
    rows: list[list[str]], separator: str, ending: str
) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator=ending, quoting=csv.QUOTE_ALL).writerows(
        rows
    )
    assert cells(out.getvalue(), separator) == rows


@settings(max_examples=120, deadline=None)
@given(rows=ROWS)
def test_unquoted_cells_too(rows: list[list[str]]) -> None:
    assume(not any("\r" in cell for row in rows for cell in row))  # the writer leaves it bare
    assert cells(written(rows)) == rows


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a,b\r\nc,d\ne,f\rg,h", [["a", "b"], ["c", "d"], ["e", "f"], ["g", "h"]]),
        ("a,b\n\nc,d\n", [["a", "b"], [""], ["c", "d"]]),
        ("a,b\r\r\nc,d\n", [["a", "b"], [""], ["c", "d"]]),
        ('"a,b","c ""d"""\n', [["a,b", 'c "d"']]),
        ('"a\r\nb",c\r\n', [["a\r\nb", "c"]]),
        ('27" monitor,b\n', [['27" monitor', "b"]]),
        ('a, "b"\n', [["a", ' "b"']]),
        ('a,""\n', [["a", ""]]),
        (",,\n", [["", "", ""]]),
    ],
)
def test_examples(text: str, found: list[list[str]]) -> None:
    assert cells(text) == found


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ('a,b\n"c" d,e\nf,g\n', 1),
        ('a,b\n"never closed,e\nf,g\n', 1),
        ('"a\n', 0),
        ('a,"', 0),
    ],
)
def test_quotes_that_do_not_balance_are_noticed(text: str, broken: int) -> None:
    grid = split(text.encode(), 44, DEFAULT_LIMITS)
    assert grid.broken == broken


def test_a_bare_quote_is_text_and_the_row_is_kept() -> None:
    reading = read(HEADER + line(campaign='27" monitors') + line(day="2026-11-02"))
    assert reading.outcome is Outcome.ACCEPT
    assert reading.rows["campaign_name"].tolist() == ['27" monitors', "Brand"]


def test_a_swallowed_rest_is_refused_with_its_line() -> None:
    reading = read(HEADER + line() + '2026-11-02,"never closed,1,USD,1,1,1,1,1\n' + line())
    assert codes(reading) == ["UNBALANCED_QUOTE"]
    assert reading.problems[0].row == 3


def test_rows_are_numbered_as_an_editor_numbers_them() -> None:
    text = '"a\nb",c\n\n"d\r\ne\rf",g\nh,i\n'
    grid = split(text.encode(), 44, DEFAULT_LIMITS)
    assert [grid.line(record) for record in range(len(grid))] == [1, 3, 4, 7]


@given(rows=ROWS)
@settings(max_examples=60, deadline=None)
def test_the_quick_and_the_slow_way_agree(rows: list[list[str]]) -> None:
    """A bare quote in the last row makes the whole file take the slow way."""
    text = written(rows)
    quick = split(text.encode(), 44, DEFAULT_LIMITS)
    slow = split((text + 'x"y,z\n').encode(), 44, DEFAULT_LIMITS)
    assert len(slow) == len(quick) + 1
    for record in range(len(quick)):
        assert slow.record(record) == quick.record(record)
        assert slow.line(record) == quick.line(record)


def test_pieces_fit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.rules.split._PIECE", 7)
    rows = [["a,1", 'say "hi"', "x\r\ny"], ["", "é", '"'], ["long " * 5, "b", "c"]]
    for ending in ("\n", "\r\n", "\r"):
        assert cells(written(rows, ending=ending)) == rows


def test_blank_records() -> None:
    grid = split(b'a,b\n,\n  ,\t\n"",""\nx,\n\n', 44, DEFAULT_LIMITS)
    assert blank_records(grid, 44).tolist() == [False, True, True, True, False, True]


def test_too_many_lines_are_refused() -> None:
    with pytest.raises(FileRefused) as refusal:
        split(b"a,b\n" * 50, 44, Limits(records=40))
    assert refusal.value.problem.code == "TOO_MANY_ROWS"


@pytest.mark.parametrize("name", SEPARATORS)
def test_every_separator_is_found(name: str) -> None:
    separator = chr(SEPARATORS[name])
    rows = [HEADER.strip().split(","), line(cost="1.50").strip().split(",")]
    reading = read(written(rows, separator))
    assert reading.evidence.separator == name
    assert reading.accepted == 1


def test_a_line_that_names_the_separator_is_only_a_line_above() -> None:
    reading = read("sep=;\n" + (HEADER + line()).replace(",", ";"))
    assert reading.outcome is Outcome.ACCEPT
    assert reading.evidence.preamble == ("sep=;",)
