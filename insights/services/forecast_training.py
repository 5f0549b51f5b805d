"""Training a forecast model: settings are chosen on some past cut-offs and scored on later ones.

At each cut-off a candidate sees nothing after it (rolling origin). Days that are not final are left
out altogether. Candidates forecast without plans of money: how far these are followed, every run
learns by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from time import process_time
from typing import Any

import numpy as np

from accounts.models import Team
from analytics.arrays import FloatArray
from analytics.results import Reason
from budgets.selectors import local_day
from core.models import Organisation
from insights.models import ModelVersion
from insights.rules.forecast_plans import unplanned
from insights.rules.forecast_run import NAIVE, Ratio, Series, Settings, blocks
from insights.rules.forecast_series import latest_week
from insights.rules.forecast_truth import Grid, Parts, naive_of, scale_of, truth_of, went
from insights.rules.honesty import Came, Sums, Told, day_sums, total_sums
from insights.selectors.forecast_days import final_days, grid_of
from insights.selectors.versions import champion_of
from insights.services.training import Say
from insights.services.versions import Trained
from metrics.models import Batch

# What is compared: the measures people steer by, of every campaign, and of the company together.
MEASURES = ("spend", "clicks", "conversions", "revenue")
LEVELS = ("campaign", "company")
HORIZONS = (7, 14, 30)
# Cut-offs a fortnight apart: settings are chosen on the older ones, scores are of the newer ones.
CHOSEN_ON, SCORED_ON = 2, 2
APART = 14
# Days of history below which nothing is trained.
FEWEST_DAYS = 60
# What a training chooses between: how far back it looks, and whether the trees take part.
HISTORIES = (400, 120)


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """Final days of every line, and the cut-offs (columns of the grid) that are asked."""

    grid: Grid
    length: int
    choosing: Sequence[int]
    scoring: Sequence[int]

    @property
    def sha256(self) -> str:
        digest = sha256(str(self.grid.first).encode())
        for measure in MEASURES:
            digest.update(
                measure.encode() + np.ascontiguousarray(self.grid.values[measure]).tobytes()
            )
        return digest.hexdigest()

    @property
    def rows(self) -> int:
        return int(sum((~np.isnan(self.grid.values[one])).sum() for one in MEASURES))


def forecast_train(team: Team, at: datetime, say: Say) -> Trained:
    """Choose settings for the forecasts of a team and all below it, and score them honestly."""
    began = process_time()
    batch = Batch.objects.filter(known_at__lte=at).order_by("-known_at", "-pk").first()
    past = past_of(at)
    if past is None:
        return Trained(
            sha256="", rows=0, batch=batch, known_at=batch.known_at if batch else at,
            reason=Reason.TOO_FEW_DAYS,
        )  # fmt: skip
    champion = champion_of(ModelVersion.Kind.FORECAST, team)
    used = Settings.of(champion.params) if champion else Settings()
    candidates = list(_candidates(used))
    total = len(candidates) * CHOSEN_ON + 2 * SCORED_ON
    steps = _Steps(say, total)
    errors = [(steps.error_of(past, one), n) for n, one in enumerate(candidates)]
    best = candidates[min(errors)[1]]
    scores = steps.scores_of(past, best)
    beside = steps.scores_of(past, used) if used != best else scores
    return Trained(
        sha256=past.sha256,
        rows=past.rows,
        batch=batch,
        known_at=batch.known_at if batch else at,
        params=asdict(best),
        scores=scores | {"cutoffs": _days(past, past.scoring)},
        record={
            "chosen_on": _days(past, past.choosing),
            "candidates": [
                {"settings": asdict(candidates[n]), "mase": round(error, 4)} for error, n in errors
            ],
            "in_use": {
                "version": champion.pk if champion else None, "settings": asdict(used), "scores": beside,
            },
        },
        cpu_seconds=process_time() - began,
    )  # fmt: skip


def _days(past: Past, cutoffs: Sequence[int]) -> list[str]:
    from_day = past.grid.first
    return [(datetime.fromordinal(from_day + one)).date().isoformat() for one in cutoffs]


def _candidates(used: Settings) -> Iterator[Settings]:
    """With and without trees, on more and on less history."""
    base = Settings() if used.engine == NAIVE else used
    for days in HISTORIES:
        for trees in (True, False):
            yield replace(base, engine=Settings().engine, history_days=days, trees=trees)


def past_of(at: datetime) -> Past | None:
    """The final days and cut-offs of a training; None when there are too few."""
    final = final_days(now=at)
    last = min(final[one] for one in ("spend", "clicks"))
    first = local_day(at) - timedelta(
        days=HISTORIES[0] + APART * (CHOSEN_ON + SCORED_ON) + max(HORIZONS)
    )
    grid = grid_of(
        first=first, last=last, currency=Organisation.current().reporting_currency, as_of=at
    )
    values = {key: _until(rows, (final[key] - first).days) for key, rows in grid.values.items()}
    ends = [(final[one] - first).days for one in MEASURES if not np.isnan(values[one]).all()]
    known = (~np.isnan(values["spend"])).any(axis=0)
    if not ends or not known.any():
        return None
    newest, begun = min(ends), int(np.flatnonzero(known)[0])
    origins = [newest - max(HORIZONS) - APART * n for n in range(CHOSEN_ON + SCORED_ON)]
    if origins[-1] - begun < FEWEST_DAYS:
        return None
    grid = Grid(grid.first, values, grid.places)
    return Past(grid, newest + 1, sorted(origins[SCORED_ON:]), sorted(origins[:SCORED_ON]))


def _until(rows: FloatArray, last: int) -> FloatArray:
    held = rows.copy()
    held[:, max(last + 1, 0) :] = np.nan
    return held


class _Steps:
    """Asks settings at cut-offs, one step each, and says how far it is."""

    def __init__(self, say: Say, total: int) -> None:
        self.say, self.total, self.done = say, total, 0

    def error_of(self, past: Past, settings: Settings) -> float:
        """Mean error of campaigns in seasonal differences over all days, on the choosing cut-offs."""
        whole = Sums()
        for cutoff in past.choosing:
            for rows in self._asked(past, settings, cutoff, "trying settings").values():
                whole = sum(rows["campaign"][0], whole)
        return whole.mase if whole.mase is not None else float("inf")

    def scores_of(self, past: Past, settings: Settings) -> dict[str, Any]:
        """What settings reach on the scoring cut-offs, by measure and number of days."""
        held: dict[str, dict[str, list[list[Sums]]]] = {}
        for cutoff in past.scoring:
            found = self._asked(past, settings, cutoff, "scoring")
            for measure, levels in found.items():
                for level, (days, totals) in levels.items():
                    own = held.setdefault(measure, {}).setdefault(level, [])
                    own.append([*_through(days), *_at(totals)])
        return _scores(held)

    def _asked(
        self, past: Past, settings: Settings, cutoff: int, note: str
    ) -> Mapping[str, Mapping[str, tuple[list[Sums], list[Sums]]]]:
        self.say(self.done, self.total, note)
        self.done += 1
        return asked_at(past, settings, cutoff)


def asked_at(
    past: Past, settings: Settings, cutoff: int
) -> dict[str, dict[str, tuple[list[Sums], list[Sums]]]]:
    """Measure -> level -> sums by days ahead, of forecasts that saw nothing after the cut-off."""
    series = _series(past, settings, cutoff)
    found: dict[str, dict[str, tuple[list[Sums], list[Sums]]]] = {}
    if series is None:
        return found
    no_ratios: list[Ratio] = []
    for block in blocks(series, no_ratios, settings):
        if block.level in LEVELS:
            told = [_told(one) for one in (block.told, block.running)]
            names = block.told.names
            came = [_came(past, cutoff, names, block.metric, totals) for totals in (False, True)]
            found.setdefault(block.metric, {})[block.level] = (
                day_sums(told[0], came[0]), total_sums(told[1], came[1]),
            )  # fmt: skip
    return found


def _series(past: Past, settings: Settings, cutoff: int) -> Series | None:
    """What was known at a cut-off, of lines that had begun; all of them may run on."""
    first = max(cutoff + 1 - settings.history_days, 0)
    seen = {one: past.grid.values[one][:, first : cutoff + 1] for one in MEASURES}
    seen = {one: rows for one, rows in seen.items() if not np.isnan(rows).all()}
    if not seen:
        return None
    count = len(next(iter(seen.values())))
    live = np.zeros(count, dtype=np.bool_)
    for rows in seen.values():
        live |= (np.nan_to_num(latest_week(rows)) > 0)  # fmt: skip
    horizon = max(HORIZONS)
    return Series(
        days=past.grid.first + np.arange(first, cutoff + 1),
        values=seen,
        ahead=unplanned(count, cutoff + 1 - first, horizon),
        kept=live,
        lines=list(range(count)),
        levels={level: _of_level(past.grid, level) for level in LEVELS},
    )


def _of_level(grid: Grid, level: str) -> list[tuple[str, Any]]:
    return [(name, rows) for name, rows in grid.places.items() if name.partition(":")[0] == level]


def _told(one: Any) -> Told:
    calls = np.full(len(one.names), np.nan)
    return Told(one.mean, one.low80, one.high80, one.low95, one.high95, calls)


def _came(past: Past, cutoff: int, names: Sequence[str], measure: str, totals: bool) -> Came:
    horizon, day = max(HORIZONS), past.grid.first + cutoff
    seen = past.grid.between(day - 90, day)
    ahead = past.grid.between(day + 1, day + horizon)
    parts, nothing = Parts(measure), np.full(horizon, np.nan)
    truth = [truth_of(ahead, name, parts) for name in names]
    naive = [naive_of(seen, name, parts, horizon) for name in names]
    scale = [scale_of(seen, name, parts) for name in names]

    def of(paths: Sequence[Any]) -> FloatArray:
        rows = [nothing if one is None else one.totals if totals else one.days for one in paths]
        return np.array(rows, dtype=np.float64)

    came = of(truth), of(naive)
    week = np.array([went(one[6], other[6]) for one, other in zip(*came, strict=True)])
    return Came(came[0], came[1], np.array(scale, dtype=np.float64), week)


def _through(days: Sequence[Sums]) -> list[Sums]:
    """Single days, together up to each of the horizons."""
    return [sum(days[:ahead], Sums()) for ahead in HORIZONS]


def _at(totals: Sequence[Sums]) -> list[Sums]:
    return [totals[ahead - 1] for ahead in HORIZONS]


def _scores(held: Mapping[str, Mapping[str, Sequence[Sequence[Sums]]]]) -> dict[str, Any]:
    """Over all measures by number of days, and the company's total of each measure."""
    all_days = [Sums() for _ in HORIZONS]
    for levels in held.values():
        for rows in levels.get("campaign", ()):
            all_days = [one + new for one, new in zip(all_days, rows[: len(HORIZONS)], strict=True)]
    horizons = {
        str(ahead): _of(one) for ahead, one in zip(HORIZONS, all_days, strict=True) if one.weighed
    }
    whole = {
        measure: _total(levels["company"])
        for measure, levels in held.items()
        if "company" in levels
    }
    return {"campaigns": horizons, "company": {k: v for k, v in whole.items() if v}}


def _of(one: Sums) -> dict[str, Any]:
    skill = 1 - one.scaled / one.scaled_naive if one.scaled_naive > 0 else None
    values = {
        "mase": one.mase, "naive_mase": one.naive_mase, "skill": skill, "coverage80": one.coverage80,
        "coverage95": one.coverage95,
    }  # fmt: skip
    told = {key: round(value, 4) for key, value in values.items() if value is not None}
    return told | {"n": one.n}


def _total(rows: Sequence[Sequence[Sums]]) -> dict[str, Any]:
    """Error of the 30-day total and that of the naive, as shares; few cut-offs, so no interval."""
    place = len(HORIZONS) + HORIZONS.index(30)
    one = sum((row[place] for row in rows), Sums())
    if not one.size:
        return {}
    return {
        "error_30_days": round(one.error / one.size, 4),
        "naive_error_30_days": round(one.naive_error / one.size, 4),
        "n": one.n,
    }
