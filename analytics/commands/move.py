"""`move`: the best single move of budget between lines."""

from argparse import ArgumentParser, Namespace
from typing import Any

from analytics.commands.answers import plain, why
from analytics.commands.table import DAILY_FILE, BadTable, add_daily_options, read_table
from analytics.daily import DailyRatio
from analytics.moves import Limits, responses, suggest_move
from analytics.results import REASON_TEXT, MoveSuggestion

FILE = DAILY_FILE
HELP = "the best single move of budget between lines, with its expected gain and range"
EXAMPLE = "python -m analytics move days.csv --line campaign --spend spend --return revenue"


def add(parser: ArgumentParser) -> None:
    add_daily_options(parser)
    usual = Limits()
    parser.add_argument("--line", required=True, metavar="COLUMN")
    parser.add_argument("--spend", required=True, metavar="COLUMN")
    parser.add_argument("--return", required=True, metavar="COLUMN", dest="back")
    parser.add_argument("--giver", metavar="NAME", help="only this line may give")
    parser.add_argument("--days", type=int, default=usual.days, help="length of the period")
    parser.add_argument("--max-shift", type=float, default=usual.max_shift, metavar="SHARE")
    parser.add_argument("--max-growth", type=float, default=usual.max_growth, metavar="SHARE")
    parser.add_argument("--step", type=float, default=usual.step, help="smallest amount to move")


def run(options: Namespace) -> tuple[Any, list[str]]:
    """Return the answer for JSON, and the same in lines for people."""
    table = read_table(
        options.file,
        day=options.day,
        series=options.line,
        measures=(options.spend, options.back),
        fill=options.fill,
    )
    if options.giver not in (None, *table.series):
        raise BadTable(f"{options.file}: no line {options.giver!r} in column {options.line!r}")
    daily = DailyRatio(table.measures[options.back], table.measures[options.spend], table.days)
    limits = Limits(
        days=options.days,
        max_shift=options.max_shift,
        max_growth=options.max_growth,
        step=options.step,
    )
    lines = responses(table.series, daily, seed=options.seed)
    answer = suggest_move(lines, limits, giver=options.giver)
    known = {line.key: line.elasticity for line in lines}
    return {**plain(answer), "elasticities": plain(known)}, _lines(answer)


def _lines(answer: MoveSuggestion) -> list[str]:
    left_out = [f"Left out: {line}. {REASON_TEXT[reason]}" for line, reason in answer.refused]
    if answer.reason is not None or answer.move is None or answer.move.gain is None:
        return [*([why(answer.reason)] if answer.reason else []), *left_out]
    move, gain = answer.move, answer.move.gain
    stopped = f" Stopped by {answer.binding}." if answer.binding else ""
    expected = (
        f"Expected gain {gain.p50:,.0f} (P10 {gain.p10:,.0f}, P90 {gain.p90:,.0f}), "
        f"chance of a loss {gain.chance_of_loss:.0%}.{stopped}"
    )
    return [
        f"Move {move.amount:,.0f} from {move.giver} to {move.receiver} over {move.days} days.",
        f"The next unit returns {move.giver_marginal:.2f} there and {move.receiver_marginal:.2f} here.",
        expected,
        *left_out,
    ]
