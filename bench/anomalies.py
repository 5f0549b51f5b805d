"""Unusual rows of real series, found by the detector with its one threshold, scored as NAB does.

Score: the standard profile of the Numenta Anomaly Benchmark (Lavin and Ahmad 2015, "Evaluating
Real-time Anomaly Detection Algorithms: the Numenta Anomaly Benchmark"). Within a labelled window
only the first find counts, the more the earlier it is; finds outside cost a little, the more the
farther they lie behind a window; a window without any costs a whole one. 100 finds everything at
once, 0 finds nothing. The first 15 % of a series are for learning.

The settings of `analytics.anomalies` were chosen on the tweets and the taxis (CHOSEN_ON). The ad
exchanges (REPORTED) took no part in that; the goal is on them. The outage that is planted in the
demo market must be found, on its days and first of all. Peers are recorded scores of NAB's
own detector outputs at NAB's threshold for all its series, and one is run here: a sliding mean and
standard deviation, with its threshold the best on CHOSEN_ON. Without the shared data, planted spikes in
made-up hourly series take their place.

It fails below the goal's score, with too many false finds, when it is too slow, or when the outage
is not found or more than a few other days of the market are called unusual. Finding nothing
scores 0 and flagging every row scores far below it, so neither can pass; both are printed.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import exp, floor
from pathlib import Path
from time import process_time

import numpy as np

from analytics.anomalies import Storm, detect, watch
from analytics.arrays import BoolArray, FloatArray
from analytics.daily import DailyRatio
from config.places import PROJECT_ROOT
from demo.market import simulate
from demo.market.delays import PLATFORMS
from demo.market.model import MICROS

DATA = Path(os.environ.get("ADROIT_SHARED_DATA", PROJECT_ROOT.parent / "shared" / "data"))
FOLDER = DATA / "analytics" / "anomaly"
TWEETS = [f"Twitter_volume_{name}.csv" for name in ("AAPL", "AMZN", "FB", "GOOG", "IBM")]
CHOSEN_ON = [*TWEETS, "nyc_taxi.csv"]
REPORTED = [f"exchange-{n}_{kind}_results.csv" for n in (2, 3) for kind in ("cpc", "cpm")]
GOAL, MOST_FALSE, ROWS_A_SECOND = 75.0, 10, 50_000
MARKETS, LAST_DAY, DAYS, MOST_OTHERS = (21, 22), date(2026, 11, 21), 500, 4
FALSE_WEIGHT, LEARNING, MOST_LEARNING = 0.11, 0.15, 5000

Detector = Callable[["Labelled"], BoolArray]


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """A series, and the first and last row of each window in which something was wrong."""

    name: str
    times: FloatArray
    values: FloatArray
    windows: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Scored:
    """The score of finds over some series, windows found, all windows, finds outside."""

    score: float
    found: int
    windows: int
    false: int


def falling(position: float) -> float:
    """The sigmoid: 1 well before the end of a window (position 0), -1 well behind it."""
    return -1.0 if position > 3 else 2 / (1 + exp(5 * position)) - 1


def nab(series: Sequence[Labelled], finds: Sequence[BoolArray]) -> Scored:
    """The score of the standard profile, from 100 for perfect to 0 for no find at all."""
    gained = windows = found = false = 0.0
    for one, flags in zip(series, finds, strict=True):
        best, cost, outside = _gains(one, flags)
        gained += sum(best) + cost
        windows += len(best)
        found += sum(gain > -1 for gain in best)
        false += outside
    return Scored(100 * (gained + windows) / (2 * windows), int(found), int(windows), int(false))


def _gains(one: Labelled, flags: BoolArray) -> tuple[list[float], float, int]:
    """The gain of each window (-1 when missed), the cost of finds outside, and their number."""
    rows = len(flags)
    learning = floor(LEARNING * min(rows, MOST_LEARNING))
    best = [-1.0] * len(one.windows)
    cost, outside = 0.0, 0
    for row in np.flatnonzero(flags[learning:]) + learning:
        before = [n for n, (first, _) in enumerate(one.windows) if first <= row]
        first, last = one.windows[before[-1]] if before else (0, -1)
        if row <= last:
            early = falling((row - last - 1) / (last - first + 1)) / falling(-1)
            best[before[-1]] = max(best[before[-1]], early)
        else:
            outside += 1
            cost += FALSE_WEIGHT * (falling((row - last) / (last - first)) if before else -1)
    return best, cost, outside


def load(names: Sequence[str]) -> list[Labelled]:
    """Series of the shared data with their windows."""
    windows = json.loads((FOLDER / "windows.json").read_text())
    return [_labelled(name, windows[name]) for name in names]


def _labelled(name: str, windows: Sequence[tuple[str, str]]) -> Labelled:
    with (FOLDER / name).open(newline="") as file:
        rows = list(csv.DictReader(file))
    times = [_seconds(row["timestamp"]) for row in rows]
    places = [
        (bisect_left(times, _seconds(first)), bisect_right(times, _seconds(last)) - 1)
        for first, last in windows
    ]
    return Labelled(name, np.array(times), np.array([float(row["value"]) for row in rows]), places)


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def planted(seed: int) -> list[Labelled]:
    """Hourly series of a daily rhythm with four falls or rises of an hour or two each."""
    made = []
    for number in range(4):
        random = np.random.default_rng((seed, number))
        hours = np.arange(1600)
        values = np.exp(0.4 * np.sin(hours * np.pi / 12) + random.normal(0, 0.12, len(hours)))
        at = 400 + 280 * np.arange(4) + random.integers(0, 80, 4)
        for place in at:
            values[place : place + 2] *= random.choice([0.25, 4.0])
        windows = [(int(place) - 10, int(place) + 30) for place in at]
        times = np.multiply(hours, 3600, dtype=np.float64)
        made.append(Labelled(f"planted {number}", times, values, windows))
    return made


def ours(one: Labelled) -> BoolArray:
    return detect(one.times, one.values).flag


def sliding(threshold: float, window: int = 500) -> Detector:
    """Farther than `threshold` standard deviations from the mean of the rows before."""

    def finds(one: Labelled) -> BoolArray:
        flags = np.zeros(len(one.values), dtype=np.bool_)
        for row in range(window // 5, len(flags)):
            past = one.values[max(row - window, 0) : row]
            flags[row] = abs(one.values[row] - past.mean()) > threshold * max(past.std(), 1e-12)
        return flags

    return finds


def _best_sliding(series: Sequence[Labelled]) -> Detector:
    several = [sliding(threshold) for threshold in (3.0, 4.0, 6.0, 8.0, 12.0)]
    return max(several, key=lambda one: nab(series, [one(each) for each in series]).score)


def finds_outage(seed: int) -> bool:
    """Print what is unusual in a market's conversions by platform; whether its outage comes first."""
    market = simulate(seed, LAST_DAY - timedelta(days=DAYS - 1), LAST_DAY)
    first, shape = market.first_day.toordinal(), (len(PLATFORMS), DAYS)
    place = np.ravel_multi_index((market.maturing.platform, market.facts.day - first), shape)
    counts = np.bincount(place, market.facts.conversions_micros / MICROS, shape[0] * DAYS)
    storms = watch(
        PLATFORMS,
        DailyRatio(counts.reshape(shape), None, np.arange(first, first + DAYS)),
        last_day=LAST_DAY.toordinal(),
        worth=1.0,
        is_ratio=False,
        is_count=True,
    )
    planted = market.truth["outage"]
    found = bool(storms) and _days(storms[0]) == (
        planted["platform"], planted["first_day"], planted["last_day"],
    )  # fmt: skip
    print(
        f"market {seed}: outage of {planted['platform']} {planted['first_day']} to "
        f"{planted['last_day']} found first: {found}; {len(storms) - found} others, "
        f"goal <= {MOST_OTHERS}"
    )
    return found and len(storms) - 1 <= MOST_OTHERS


