"""Fitting a team's curves: one for each line with history enough, added up to channels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics.arrays import FloatArray
from analytics.resample import percentile_interval
from analytics.response import (
    Curves,
    Experiment,
    Market,
    ResponseFit,
    curves_stored,
    fit_response,
    merged,
    side_by_side,
)
from analytics.results import Interval, Reason
from campaigns.models import CampaignLine, Channel
from insights.models import MeasuredReturn
from insights.rules.response import DRAWS, ENOUGH, SWEEPS, TODAY_WEEKS
from insights.services.response_data import Weeks
from insights.services.returns import returns_above
from metrics.choices import MONEY_MEASURES

SEED = 20_266
LEVEL = 0.80
Say = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """One line's or channel's curve over its weeks, or why there is none."""

    name: str
    spend: FloatArray
    result: FloatArray
    curves: Curves | None
    quality: Mapping[str, float]
    reason: str = ""

    @property
    def today(self) -> float:
        """Mean spend a week of the latest weeks."""
        return float(self.spend[-TODAY_WEEKS:].mean())


def fitted_team(weeks: Weeks, metric: str, say: Say) -> dict[str, Any]:
    """Curves and rows of every channel and line for one metric, as plain data."""
    result = weeks.results[metric]
    known = _measured(weeks, metric)
    groups: dict[int, list[int]] = defaultdict(list)
    for place, line in enumerate(weeks.lines):
        groups[line.channel_id].append(place)
    channels, lines = [], []
    for number, places in enumerate(groups.values()):
        channel = weeks.lines[places[0]].channel
        say(number, len(groups), str(channel))
        own = list(_lines(weeks, result, places, metric, known.get(channel.pk)))
        channels.append(_channel(weeks, result, places, own, metric, known.get(channel.pk)))
        lines += [_row(fit, weeks.lines[place]) for place, fit in own]
    channels.sort(key=lambda row: -row["spend_today"])
    return {"channels": channels, "lines": lines}


def _measured(weeks: Weeks, metric: str) -> dict[int, MeasuredReturn]:
    """Channel -> the return that a test of this team, or else of a team above it, measured."""
    rows = returns_above(weeks.team).filter(metric=metric)
    return {row.channel_id: row for row in rows}


def _lines(
    weeks: Weeks,
    result: FloatArray,
    places: Sequence[int],
    metric: str,
    told: MeasuredReturn | None,
) -> Iterator[tuple[int, Fitted]]:
    for place in places:
        spend = weeks.spend[place]
        if spend[-TODAY_WEEKS:].sum() == 0:
            continue
        first = int(np.flatnonzero(spend > 0)[0])
        rest = result[place, first:]
        yield (
            place,
            _fit(weeks, metric, str(weeks.lines[place]), spend[first:], rest, told, len(places)),
        )


def _fit(
    weeks: Weeks,
    metric: str,
    name: str,
    spend: FloatArray,
    result: FloatArray,
    told: MeasuredReturn | None,
    parts: int,
) -> Fitted:
    """The fit of one series; a test of ``parts`` lines together says less of each of them."""
    market = Market(
        ("own",),
        spend[:, None],
        result,
        weeks.promotions[-len(spend) :, None],
        metric in MONEY_MEASURES,
        credited=True,
    )
    experiments = (
        {"own": Experiment(told.value, told.standard_error * float(np.sqrt(parts)))} if told else {}
    )
    today = {"own": float(spend[-TODAY_WEEKS:].mean())}
    fit = fit_response(market, seed=SEED, experiments=experiments, current=today, sweeps=SWEEPS)
    return Fitted(name, spend, result, _thinned(fit), _quality(fit, result), _why(fit))


def _thinned(fit: ResponseFit) -> Curves | None:
    if fit.curves is None:
        return None
    kept = np.linspace(0, len(fit.curves.top) - 1, DRAWS).round().astype(np.int64)
    return fit.curves.some(kept)


def _quality(fit: ResponseFit, result: FloatArray) -> dict[str, float]:
    if fit.quality is None:
        return {}
    mean = float(result.mean())
    return {
        "r2": fit.quality.r2,
        "rhat": fit.quality.rhat,
        "noise": fit.quality.noise / mean if mean else 0.0,
    }


def _why(fit: ResponseFit) -> str:
    reason = fit.reason or fit.channels[0].reason
    return "" if fit.curves is not None else str(reason)


def _channel(
    weeks: Weeks,
    result: FloatArray,
    places: Sequence[int],
    own: Sequence[tuple[int, Fitted]],
    metric: str,
    told: MeasuredReturn | None,
) -> dict[str, Any]:
    """The sum of its lines when those with a curve hold enough of its spend, else fitted as one."""
    channel = weeks.lines[places[0]].channel
    read = [(place, fit) for place, fit in own if fit.curves is not None]
    today = float(weeks.spend[places][:, -TODAY_WEEKS:].mean(axis=1).sum())
    covered = sum(fit.today for _, fit in read)
    if read and covered >= ENOUGH * today:
        parts = [fit.curves for _, fit in read if fit.curves is not None]
        joined = side_by_side(parts) if len(parts) > 1 else parts[0]
        fit = _summed(str(channel), [one for _, one in read], merged(joined, "own"), weeks)
        brought = _brought([one for _, one in read])
        held = [place for place, _ in read]
    else:
        spend, returned = weeks.spend[places].sum(axis=0), result[places].sum(axis=0)
        first = int(np.flatnonzero(spend > 0)[0])
        fit = _fit(weeks, metric, str(channel), spend[first:], returned[first:], told, 1)
        brought, held = _brought([fit]), list(places)
    return {
        **_numbers(fit, brought),
        **_named(channel),
        "grain": "lines" if read and covered >= ENOUGH * today else "channel",
        "parts": [weeks.lines[place].pk for place in held],
        "left_out": round(max(today - fit.today, 0.0), 2),
        "tested": str(told) if told else "",
    }


def _summed(name: str, fits: Sequence[Fitted], curves: Curves, weeks: Weeks) -> Fitted:
    """Several lines as one; its fit is no better than that of its poorest line."""

    def total(values: Sequence[FloatArray]) -> FloatArray:
        found = np.zeros(weeks.count)
        for one in values:
            found[weeks.count - len(one) :] += one
        return found

    weight = np.array([fit.today for fit in fits])
    quality = {
        "r2": float(np.average([fit.quality["r2"] for fit in fits], weights=weight)),
        "rhat": max(fit.quality["rhat"] for fit in fits),
        "noise": float(np.average([fit.quality["noise"] for fit in fits], weights=weight)),
    }
    return Fitted(
        name, total([f.spend for f in fits]), total([f.result for f in fits]), curves, quality
    )


def _brought(fits: Sequence[Fitted]) -> FloatArray:
    """What all spend brought over the weeks, draw by draw (B,)."""
    found = np.zeros(DRAWS)
    for fit in fits:
        if fit.curves is not None:
            found = found + fit.curves.weekly(fit.spend[:, None]).sum(axis=(0, 2))
    return found


def _row(fit: Fitted, line: CampaignLine) -> dict[str, Any]:
    brought = _brought([fit])
    return {
        **_numbers(fit, brought),
        **_named(line.channel),
        "line": line.pk,
        "name": str(line),
        "campaign": line.campaign_id,
    }


def _named(channel: Channel) -> dict[str, Any]:
    name = str(channel)
    return {"channel": channel.key, "channel_name": name, "name": name}


def _numbers(fit: Fitted, brought: FloatArray) -> dict[str, Any]:
    """What a row of curves tells; only weeks and spend where there is a reason."""
    spend = float(fit.spend.sum())
    found: dict[str, Any] = {
        "weeks": len(fit.spend),
        "spend": round(spend, 2),
        "spend_today": round(fit.today, 2),
        "result": _plain(float(fit.result.sum())),
        "result_today": _plain(float(fit.result[-TODAY_WEEKS:].mean())),
        "reason": fit.reason,
    }
    if fit.curves is None:
        return found
    marginal = fit.curves.marginal(fit.curves.current)[:, 0]
    return found | {
        "contribution": _estimate(brought),
        "roi": _estimate(brought / spend),
        "marginal": _estimate(marginal),
        "decay": _plain(float(fit.curves.decay.mean())),
        "quality": {name: _plain(value) for name, value in fit.quality.items()},
        "curve": _rounded(curves_stored(fit.curves)),
    }


def _estimate(draws: FloatArray) -> list[float]:
    ends: Interval = percentile_interval(draws, LEVEL)
    return [_plain(float(draws.mean())), _plain(ends.low), _plain(ends.high)]


def _plain(value: float) -> float:
    """Six digits: more is noise, and makes the record three times as long."""
    return float(f"{value:.6g}")


def _rounded(stored: Any) -> Any:
    if isinstance(stored, dict):
        return {name: _rounded(value) for name, value in stored.items()}
    if isinstance(stored, list):
        return [_rounded(value) for value in stored]
    return _plain(stored) if isinstance(stored, float) else stored


def thin_reason(weeks: Weeks, record: Mapping[str, Any]) -> str:
    """Why nothing can be said of any channel; "" when something can."""
    rows = [row for one in record.values() for row in one["channels"]]
    if not weeks.results:
        return str(Reason.NO_VOLUME)
    if any(not row["reason"] for row in rows):
        return ""
    return max((row["reason"] for row in rows), default=str(Reason.NO_SPEND))
