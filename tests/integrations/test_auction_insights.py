"""Auction insights: read by content in two languages, kept with their bounds, restated, undone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core.errors import Conflict
from integrations.choices import RunState
from integrations.rules import Code, Outcome, Reading
from integrations.rules.samples import sample
from integrations.services import run_undo
from metrics.choices import OURS, Bound
from metrics.models import Observation
from tests.auctions import HEADER, WEEK_1, WEEK_2, changed, weekly
from tests.cast import Cast
from tests.customers.files import bring_in, upload
from tests.integrations.files import read, workbook
from tests.world import AT

pytestmark = pytest.mark.feature("14.1")
GERMAN = """Auktionsdatenbericht
02.11.2026 - 15.11.2026
Woche;Anzeige-URL-Domain;Anteil an möglichen Impressionen;Überschneidungsrate;Rate der Position oberhalb;Rate für obere Positionen;Rate für die oberste Position;Anteil an möglichen Impressionen gegenüber Mitbewerber
09.11.2026;Sie;50,00 %;--;--;70,1 %;30 %;--
09.11.2026;alpine.example;38,5 %;42 %;36 %;68,8 %;27,5 %;39,7 %
09.11.2026;ridge.example;< 10 %;11,3 %;18,2 %;44 %;--;45,1 %
"""


def codes(reading: Reading) -> list[Code]:
    return [problem.code for problem in reading.problems]


def shares(reading: Reading, domain: str) -> list[tuple[int, str] | None]:
    """Impression share, overlap and very top of a domain in its last period."""
    row = reading.rows[reading.rows["domain"] == domain].iloc[-1]
    names = ("impression_share", "overlap_rate", "abs_top_of_page_rate")
    return [
        None if str(row[name]) == "<NA>" else (int(row[name]), row[f"{name}_bound"])
        for name in names
    ]


@pytest.mark.parametrize("text", [weekly(*WEEK_2), GERMAN], ids=["English", "German"])
def test_it_is_told_by_its_content_and_says_the_same_in_both_languages(text: str) -> None:
    reading = read(text)
    assert reading.layout is not None
    assert (reading.layout.key, reading.outcome) == ("google_auction_insights", Outcome.ACCEPT)
    assert shares(reading, OURS) == [(500_000, ""), None, (300_000, "")]
    assert shares(reading, "alpine.example") == [(385_000, ""), (420_000, ""), (275_000, "")]
    assert shares(reading, "ridge.example") == [(100_000, Bound.BELOW), (113_000, ""), None]
    assert reading.period == (date(2026, 11, 9), date(2026, 11, 15))


@pytest.mark.parametrize(
    ("column", "cell", "first", "last"),
    [
        ("Day", "2026-11-09", date(2026, 11, 9), date(2026, 11, 9)),
        ("Month", "2026-10-01", date(2026, 10, 1), date(2026, 10, 31)),
        ("Month", "October 2026", date(2026, 10, 1), date(2026, 10, 31)),
    ],
)
def test_a_row_may_be_a_day_or_a_month(column: str, cell: str, first: date, last: date) -> None:
    row = WEEK_2[1].replace("2026-11-09", cell)
    reading = read(f"{HEADER.replace('Week', column)}\n{row}\n")
    assert reading.period == (first, last)


def test_without_a_column_the_line_above_names_the_period() -> None:
    lines = (HEADER, *WEEK_1)
    plain = "\n".join(line.partition(",")[2] for line in lines)
    reading = read(f"Auction insights report\n2 November 2026 - 8 November 2026\n{plain}\n")
    assert reading.period == (date(2026, 11, 2), date(2026, 11, 8))
    assert codes(read(plain)) == [Code.MISSING_COLUMN]


def test_what_is_no_share_is_held_back_with_its_reason() -> None:
    reading = read(
        weekly(
            *WEEK_2[:2],
            "2026-11-09,a.example,101%,x,--,--,--,--",
            "2026-11-09,,12%,--,--,--,--,--",
            "2026-11-09,b.example,12%,--,--,--,--,--",
            "2026-11-09,b.example,14%,--,--,--,--,--",
        )
    )
    assert (reading.outcome, reading.accepted, reading.rejected) == (Outcome.PARTIAL, 2, 4)
    assert set(codes(reading)) == {
        Code.OUT_OF_RANGE, Code.NOT_A_NUMBER, Code.MISSING_VALUE, Code.DUPLICATE_IN_FILE,
    }  # fmt: skip


def test_bare_fractions_are_a_question() -> None:
    table = [HEADER.split(","), ["2026-11-09", "a.example", "0.385", "0.42", "", "", "", ""]]
    for content in (workbook(table), "\n".join(map(",".join, table))):
        asked = read(content)
        assert [question.key for question in asked.questions] == ["shares"]
        told = read(content, shares="fraction")
        assert shares(told, "a.example")[:2] == [(385_000, ""), (420_000, "")]
        assert shares(read(content, shares="percent"), "a.example")[0] == (3_850, "")


def test_the_sample_can_be_imported() -> None:
    reading = read(sample("google_auction_insights"))
    assert (reading.outcome, reading.accepted) == (Outcome.ACCEPT, 6)


def kept(metric: str = "impression_share") -> dict[tuple[str, date], tuple[int, str]]:
    found = Observation.objects.filter(metric=f"auction.{metric}", ended_by=None)
    return {(o.subject, o.first_day): (o.value_micros, o.bound) for o in found}


NEW, OLD = date(2026, 11, 9), date(2026, 11, 2)


@pytest.mark.django_db
def test_rows_become_observations_and_the_same_file_changes_nothing(cast: Cast) -> None:
    bring_in(cast, weekly())
    assert kept()[OURS, NEW] == (500_000, "")
    assert kept()["ridge.example", NEW] == (100_000, Bound.BELOW)
    assert kept()["ridge.example", OLD] == (105_000, Bound.EXACT)
    assert ("ridge.example", NEW) not in kept("abs_top_of_page_rate")
    count = Observation.objects.count()
    again = bring_in(cast, weekly(), at=AT + timedelta(hours=1))
    assert (again.state, Observation.objects.count()) == (RunState.UNCHANGED, count)


@pytest.mark.django_db
def test_a_restatement_ends_what_stood_and_an_undo_brings_it_back(cast: Cast) -> None:
    first = bring_in(cast, weekly())
    before = kept()
    # A bound that becomes exact at the same number is news.
    later = changed(changed(WEEK_2, "38.5%", "40%"), "< 10%", "10%")
    second = bring_in(cast, weekly(*later), at=AT + timedelta(hours=1))
    assert kept()["alpine.example", NEW] == (400_000, "")
    assert kept()["ridge.example", NEW] == (100_000, Bound.EXACT)
    ended = Observation.objects.filter(ended_by=second.batch).values_list("subject", flat=True)
    assert sorted(ended) == ["alpine.example", "ridge.example"]
    with pytest.raises(Conflict, match="changed some of the same"):
        run_undo(first, user=cast.director, reason="wrong", at=AT + timedelta(hours=2))
    run_undo(second, user=cast.director, reason="wrong week", at=AT + timedelta(hours=2))
    assert kept() == before
    run_undo(first, user=cast.director, reason="wrong account", at=AT + timedelta(hours=3))
    assert kept() == {}


@pytest.mark.django_db
def test_the_page_of_the_import_writes_shares_as_people_do(cast: Cast) -> None:
    run = upload(cast, weekly(*WEEK_2))
    sample_rows = run.check_result["sample"]["rows"]
    assert "38.5 %" in sample_rows[1]
    assert "< 10 %" in sample_rows[3]
