"""`score`: how well the columns of a table foretell an outcome, and the model that does."""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from analytics.arrays import FloatArray, IntArray
from analytics.commands.answers import plain, why
from analytics.commands.progress import Bar
from analytics.commands.table import BadTable, read_heading, read_rows

FILE = "a CSV in UTF-8 with a row for each person or account, or .csv.gz"
HELP = "how well the columns of a table foretell an outcome: quality, leaks, reasons, the model"
EXAMPLE = "python -m analytics score leads.csv --target converted --drop last_activity --json"

YES, NO = {"1", "yes", "true", "y"}, {"0", "no", "false", "n"}
SHOWN = 8


def add(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--target", required=True, metavar="COLUMN", help="the outcome: 1 and 0, yes and no"
    )
    parser.add_argument("--positive", metavar="VALUE", help="the value that means it came")
    parser.add_argument(
        "--drop", action="append", default=[], metavar="COLUMN", help="do without (again for more)"
    )
    parser.add_argument(
        "--keep",
        action="append",
        default=[],
        metavar="COLUMN",
        help="use although it seems to know the outcome (again for more)",
    )
    parser.add_argument(
        "--order",
        metavar="COLUMN",
        help="when a row became known (a number or a day): judge on later rows only",
    )
    parser.add_argument("--model", type=Path, metavar="FILE", help="write the fitted model there")


def run(options: Namespace) -> tuple[Any, list[str]]:
    """Return the answer for JSON, and the same in lines for people."""
    # Loads the models' libraries in seconds, which the quick commands need not wait for.
    from analytics.scores import Rating, rate  # noqa: PLC0415
    from analytics.scores.rating import STEPS  # noqa: PLC0415

    table, outcome = read_people(options)
    order = None if options.order is None else table.pop(options.order)
    with Bar("Fitting", STEPS) as bar:
        done = iter(range(1, STEPS + 1))
        rating: Rating = rate(
            options.target,
            table,
            outcome,
            order=order,
            keep=options.keep,
            seed=options.seed,
            tell=lambda: bar.at(next(done)),
        )
    if options.model is not None and rating.record is not None:
        _write(options.model, rating.record.plain())
    return _plain(rating), _lines(rating, options.target)


def read_people(options: Namespace) -> tuple[dict[str, Any], IntArray]:
    """The columns that are not dropped, and the outcome, of the rows that have one."""
    names = [name for name in read_heading(options.file) if name]
    asked = [options.target, *options.drop, *options.keep, options.order]
    needed = dict.fromkeys([*names, *(name for name in asked if name)])
    rows = [row for _, row in read_rows(options.file, needed) if row[options.target].strip()]
    if not rows:
        raise BadTable(f"{options.file}: no row has a value in {options.target!r}")
    outcome = _outcome(options, [row[options.target].strip() for row in rows])
    away = {options.target, *options.drop}
    table = {
        name: _column([row[name].strip() for row in rows]) for name in names if name not in away
    }
    if options.order is not None:
        table[options.order] = _order(options, [row[options.order].strip() for row in rows])
    return table, outcome


def _outcome(options: Namespace, texts: list[str]) -> IntArray:
    there = sorted(set(texts))
    if options.positive is not None:
        if options.positive not in there:
            raise BadTable(
                f"{options.file}: {options.positive!r} is not in column {options.target!r}, "
                f"which has {_few(there)}"
            )
        return np.array([text == options.positive for text in texts], dtype=np.int64)
    if not {text.lower() for text in there} <= YES | NO:
        raise BadTable(
            f"{options.file}: column {options.target!r} has {_few(there)}; 1 and 0 or yes and no "
            "are needed, or --positive with the value that means it came"
        )
    return np.array([text.lower() in YES for text in texts], dtype=np.int64)


def _few(values: list[str]) -> str:
    return ", ".join(map(repr, values[:5])) + (" and others" if len(values) > 5 else "")


def _column(texts: list[str]) -> Any:
    """Numbers where every cell that is not empty is one, else text."""
    try:
        numbers = np.array([float(text) if text else np.nan for text in texts])
    except ValueError:
        return np.array(texts, dtype=np.str_)
    return np.array(texts, dtype=np.str_) if np.isinf(numbers).any() else numbers


def _order(options: Namespace, texts: list[str]) -> FloatArray:
    """When rows became known as numbers that rise; days and moments in ISO sort as text does."""
    if "" in texts:
        raise BadTable(f"{options.file}: column {options.order!r} is empty in some rows")
    return np.unique(_column(texts), return_inverse=True)[1].astype(np.float64)


def _write(path: Path, record: dict[str, Any]) -> None:
    try:
        path.write_text(json.dumps(record), encoding="utf-8")
    except OSError as error:
        raise BadTable(f"{path}: {error.strerror or error}") from error


def _plain(rating: Any) -> dict[str, Any]:
    quality = rating.quality
    return {
        "n": rating.n,
        "positives": rating.positives,
        "model": rating.model,
        "auc": quality and quality.auc,
        "auc_interval": quality and plain(quality.auc_interval),
        "brier": quality and quality.brier,
        "calibration_error": quality and quality.calibration_error,
        "calibration": plain(quality.groups) if quality else [],
        "lift_top_decile": quality and quality.lift,
        "compared": {
            kind: {"auc": one.auc, "brier": one.brier, "log_loss": one.log_loss}
            for kind, one in rating.compared.items()
        },
        "factors": plain(rating.factors),
        "leak_suspects": plain(rating.suspects),
        "left_out": list(rating.left_out),
        "reason": rating.reason,
    }


def _lines(rating: Any, target: str) -> list[str]:
    suspects = [
        f"{one.name} may know the outcome ({_suspicion(one)}): "
        f"{'left out; --keep uses it' if one.is_left_out else 'used; --drop does without'}."
        for one in rating.suspects
    ]
    useless = [f"Of no use: {', '.join(rating.left_out)}."] if rating.left_out else []
    if rating.quality is None:
        said = f"{rating.n:,} rows, {rating.positives:,} with {target}."
        return [why(rating.reason), said, *suspects, *useless]
    one = rating.quality
    head = (
        f"{target}: AUC {one.auc:.3f} (95% interval {one.auc_interval.low:.3f} to "
        f"{one.auc_interval.high:.3f}), Brier {one.brier:.4f}, calibration error "
        f"{one.calibration_error:.3f}, top tenth {one.lift:.1f} times the average; "
        f"{rating.model}, n {rating.n:,}, {rating.positives:,} with it."
    )
    return [head, *_factors(rating.factors), *suspects, *useless]


def _factors(factors: Iterable[Any]) -> list[str]:
    return [
        f"  {one.strength:.2f}  {one.name}: {one.raises or '(empty)'} raises it, "
        f"{one.lowers or '(empty)'} lowers it"
        for one in tuple(factors)[:SHOWN]
    ]


def _suspicion(one: Any) -> str:
    what = "its gaps alone" if one.suspicion == "tells_by_gaps" else "alone"
    return f"{what} AUC {one.alone:.2f}, all others together {one.others:.2f}"
