"""Sentences with one thing and with many, and answers of platforms that are whole pages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.text import counted, cut
from integrations.services.connections.failures import LONGEST, Later, Refused
from integrations.services.stream.accepting import Busy
from integrations.views.streams import _quiet
from tests.integrations.files import HEADER, days, read
from tests.world import AT

pytestmark = pytest.mark.feature("3.1")


def _said(text: str) -> list[str]:
    return [warning.message for warning in read(text).warnings]


def test_one_row_has_and_two_rows_have() -> None:
    assert _said(HEADER + days("-1.00", "5.00"))[0].startswith("1 row has a negative cost")
    assert _said(HEADER + days("-1.00", "-2.00", "9.00"))[0].startswith("2 rows have a negative")


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (1204, "1,204 rows")]
)
def test_counted(count: int, text: str) -> None:
    assert counted(count, "row", "rows") == text


def test_one_event_waits() -> None:
    assert Busy(1, 5).message.startswith("1 event waits")


def test_a_platforms_answer_is_cut_to_what_a_person_reads() -> None:
    page = "<html>\n  <body>" + "Server error " * 5_000
    assert len(Refused(page).message) == LONGEST
    assert Refused(page).message.startswith("<html> <body>Server error")
    assert len(Later(page, until=AT).message) == LONGEST
    assert Refused("Campaign not found.").message == "Campaign not found."
    assert cut("abcdef", 3) == "ab…"


def test_a_stream_with_fresh_events_is_not_called_quiet() -> None:
    assert _quiet("Shop", AT, AT) == "Shop has new events, which are counted in a moment"
    assert _quiet("Shop", AT - timedelta(hours=3), AT) == (
        "Shop is quiet; its last events came 3 h ago"
    )