def _days(storm: Storm) -> tuple[str, str, str]:
    worst = storm.incidents[0]
    first, last = (date.fromordinal(day).isoformat() for day in (worst.first_day, worst.last_day))
    return worst.name, first, last


def _row(label: str, scored: Scored, goal: str = "") -> None:
    print(
        f"{label:<44}{scored.score:>8.1f}{scored.found:>5} of {scored.windows:<4}"
        f"{scored.false:>7}  {goal}"
    )


def _recorded() -> None:
    peers = json.loads((FOLDER / "peer_scores.json").read_text())
    for key, one in sorted(peers.items()):
        subset, name = key.split("|")
        if subset == "public_adx(2,3)":
            print(f"{f'  {name}, recorded':<44}{one['nab_global_thr']:>8.1f}")
    print(
        "  On all six ad exchange series (14 windows; two are not in the shared data), recorded: "
        "numenta 76.9, ARTime 75.1, contextOSE 72.0, windowed Gaussian 56.9."
    )


def _speed(series: Sequence[Labelled]) -> float:
    rows = sum(len(one.values) for one in series)
    start = process_time()
    for one in series:
        ours(one)
    return rows / (process_time() - start)


def main() -> int:
    is_real = FOLDER.is_dir()
    if not is_real:
        print(f"No shared data in {DATA}: planted series instead; peers are not comparable.")
    chosen, reported = (load(CHOSEN_ON), load(REPORTED)) if is_real else (planted(1), planted(2))
    print(f"{'':<44}{'score':>8}{'windows':>11}{'false':>7}  goal")
    _row("ours, series its settings were chosen on", nab(chosen, [ours(one) for one in chosen]))
    result = nab(reported, [ours(one) for one in reported])
    _row("ours, series that took no part (reported)", result, f">= {GOAL:.0f}, <= {MOST_FALSE}")
    peer = _best_sliding(chosen)
    _row("  sliding mean and deviation, run here", nab(reported, [peer(one) for one in reported]))
    _row("  flags nothing", nab(reported, [one.values < -np.inf for one in reported]))
    _row("  flags everything", nab(reported, [one.values > -np.inf for one in reported]))
    if is_real:
        _recorded()
    speed = _speed([*chosen, *reported])
    print(f"{'rows a CPU second':<44}{speed:>8,.0f}{'':>20}>= {ROWS_A_SECOND:,}")
    recovered = [finds_outage(seed) for seed in MARKETS]
    passes = (
        all(recovered)
        and result.score >= GOAL
        and result.false <= MOST_FALSE
        and speed >= ROWS_A_SECOND
    )
    print(f"{'pass' if passes else 'MISS'}")
    return 0 if passes else 1


if __name__ == "__main__":
    sys.exit(main())
