"""`forecast`: the days to come of many daily series, each with its ranges."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics.commands.answers import why
from analytics.commands.progress import Bar
from analytics.commands.table import BadTable

if TYPE_CHECKING:
    from analytics.forecast import Forecast, Panel

FILE = "a CSV in UTF-8 with unique_id, ds and y, a row per series and day, or .csv.gz"
HELP = "the days to come of many daily series at once, with 80 and 95 % ranges"
EXAMPLE = "python -m analytics forecast days.csv --horizon 30 --plan plan.csv --out forecast.csv"
LONGEST = 364


def add(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--horizon", type=_horizon, default=30, metavar="DAYS", help="days ahead, 30 unless told"
    )
    parser.add_argument(
        "--cutoff",
        nargs="+",
        metavar="DATE",
        help="last day that is seen, also several; the last of the file unless told",
    )
    parser.add_argument(
        "--plan",
        type=Path,
        metavar="CSV",
        help="unique_id, ds, spend: spent on the days seen, planned for the days to come",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="CSV", help="where to write")


def _horizon(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= LONGEST:
        raise ArgumentTypeError(f"{text!r} is not a number of days from 1 to {LONGEST}")
    return int(text)


def run(options: Namespace) -> tuple[Any, list[str]]:
    """Return the answer for JSON, and the same in lines for people."""
    # Loads numpy's and, later, sklearn's weight, which the quick commands need not wait for.
    from analytics.commands import forecast_file  # noqa: PLC0415

    panel = forecast_file.read_panel(options.file)
    plan = forecast_file.read_panel(options.plan, forecast_file.SPEND) if options.plan else None
    last = int(panel.days[-1])
    cutoffs = [forecast_file.cell_day("--cutoff", text) for text in options.cutoff or ()] or [last]
    for cutoff in cutoffs:
        if not panel.until(cutoff).names:
            raise BadTable(
                f"{options.file}: nothing is known until {date.fromordinal(cutoff)}; "
                f"the first value is of {date.fromordinal(int(panel.days[0]))}"
            )
    told: list[Forecast] = []
    rows = forecast_file.write_forecasts(
        options.out, _each(panel, plan, sorted(set(cutoffs)), options, told)
    )
    return _answer(options.out, rows, told), _lines(options.out, rows, told)


def _each(
    panel: "Panel",
    plan: "Panel | None",
    cutoffs: list[int],
    options: Namespace,
    told: "list[Forecast]",
) -> "Iterator[Forecast]":
    # As in `run`.
    from analytics.forecast import forecast  # noqa: PLC0415

    with Bar("forecast", len(cutoffs)) as bar:
        for done, cutoff in enumerate(cutoffs):
            bar.at(done)
            seen = panel.until(cutoff)
            told.append(forecast(seen, options.horizon, plan=plan, seed=options.seed).series)
            yield told[-1]


def _answer(out: Path, rows: int, told: "list[Forecast]") -> dict[str, Any]:
    return {
        "out": str(out),
        "rows": rows,
        "series": len({name for one in told for name in one.names}),
        "cutoffs": [date.fromordinal(one.cutoff).isoformat() for one in told],
        "reasons": {
            date.fromordinal(one.cutoff).isoformat(): {
                name: reason
                for name, reason in zip(one.names, one.reason, strict=True)
                if reason is not None
            }
            for one in told
        },
    }


def _lines(out: Path, rows: int, told: "list[Forecast]") -> list[str]:
    lines = [f"{rows:,} rows written to {out}."]
    for one in told:
        counted: dict[Any, int] = {}
        for reason in one.reason:
            if reason is not None:
                counted[reason] = counted.get(reason, 0) + 1
        lines += [
            f"As of {date.fromordinal(one.cutoff)}, {n} of {len(one.names)} series: {why(reason)}"
            for reason, n in counted.items()
        ]
    return lines
