"""Dashboard queries through ``query()`` against DuckDB on the same raw facts, in turns.

Ours includes what a page pays for: scope of the viewer, names, one connection, Python rows.
DuckDB answers from memory with all cores, without scope or names. Both answers are compared
first: a difference fails the benchmark.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb
from django.db import connection

from bench._market import Compared, Market, database, fill, in_turns, market, wanted_rows
from core.periods import FiscalCalendar, Period
from metrics.selectors import QueryResult, query

ROUNDS = 9
TODAY = date(2026, 11, 22)
CALENDAR = FiscalCalendar()
SUMS = "sum(impressions), sum(clicks), sum(spend), sum(conversions), sum(revenue)"
METRICS = ["spend", "revenue", "roas", "cpa", "ctr", "conversions"]


@dataclass(frozen=True, slots=True)
class Question:
    """The same question to both; ``most`` is the largest ratio that meets the goal, None is no goal."""

    name: str
    most: float | None
    by: Sequence[str]
    period: str
    columns: str
    where: Mapping[str, Any] = field(default_factory=dict)
    condition: str = ""

    def asked(self) -> Period:
        return CALENDAR.parse(self.period, today=TODAY)

    def ours(self, market: Market) -> Callable[[], QueryResult]:
        where = {key: market.lines[n].campaign_id for key, n in self.where.items()}
        return lambda: query(
            metrics=METRICS,
            by=self.by,
            where=where,
            period=self.asked(),
            viewer=market.viewer,
        )

    def peer(self, duck: duckdb.DuckDBPyConnection, market: Market) -> Callable[[], list[Any]]:
        condition = self.condition.format(campaign=market.lines[0].campaign_id)
        columns = f"{self.columns}, " if self.columns else ""
        groups = f"GROUP BY {self.columns}" if self.columns else ""
        text = (
            f"SELECT {columns}{SUMS} FROM facts JOIN lines ON lines.id = line_id "
            f"JOIN segments ON segments.id = segment_id "
            f"WHERE day BETWEEN ? AND ? {condition} {groups}"
        )
        period = self.asked()
        return lambda: duck.execute(text, [period.start, period.end]).fetchall()


QUESTIONS = (
    Question("tiles: six figures of 28 days", 2.5, [], "last-28d", ""),
    Question("ranking: campaigns of a quarter", 2.5, ["campaign"], "2026-Q3", "campaign_id"),
    Question(
        "group by: placements of a quarter", 2.5, ["segment:placement"], "2026-Q3", "placement"
    ),
    Question(
        "pacing: every line, month to date", 2.5, ["line"], "2026-11-01..2026-11-21", "line_id"
    ),
    Question(
        "trend: channels by week, two years",
        0.4,
        ["channel", "week"],
        "2024-12..2026-11-21",
        "channel_id, date_trunc('week', day)",
    ),
    Question(
        "drill-down: creatives of a campaign by day",
        1.5,
        ["creative", "day"],
        "last-28d",
        "creative_id, day",
        {"campaign": 0},
        "AND campaign_id = {campaign}",
    ),
    # Not a page: what exports and checks read. It shows what a Python row costs.
    Question(
        "series: every line's days, 3,100 rows", None, ["line", "day"], "2026-10", "line_id, day"
    ),
)


def duck_with(market: Market) -> duckdb.DuckDBPyConnection:
    """The raw facts, the lines and the segments in memory."""
    duck = duckdb.connect()
    facts = market.frame
    duck.execute("CREATE TABLE facts AS SELECT * REPLACE (CAST(day AS DATE) AS day) FROM facts")
    duck.execute("CREATE TABLE lines (id BIGINT, campaign_id BIGINT, channel_id BIGINT)")
    rows = [(line.pk, line.campaign_id, line.channel_id) for line in market.lines]
    duck.executemany("INSERT INTO lines VALUES (?, ?, ?)", rows)
    duck.execute("CREATE TABLE segments (id BIGINT, placement TEXT)")
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, attributes ->> 'placement' FROM metrics_segment")
        duck.executemany("INSERT INTO segments VALUES (?, ?)", cursor.fetchall())
    del facts
    return duck


def same_answer(ours: QueryResult, peer: Sequence[Sequence[Any]]) -> bool:
    """Total spend and revenue, and the number of rows."""
    spend, revenue = (sum(int(row[n]) for row in peer) for n in (-3, -1))
    is_total = not ours.by
    rows = 1 if is_total else ours.row_count
    return (ours.totals["spend"], ours.totals["revenue"], rows) == (spend, revenue, len(peer))


def compare(question: Question, market: Market, duck: duckdb.DuckDBPyConnection) -> Compared:
    ours, peer = question.ours(market), question.peer(duck, market)
    if not same_answer(ours(), peer()):
        sys.exit(f"{question.name}: the two answers differ")
    mine, theirs = in_turns(ours, peer, ROUNDS)
    ratio = mine / theirs
    if question.most is None:
        return Compared(question.name, mine, theirs, ratio, "-", passes=True)
    goal = f"<= {question.most}"
    return Compared(question.name, mine, theirs, ratio, goal, ratio <= question.most)


def main() -> int:
    with database():
        made = market(wanted_rows())
        fill(made.frame)
        found = [compare(question, made, duck_with(made)) for question in QUESTIONS]
    print(f"{made.rows:,} facts, median of {ROUNDS} rounds in turns with DuckDB on the raw facts")
    for item in found:
        print(item.row())
    print("Fails when a ratio to DuckDB is above its goal, or when one of the answers differs.")
    return 0 if all(item.passes for item in found) else 1


if __name__ == "__main__":
    sys.exit(main())
