"""`anomalies`: a score and a flag for each row of a series, from the rows before it alone."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from analytics.arrays import FloatArray
from analytics.commands.answers import why
from analytics.commands.table import BadTable, cell_number, read_rows

FILE = "a CSV in UTF-8 with a row for each moment, oldest first, or .csv.gz"
HELP = "a score and a flag for each row of a series, from the rows before it alone"
EXAMPLE = "python -m analytics anomalies cpc_by_hour.csv --json"


def add(parser: ArgumentParser) -> None:
    parser.add_argument("--timestamp", default="timestamp", metavar="COLUMN")
    parser.add_argument("--value", default="value", metavar="COLUMN")
    parser.add_argument(
        "--until",
        type=_moment,
        metavar="MOMENT",
        help="rows from then on are not complete yet (the running day): not judged",
    )


def run(options: Namespace) -> tuple[Any, list[str]]:
    """Return the answer for JSON, and the same in lines for people."""
    # Reads tables with pandas, which the quick commands need not load.
    from analytics.anomalies import detect  # noqa: PLC0415

    texts, times, values = _read(options.file, options.timestamp, options.value)
    found = detect(times, values, until=options.until)
    rows = [
        {
            "timestamp": text,
            "value": _number(value),
            "expected": _number(expected),
            "score": _number(score),
            "flag": bool(flag),
        }
        for text, value, expected, score, flag in zip(
            texts, values, found.expected, found.score, found.flag, strict=True
        )
    ]
    answer = {
        "rows": rows,
        "threshold": found.threshold,
        "step_seconds": found.step,
        "n": found.n,
        "reason": found.reason,
    }
    if found.reason is not None:
        return answer, [why(found.reason)]
    flagged = [row for row in rows if row["flag"]]
    lines = [
        f"{row['timestamp']}  {row['value']:,.6g}  expected {row['expected']:,.6g}, "
        f"score {row['score']:.1f}"
        for row in flagged
    ]
    end = f"{len(flagged)} of {found.n:,} judged rows begin an anomaly (score {found.threshold} or over)."
    return answer, [*lines, end]


def _read(path: Path, timestamp: str, value: str) -> tuple[list[str], FloatArray, FloatArray]:
    """Timestamps as they stand in the file, the same in seconds, and values; NaN where empty."""
    texts, times, values = [], [], []
    for number, row in read_rows(path, [timestamp, value]):
        texts.append(row[timestamp].strip())
        times.append(_seconds(path, number, timestamp, texts[-1]))
        if len(times) > 1 and times[-1] < times[-2]:
            raise BadTable(
                f"{path}, line {number}: {timestamp} {texts[-1]} comes after {texts[-2]}; "
                "sort the rows, oldest first"
            )
        values.append(cell_number(path, number, value, row[value]))
    if not times:
        raise BadTable(f"{path}: has a heading but no rows")
    return texts, np.array(times), np.array(values)


def _seconds(path: Path, number: int, column: str, text: str) -> float:
    try:
        return _moment(text)
    except ValueError:
        raise BadTable(
            f"{path}, line {number}: {column} is {text!r}; a day or moment like "
            "2026-11-21 or 2026-11-21 14:05 is needed"
        ) from None


def _moment(text: str) -> float:
    """Seconds of a day or moment; without an offset it is taken as UTC."""
    moment = datetime.fromisoformat(text.strip())
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
