"""Rows that state a whole period: in totals that contain them, never as a day, never twice."""

from typing import Any

from core.periods import FiscalCalendar
from metrics.selectors import QueryResult, query
from tests.cast import Cast
from tests.world import TODAY, load_days, make_line

CALENDAR = FiscalCalendar()


def ask(period: str, *by: str, **asked: Any) -> QueryResult:
    found = CALENDAR.parse(period, today=TODAY)
    return query(metrics=["clicks"], by=by, period=found, viewer=None, **asked)


def whole(line: Any, last_day: str, days: int, clicks: int, **keys: Any) -> None:
    load_days(line, {last_day: {"clicks": clicks}}, period_days=days, **keys)


def test_counted_where_the_period_contains_it_entirely(cast: Cast) -> None:
    whole(make_line(cast), "2026-10-31", 31, 310)
    assert ask("2026-10").totals["clicks"] == 310
    assert ask("2026-09..2026-11").totals["clicks"] == 310
    assert ask("2026-10-01..2026-10-30").totals["clicks"] is None
    assert ask("2026-10-02..2026-10-31").totals["clicks"] is None
    assert ask("2026-10-31").totals["clicks"] is None


def test_a_month_that_contains_it_has_it_but_no_day_has(cast: Cast) -> None:
    whole(make_line(cast), "2026-10-31", 31, 310)
    by_month = ask("2026-09..2026-11", "month")
    assert [(row["month"], row["clicks"]) for row in by_month.rows] == [("2026-10", 310)]
    by_day = ask("2026-10", "day")
    assert by_day.rows == []
    assert by_day.totals["clicks"] == 310
    assert by_day.notes == [
        "Rows that state a whole period at once: 1. They are in totals, not in days."
    ]


def test_one_across_two_months_is_in_the_total_and_in_neither_month(cast: Cast) -> None:
    whole(make_line(cast), "2026-10-15", 30, 300)
    found = ask("2026-09..2026-10", "month")
    assert found.rows == []
    assert found.totals["clicks"] == 300


def test_daily_rows_of_the_line_win_and_it_is_said(cast: Cast) -> None:
    line, other = make_line(cast), make_line(cast)
    whole(line, "2026-10-31", 31, 310)
    whole(other, "2026-10-31", 31, 31)
    load_days(line, {"2026-10-07": {"clicks": 12}})
    found = ask("2026-10", "line")
    assert {row["line"]: row["clicks"] for row in found.rows} == {line.pk: 12, other.pk: 31}
    assert found.totals["clicks"] == 43
    assert any("Whole-period rows left out: 1" in note for note in found.notes)


def test_shorter_periods_win_over_longer_and_later_over_earlier(cast: Cast) -> None:
    line = make_line(cast)
    whole(line, "2026-10-31", 31, 310)
    whole(line, "2026-10-07", 7, 70)
    whole(line, "2026-10-14", 7, 71)
    whole(line, "2026-10-16", 7, 72)
    assert ask("2026-10").totals["clicks"] == 70 + 72


def test_two_sources_of_the_same_period_add_up(cast: Cast) -> None:
    line = make_line(cast)
    whole(line, "2026-10-31", 31, 310, source=1)
    whole(line, "2026-10-31", 31, 5, source=2)
    assert ask("2026-10", "source").totals["clicks"] == 315


def test_they_follow_filters_and_splits_below_the_line(cast: Cast) -> None:
    line, other = make_line(cast), make_line(cast, channel="email")
    whole(line, "2026-10-31", 31, 310, creative_id=4)
    whole(other, "2026-10-31", 31, 7)
    assert {r["creative"]: r["clicks"] for r in ask("2026-10", "creative").rows} == {4: 310, 0: 7}
    assert ask("2026-10", where={"channel": "email"}).totals["clicks"] == 7
    assert ask("2026-10", "channel").totals["clicks"] == 317
