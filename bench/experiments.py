"""Tests of two arms: right to the digit, fast, and not fooled by looking often.

Right: the public and documented answers of the shared data (Cookie Cats, Hillstrom, the Udacity
tests), the largest distance to any of them, relative, below 1e-4 absolute.
Fast: experiments with random totals, all in one call and one by one. Frequentist is the pooled test,
its interval and the relative lift; Bayesian the chance to beat, both expected losses and both
credible intervals. gbstats cannot be installed beside this NumPy in a version that has these tests;
its rates are recorded ones. statsmodels, and a Monte Carlo of 100,000 draws, are run here.
Not fooled: experiments without any effect, p = .10, 20 looks of 500 units an arm, significant at any
look, and how often a true +15 % is found. The control is the fixed test, which must fail.

Nothing was tuned: the limits follow from alpha, the declared end and the looks. It fails when a
golden is missed, a rate is below its goal, a sequential method finds more than 5 % (the ones that
spend exactly 5 %: more than two standard errors above), power is below 75 %, or the control holds.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from analytics.arrays import FloatArray
from analytics.experiments import (
    Correction,
    Moments,
    Spending,
    beta_belief,
    beta_posterior,
    bounds,
    corrected,
    cuped,
    fisher_p,
    horizon_critical,
    mixture_critical,
    pair_moments,
    proportion_details,
    proportion_moments,
    proportions,
    relative_lift,
    size_cohen_h,
    size_pooled_null,
    size_unpooled,
    split_check,
    welch,
)
from config.places import PROJECT_ROOT

DATA = Path(os.environ.get("ADROIT_SHARED_DATA", PROJECT_ROOT.parent / "shared" / "data"))
FOLDER = DATA / "analytics" / "abtest"
DIGITS, SMALL = 1e-8, 1e-4
FREQUENTIST, BAYESIAN = 20_000, 5_000
GBSTATS_FREQUENTIST, GBSTATS_BAYESIAN = 5_894, 636
SAMPLE, DRAWS = 20_000, 100_000
EXPERIMENTS, LOOKS, PER_LOOK, SHARE, LIFT = 4_000, 20, 500, 0.10, 0.15
FALSE, POWER = 0.05, 0.75
SEEDS = (101, 102)

Pair = tuple[str, Any, Any]


def proportion_pairs(name: str, block: dict[str, Any]) -> Iterator[Pair]:
    totals = (block["x"][0], block["n"][0], block["x"][1], block["n"][1])
    found, belief = proportion_details(*totals, alpha=0.05), beta_belief(*totals)
    for field in ("z_pooled", "p_pooled", "z_unpooled", "p_unpooled", "chi2", "p_chi2_yates"):
        yield f"{name} {field}", getattr(found, field), block[field]
    yield f"{name} wald", found.wald, block["ci95_wald"]
    yield f"{name} newcombe", found.newcombe, block["ci95_newcombe"]
    yield f"{name} fisher", fisher_p(*totals), block["p_fisher"]
    lift = relative_lift(proportion_moments(*totals[:2]), proportion_moments(*totals[2:]))
    yield f"{name} lift", (lift.low, lift.high), block["rel_lift_delta_ci95"]
    bayes = block["bayes"]
    yield f"{name} beats", belief.beats, bayes["prob_treat_better"]
    yield f"{name} loss", belief.loss_if_chosen, bayes["expected_loss_choose_treat"]
    yield f"{name} kept", belief.loss_if_kept, bayes["expected_loss_choose_control"]


def mean_pairs(name: str, block: dict[str, Any]) -> Iterator[Pair]:
    arms = [Moments(block["n"][i], block["mean"][i], block["var"][i]) for i in (0, 1)]
    found = welch(*arms)
    yield f"{name} t", found.statistic, block["t"]
    yield f"{name} df", found.freedom, block["df"]
    yield f"{name} p", found.p, block["p"]
    yield f"{name} interval", (found.low, found.high), block["ci95"]


def size_pairs(block: dict[str, Any]) -> Iterator[Pair]:
    formulas: dict[str, Callable[[float, float], Any]] = {
        "evan_miller": size_pooled_null,
        "cohen_h_statsmodels": size_cohen_h,
        "unpooled_wald": size_unpooled,
    }
    for formula, size in formulas.items():
        for question, expected in block[formula].items():
            share, difference = (float(part) for part in question.strip("()").split(","))
            yield f"{formula} {question}", size(share, difference), expected


def pairs() -> Iterator[Pair]:
    """Every golden with what is answered here."""
    golden = json.loads((FOLDER / "golden_abtest.json").read_text())
    for name, block in golden.items():
        if "z_pooled" in block:
            yield from proportion_pairs(name, block)
        elif "df" in block:
            yield from mean_pairs(name, block)
        elif "observed" in block:
            found = split_check(block["observed"], [1] * len(block["observed"]))
            yield name, (found.chi2, found.p), (block["chi2"], block["p"])
    table = golden["benjamini_hochberg_1995_table"]
    for method in Correction:
        if method is not Correction.NONE:
            yield str(method), corrected(table["p"], method), table[method]
    yield from size_pairs(golden["sample_size"])
    sim = json.loads((FOLDER / "cuped_sim_31_golden.json").read_text())["cuped"]
    rows = np.loadtxt(FOLDER / "cuped_sim_31.csv", delimiter=",", skiprows=1)
    arms = cuped([pair_moments(*rows[rows[:, 1] == arm][:, [3, 2]].T) for arm in (0, 1)])
    yield "cuped", (arms.theta, arms.reduction), (sim["theta"], sim["var_reduction"])
    yield "cuped p", welch(*arms.arms).p, sim["p"]


def distance(ours: Any, golden: Any) -> float:
    mine, theirs = np.asarray(ours, dtype=float), np.asarray(golden, dtype=float)
    return float((np.abs(mine - theirs) / np.maximum(np.abs(theirs), SMALL)).max())


def right() -> bool:
    if not FOLDER.is_dir():
        print(f"No shared data in {DATA}: goldens are not checked.")
        return True
    apart = {name: distance(ours, golden) for name, ours, golden in pairs()}
    worst = max(apart, key=lambda name: apart[name])
    print(f"{len(apart)} goldens, largest distance {apart[worst]:.1e} ({worst}), goal {DIGITS:.0e}")
    return apart[worst] <= DIGITS


def totals(seed: int) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    generator = np.random.default_rng(seed)
    n = generator.integers(500, 100_000, (2, SAMPLE))
    x = generator.binomial(n, generator.uniform(0.005, 0.5, SAMPLE))
    x0, n0, x1, n1 = (row.astype(np.float64) for row in (x[0], n[0], x[1], n[1]))
    return x0, n0, x1, n1


def frequentist(x: Any, n: Any, y: Any, m: Any) -> None:
    proportions(x, n, y, m, alpha=0.05)
    relative_lift(proportion_moments(x, n), proportion_moments(y, m))


def bayesian(x: Any, n: Any, y: Any, m: Any) -> None:
    beta_belief(x, n, y, m)
    beta_posterior(x, n)
    beta_posterior(y, m)


def monte_carlo(x: Any, n: Any, y: Any, m: Any) -> None:
    generator = np.random.default_rng(1)
    control = generator.beta(x + 1, n - x + 1, DRAWS)
    treated = generator.beta(y + 1, m - y + 1, DRAWS)
    (treated > control).mean()
    np.maximum(control - treated, 0).mean()
    np.maximum(treated - control, 0).mean()
    np.quantile(control, [0.025, 0.975])
    np.quantile(treated, [0.025, 0.975])


def rate(work: Callable[..., None], rows: int, *, together: bool = False) -> float:
    """Experiments a CPU second."""
    columns = [column[:rows] for column in totals(7)]
    begun = process_time()
    if together:
        work(*columns)
    else:
        for row in zip(*columns, strict=True):
            work(*row)
    return rows / (process_time() - begun)


def statsmodels_rate() -> float | None:
    try:
        peer = import_module("statsmodels.stats.proportion")
    except ImportError:
        print("statsmodels is not installed: `make bench` installs it.")
        return None

    def work(x: Any, n: Any, y: Any, m: Any) -> None:
        peer.proportions_ztest([y, x], [m, n])
        peer.confint_proportions_2indep(y, m, x, n, method="wald")

    return rate(work, 200)


def fast() -> bool:
    print(f"\n{'experiments a CPU second':<34}{'ours':>12}{'peer':>10}{'ratio':>9}  goal")
    peers = {"gbstats, recorded": float(GBSTATS_FREQUENTIST)}
    if (theirs := statsmodels_rate()) is not None:
        peers["statsmodels"] = theirs
    many, single = rate(frequentist, SAMPLE, together=True), rate(frequentist, 2_000)
    for peer, speed in peers.items():
        _rate(f"frequentist, one call ({peer})", many, speed, FREQUENTIST)
        _rate(f"frequentist, one by one ({peer})", single, speed, FREQUENTIST)
    believed, one = rate(bayesian, SAMPLE, together=True), rate(bayesian, 500)
    drawn = rate(monte_carlo, 20)
    for peer, speed in (("gbstats, recorded", float(GBSTATS_BAYESIAN)), ("Monte Carlo", drawn)):
        _rate(f"Bayesian, one call ({peer})", believed, speed, BAYESIAN)
        _rate(f"Bayesian, one by one ({peer})", one, speed, None)
    return min(many, single) >= FREQUENTIST and believed >= BAYESIAN


def _rate(label: str, ours: float, peer: float, goal: int | None) -> None:
    asked = "" if goal is None else f">= {goal:,}"
    print(f"{label:<34}{ours:>12,.0f}{peer:>10,.0f}{ours / peer:>9.1f}  {asked}")


def statistics(seed: int, lift: float) -> FloatArray:
    """Pooled z of every experiment at every look."""
    generator = np.random.default_rng(seed)
    shape = (EXPERIMENTS, LOOKS)
    n = PER_LOOK * np.arange(1, LOOKS + 1, dtype=np.float64)
    x = generator.binomial(PER_LOOK, SHARE, shape).cumsum(axis=1)
    y = generator.binomial(PER_LOOK, SHARE * (1 + lift), shape).cumsum(axis=1)
    return np.asarray(np.abs(proportions(x, n, y, n, alpha=0.05).statistic))


def unfooled() -> bool:
    idle, lifted = statistics(SEEDS[0], 0.0), statistics(SEEDS[1], LIFT)
    units: FloatArray = 2.0 * PER_LOOK * np.arange(1, LOOKS + 1, dtype=np.float64)
    reached = units / units[-1]
    exact = FALSE + 2 * float(np.sqrt(FALSE * (1 - FALSE) / EXPERIMENTS))
    methods: dict[str, tuple[Any, float | None, float | None]] = {
        "fixed test (control, must fail)": (np.full(LOOKS, 1.959964), None, None),
        "gbstats' formula (any time)": (mixture_critical(units, alpha=0.05), FALSE, None),
        "ours, until a declared end": (horizon_critical(reached, alpha=0.05), FALSE, POWER),
        "ours, planned, O'Brien-Fleming": (
            np.array(bounds(tuple(reached), 0.05, Spending.OBRIEN_FLEMING)),
            exact,
            POWER,
        ),
        "ours, planned, Pocock": (
            np.array(bounds(tuple(reached), 0.05, Spending.POCOCK)),
            exact,
            POWER,
        ),
    }
    print(f"\n{'20 looks':<34}{'false':>8}{'power':>8}{'units an arm':>14}  goal")
    passes = True
    for label, (limits, most, least) in methods.items():
        false, power = (float((z >= limits).any(axis=1).mean()) for z in (idle, lifted))
        crossed = lifted >= limits
        ended = np.where(crossed.any(axis=1), crossed.argmax(axis=1) + 1, LOOKS) * PER_LOOK
        goal = f"false <= {most:.3f}" if most else f"false > {FALSE}"
        goal += f", power >= {least}" if least else ""
        print(f"{label:<34}{false:>8.1%}{power:>8.1%}{ended.mean():>14,.0f}  {goal}")
        held = false <= most if most else false > FALSE
        passes = passes and held and (least is None or power >= least)
    return passes


def main() -> int:
    passes = [check() for check in (right, fast, unfooled)]
    print(f"Goals: {'pass' if all(passes) else 'MISS'}")
    return 0 if all(passes) else 1


if __name__ == "__main__":
    sys.exit(main())
