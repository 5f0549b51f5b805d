"""Chances of an outcome on two public tables, against scikit-learn's usual models, cross-validated.

Ours is `analytics.scores`: the better of logistic regression and boosted trees by log loss, with
fixed settings, nothing tuned on these tables, on scikit-learn too but with encodings and a record
of its own. Peers were recorded on the same tables with five stratified folds: one-hot logistic
regression and histogram gradient boosting of scikit-learn; with `--peers` the latter is also run
here, on the same folds as ours. Both tables hold columns that were filled in after the outcome: the
peers' figures are without them, and the check for leaks must name them when they are there.

It fails when ours ranks worse than the best peer by more than the slack, when chances are off by
more than allowed, when a leak is not named or an honest column is thrown away for one, when the
frozen record gives another chance than the model or takes too long, or when a planted outcome that
is pure chance is said to be foreseeable (the control). Without the shared data a made-up table
takes their place, with the model it was drawn from as the peer.
"""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from analytics.arrays import IntArray
from analytics.commands.score import read_people
from analytics.scores import Columns, Rating, rate, record_from_plain
from analytics.scores.validation import auc, random_folds
from config.places import PROJECT_ROOT

DATA = Path(os.environ.get("ADROIT_SHARED_DATA", PROJECT_ROOT.parent / "shared" / "data"))
FOLDER = DATA / "analytics" / "scoring"
SLACK, MOST_ERROR, MOST_SECONDS = 0.005, 0.02, 0.2
MOST_CPU = 20.0
# Filled in while or after somebody talked to the lead.
AFTER_CONTACT = (
    "Tags", "Lead Quality", "Last Activity", "Last Notable Activity", "Lead Profile",
    "Asymmetrique Activity Index", "Asymmetrique Profile Index", "Asymmetrique Activity Score",
    "Asymmetrique Profile Score",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Task:
    """A table with an outcome, what must not be used, the leak to name, and the best peer's AUC."""

    name: str
    table: Columns
    outcome: IntArray
    late: tuple[str, ...]
    leak: str
    peer: str
    peer_auc: float

    @property
    def honest(self) -> Columns:
        return {name: column for name, column in self.table.items() if name not in self.late}


def public() -> list[Task]:
    """The two public tables."""
    recorded = json.loads((FOLDER / "baselines.json").read_text())
    return [
        _task("bank_full", "y", ("duration",), "duration", recorded, "bank_full (no duration)"),
        _task(
            "leads_x_education",
            "Converted",
            AFTER_CONTACT,
            "Tags",
            recorded,
            "leads (no post-contact cols)",
        ),
    ]


def _task(
    name: str, target: str, late: tuple[str, ...], leak: str, recorded: Any, row: str
) -> Task:
    table, outcome = read_people(
        Namespace(
            file=FOLDER / f"{name}.csv", target=target, positive=None, drop=[], keep=[], order=None
        )
    )
    peers = {key.split(" | ")[1]: one["auc"] for key, one in recorded.items() if row in key}
    best = max(peers, key=lambda key: float(peers[key]))
    return Task(name, table, outcome, late, leak, f"{best}, recorded", float(peers[best]))


def made_up() -> list[Task]:
    """A table drawn from a known model, with a column that was filled in after the outcome."""
    random = np.random.default_rng(3)
    n = 6000
    visits, source = random.gamma(2, 2, n), random.choice(["search", "social", "partner"], n)
    odds = -2 + 0.4 * visits + np.where(source == "partner", 1.0, 0.0)
    outcome = (random.random(n) < 1 / (1 + np.exp(-odds))).astype(np.int64)
    table = {
        "visits": visits,
        "source": source,
        "noise": random.normal(size=n),
        "call": outcome * 2 + random.normal(size=n),
    }
    return [
        Task("made up", table, outcome, ("call",), "call", "the model itself", auc(outcome, odds))
    ]


def boosting_of_scikit(task: Task) -> float:
    """The AUC of histogram gradient boosting with its usual settings, on our folds."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415

    codes = [
        np.unique(column, return_inverse=True)[1] if column.dtype.kind == "U" else column
        for column in task.honest.values()
    ]
    matrix = np.column_stack(codes).astype(np.float64)
    chances = np.empty(len(task.outcome))
    for learnt, judged in random_folds(task.outcome, 1):
        model = HistGradientBoostingClassifier(random_state=1)
        model.fit(matrix[learnt], task.outcome[learnt])
        chances[judged] = model.predict_proba(matrix[judged])[:, 1]
    return auc(task.outcome, chances)


def judged(task: Task, run_peer: bool) -> bool:
    """Print the rows of a task; whether all its goals are met."""
    start = process_time()
    rating = rate(task.name, task.honest, task.outcome)
    spent = process_time() - start
    quality = rating.quality
    if quality is None:
        print(f"{task.name}: refused, {rating.reason}")
        return False
    leaking = rate(task.name, task.table, task.outcome).suspects
    named = [one.name for one in leaking if one.is_left_out]
    lost = [one.name for one in rating.suspects if one.is_left_out]
    same, seconds = _frozen(task, rating)
    print(f"{task.name}: n {rating.n:,}, {rating.positives:,} with the outcome, {rating.model}")
    goals = [
        (
            "AUC",
            f"{quality.auc:.4f}",
            f"{task.peer_auc:.4f} ({task.peer})",
            f">= peer - {SLACK}",
            quality.auc >= task.peer_auc - SLACK,
        ),
        (
            "calibration error",
            f"{quality.calibration_error:.4f}",
            "",
            f"<= {MOST_ERROR}",
            quality.calibration_error <= MOST_ERROR,
        ),
        ("left out as leaks", ", ".join(named), "", task.leak, task.leak in named),
        ("honest columns left out", ", ".join(lost) or "none", "", "none", not lost),
        ("frozen record agrees", str(same), "", "True", same),
        (
            "one row, slowest, ms",
            f"{1000 * seconds:.1f}",
            "",
            f"<= {1000 * MOST_SECONDS:.0f}",
            seconds <= MOST_SECONDS,
        ),
        ("CPU seconds", f"{spent:.1f}", "", f"<= {MOST_CPU:.0f}", spent <= MOST_CPU),
    ]
    for label, our, peer, goal, met in goals:
        print(f"  {label:<26}{our:>12}  {peer:<26}{goal:<16}{'' if met else 'MISS'}")
    print(f"  {'Brier, top-tenth lift':<26}{quality.brier:>12.4f}  {quality.lift:.2f}")
    if run_peer:
        print(f"  {'AUC of scikit-learn, here':<26}{boosting_of_scikit(task):>12.4f}")
    return all(met for *_, met in goals)


def _frozen(task: Task, rating: Rating) -> tuple[bool, float]:
    """Whether the record, written and read again, gives the model's chances; the slowest row."""
    if rating.record is None:
        return False, float("inf")
    frozen = record_from_plain(json.loads(json.dumps(rating.record.plain())))
    whole = rating.record.chances(task.honest)
    slowest, same = 0.0, True
    for row in range(0, len(whole), max(len(whole) // 50, 1)):
        cells = {
            name: str(column[row]) if column.dtype.kind == "U" else float(column[row])
            for name, column in task.honest.items()
        }
        start = perf_counter()
        one = frozen.chance(cells)
        slowest = max(slowest, perf_counter() - start)
        same = same and abs(one.chance - whole[row]) < 1e-9
    return same, slowest


def control() -> bool:
    """Outcomes drawn by lot must not look foreseeable: the AUC's interval holds 0.5."""
    random = np.random.default_rng(7)
    table = {name: random.normal(size=3000) for name in ("a", "b", "c")}
    found = rate("lot", table, random.integers(0, 2, 3000)).quality
    holds = found is not None and not found.auc_interval.excludes(0.5)
    print(
        f"control, outcome by lot: AUC {found.auc if found else 0:.3f}, interval holds 0.5: {holds}"
    )
    return holds


def main() -> int:
    if not FOLDER.is_dir():
        print(f"No shared data in {DATA}: a made-up table instead.")
    tasks = public() if FOLDER.is_dir() else made_up()
    passes = [judged(task, "--peers" in sys.argv) for task in tasks]
    passes.append(control())
    print("pass" if all(passes) else "MISS")
    return 0 if all(passes) else 1


if __name__ == "__main__":
    sys.exit(main())
