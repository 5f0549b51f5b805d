"""`trend`: does a ratio fall or rise from period to period."""

from argparse import ArgumentParser, Namespace
from typing import Any

from analytics.commands.answers import percent, percent_range, plain, why
from analytics.commands.table import DAILY_FILE, add_daily_options, read_table
from analytics.daily import DailyRatio
from analytics.periods import month_edges, week_edges
from analytics.results import Trend
from analytics.trend import ratio_trends

FILE = DAILY_FILE
HELP = "does a ratio (return on spend, cost per order) fall or rise over complete periods"
EXAMPLE = "python -m analytics trend days.csv --numerator revenue --denominator spend --by campaign"


def add(parser: ArgumentParser) -> None:
    add_daily_options(parser)
    parser.add_argument("--numerator", required=True, metavar="COLUMN")
    parser.add_argument("--denominator", required=True, metavar="COLUMN")
    parser.add_argument("--by", metavar="COLUMN", help="one trend per value of this column")
    parser.add_argument("--period", choices=("month", "week"), default="month")
    parser.add_argument("--last", type=int, metavar="N", help="only the latest N periods")


def run(options: Namespace) -> tuple[Any, list[str]]:
    """Return the answer for JSON, and the same in lines for people."""
    table = read_table(
        options.file,
        day=options.day,
        series=options.by,
        measures=(options.numerator, options.denominator),
        fill=options.fill,
    )
    daily = DailyRatio(
        table.measures[options.numerator], table.measures[options.denominator], table.days
    )
    cut = month_edges if options.period == "month" else week_edges
    edges = cut(int(table.days[0]), int(table.days[-1]))
    trends = ratio_trends(daily, edges=edges, seed=options.seed, last=options.last)
    answer = dict(zip(table.series, trends, strict=True))
    return plain(answer), [_line(name, trend, options.period) for name, trend in answer.items()]


def _line(name: str, trend: Trend, period: str) -> str:
    if trend.reason is not None:
        return f"{name}: {why(trend.reason)} {len(trend.periods)} complete, {trend.n} days."
    values = " ".join("?" if p.value is None else f"{p.value:.3g}" for p in trend.periods)
    return (
        f"{name}: {trend.direction}, {percent(trend.slope)} a {period}"
        f"{percent_range(trend.slope_interval)}; p {trend.p:.3f}, n {trend.n} days. {values}"
    )
