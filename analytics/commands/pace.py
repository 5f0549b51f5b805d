"""`pace`: where a target stands today and where the run-rate ends."""

from argparse import ArgumentParser, Namespace
from datetime import date
from typing import Any

from analytics.commands.answers import plain, why
from analytics.commands.table import DAILY_FILE, Table, add_daily_options, read_table
from analytics.daily import DailyRatio
from analytics.pace import pace_ratio, pace_total
from analytics.results import Pace

FILE = DAILY_FILE
HELP = "where a target stands today and where the run-rate ends (a run-rate, not a forecast)"
EXAMPLE = (
    "python -m analytics pace days.csv --value revenue --target 500000 "
    "--first 2026-11-01 --last 2026-11-30"
)


def add(parser: ArgumentParser) -> None:
    add_daily_options(parser)
    parser.add_argument("--value", required=True, metavar="COLUMN")
    parser.add_argument(
        "--per", metavar="COLUMN", help="denominator, when the target is a ratio of sums"
    )
    parser.add_argument("--target", required=True, type=float)
    parser.add_argument("--first", required=True, type=date.fromisoformat, metavar="DAY")
    parser.add_argument("--last", required=True, type=date.fromisoformat, metavar="DAY")


def run(options: Namespace) -> tuple[Any, list[str]]:
    """Return the answer for JSON, and the same in lines for people."""
    measures = [options.value, *([options.per] if options.per else [])]
    table = read_table(
        options.file, day=options.day, series=None, measures=measures, fill=options.fill
    )
    pace = _pace(options, table)
    return plain(pace), _lines(pace)


def _pace(options: Namespace, table: Table) -> Pace:
    period = {
        "target": options.target,
        "first_day": options.first.toordinal(),
        "last_day": options.last.toordinal(),
        "seed": options.seed,
    }
    values = table.measures[options.value]
    if options.per:
        return pace_ratio(DailyRatio(values, table.measures[options.per], table.days), **period)
    return pace_total(values[0], table.days, **period)


def _lines(pace: Pace) -> list[str]:
    if pace.reason is not None or pace.landing_interval is None:
        return [why(pace.reason)] if pace.reason else []
    low, high = pace.landing_interval.low, pace.landing_interval.high
    needed = "" if pace.needed is None else f" The open days need {pace.needed:,.2f} on average."
    today = (
        f"{pace.actual:,.2f} against {pace.expected:,.2f} expected to date "
        f"({pace.expected_linear:,.2f} by days alone): {pace.ratio:.1%} of pace, "
        f"day {pace.days_elapsed} of {pace.days_total}, {pace.days_missing} without data."
    )
    end = (
        f"At the present run-rate it ends at {pace.landing:,.2f}, "
        f"{pace.landing_interval.level:.0%} between {low:,.2f} and {high:,.2f}; "
        f"chance to reach the target {pace.chance:.0%}.{needed}"
    )
    return [today, end]
