"""Is a day far above or below what such days had, and did a rate of the whole source jump?"""

from __future__ import annotations

from collections.abc import Iterator
from math import log

import numpy as np
import pandas as pd

from core import formats
from integrations.rules.monitors.answers import Observed, Signal
from integrations.rules.monitors.words import counted, ranges_text

# Weeks of the same weekday that make the usual amount, and how many of them must be there.
WEEKS = 8
LEAST_WEEKS = 4
LEVEL_DAYS = 14
# How many standard deviations (by the median distance, so that one bad day does not count) a day must
# be away. Days of marketing have long tails: with seven, one clean source in 75 raises a false alarm
# in four weeks (tests/integrations/test_monitors.py counts them).
SIGMAS = 7.0
FLOOR = 0.05
LEAST_A_DAY = 100
RECENT_DAYS = 3
BEFORE_DAYS = 28
LEAST_LINES_SHARE = 0.5
_MAD = 1.4826
RATES = {
    "click": ("clicks", "impressions", "clicks per impression"),
    "cost": ("spend", "impressions", "cost per impression"),
}


def volume(seen: Observed, threshold: float) -> Iterator[Signal]:
    """Days with less than 1/threshold or more than threshold times the usual impressions."""
    daily = seen.days.groupby("day")["impressions"].sum(min_count=1).astype("Float64").dropna()
    usual = _at_present_level(daily, _usual(daily))
    away = _away(daily, usual)
    sigma = max(FLOOR, _spread(away.dropna()))
    judged = away[(away.index >= pd.Timestamp(seen.since)) & (usual >= LEAST_A_DAY)].dropna()
    limit = max(log(max(threshold, 1.01)), SIGMAS * sigma)
    for cause, days, word in (
        ("volume:low", judged[judged < -limit], "below"),
        ("volume:high", judged[judged > limit], "above"),
    ):
        if len(days):
            yield _off(seen, cause, days, word, daily, usual)


def _away(daily: pd.Series, usual: pd.Series) -> pd.Series:
    away: pd.Series = np.log(daily.clip(lower=1)) - np.log(usual.clip(lower=1))
    return away


def _at_present_level(daily: pd.Series, usual: pd.Series) -> pd.Series:
    """The usual amount, moved to where the two weeks before lay: work grows and shrinks."""
    before = _away(daily, usual).shift(1).rolling(LEVEL_DAYS, min_periods=LEVEL_DAYS // 2)
    moved: pd.Series = usual * np.exp(before.median().fillna(0))
    return moved


def _usual(daily: pd.Series) -> pd.Series:
    """The median of the same weekday in the weeks before, where enough of them are there."""
    earlier = pd.DataFrame(
        {
            week: daily.shift(freq=f"{7 * week}D").reindex(daily.index)
            for week in range(1, WEEKS + 1)
        }
    ).astype("float64")
    return earlier.median(axis=1).where(earlier.notna().sum(axis=1) >= LEAST_WEEKS)


def _spread(away: pd.Series) -> float:
    """The standard deviation that the median distance stands for."""
    values = away.to_numpy(dtype=float)
    return float(_MAD * np.median(np.abs(values - np.median(values)))) if len(values) else 0.0


def _off(
    seen: Observed, cause: str, days: pd.Series, word: str, daily: pd.Series, usual: pd.Series
) -> Signal:
    stamps = [stamp.date() for stamp in days.index]
    worst = pd.Timestamp(days.abs().idxmax())
    there, expected = float(daily[worst]), float(usual[worst])
    return Signal(
        cause=cause,
        title=f"{seen.name} is far {word} its usual volume on {counted(len(days), 'day')}",
        detail=(
            f"On {formats.day(worst.date(), weekday=False)} there were {formats.compact(there)} "
            f"impressions, where the same weekday of the weeks before had {formats.compact(expected)}. "
            "Part of the rows may be missing or doubled, or the work itself changed."
        ),
        first_day=min(stamps),
        last_day=max(stamps),
        rows=len(days),
        facts=(
            ("Days", ranges_text(stamps)),
            ("Impressions on the worst day", formats.number(there)),
            ("Usual on that weekday", formats.number(expected)),
        ),
        more={"days": [day.isoformat() for day in stamps]},
    )


def shift(seen: Observed, threshold: float) -> Iterator[Signal]:
    """A rate that moved by ``threshold`` times in most campaigns at once, each against itself.

    Campaigns that start or stop change the mix and none of these rates. Conversions are left
    out: those of the newest days are still on their way.
    """
    if seen.days.empty:
        return
    newest = seen.days["day"].max()
    cut = newest - pd.Timedelta(days=RECENT_DAYS - 1)
    days = seen.days[seen.days["day"] >= cut - pd.Timedelta(days=BEFORE_DAYS)]
    recent, before = days[days["day"] >= cut], days[days["day"] < cut]
    if before["day"].nunique() < BEFORE_DAYS // 2 or recent["day"].nunique() < RECENT_DAYS:
        return
    for key, (top, bottom, label) in RATES.items():
        moved = _moved(recent, before, top, bottom)
        noise = max(FLOOR, _block_noise(before, top, bottom))
        if moved is not None and abs(moved) > max(log(max(threshold, 1.01)), SIGMAS * noise):
            yield _jumped(seen, key, label, float(np.exp(moved)), cut, newest)


def _moved(recent: pd.DataFrame, before: pd.DataFrame, top: str, bottom: str) -> float | None:
    """The median change of the rate over lines, by weight, as a logarithm."""
    sums = [
        part.groupby("line_id")[[top, bottom]].sum(min_count=1).astype("float64")
        for part in (recent, before)
    ]
    both = sums[0].join(sums[1], rsuffix="_before").dropna()
    both = both[(both > 0).all(axis=1) & (both[bottom] >= LEAST_A_DAY)]
    if both.empty or both[bottom].sum() < LEAST_LINES_SHARE * sums[0][bottom].sum():
        return None
    rate, rate_before = both[top] / both[bottom], both[f"{top}_before"] / both[f"{bottom}_before"]
    ordered = pd.Series(np.log(rate / rate_before), index=both.index).sort_values()
    weight = both[bottom].reindex(ordered.index).cumsum()
    return float(ordered[weight >= weight.iloc[-1] / 2].iloc[0])


def _block_noise(before: pd.DataFrame, top: str, bottom: str) -> float:
    """How much the source's rate moves from block to block of three days."""
    block = (before["day"] - before["day"].min()).dt.days // RECENT_DAYS
    sums = before.groupby(block)[[top, bottom]].sum(min_count=1).astype("float64").dropna()
    sums = sums[(sums > 0).all(axis=1)]
    return _spread(pd.Series(np.log(sums[top] / sums[bottom])))


def _jumped(
    seen: Observed, key: str, label: str, times: float, cut: pd.Timestamp, newest: pd.Timestamp
) -> Signal:
    more = f"{formats.ratio(times)} the" if times > 1 else f"{formats.percent(times, 0)} of the"
    return Signal(
        cause=f"shift:{key}",
        title=f"{seen.name}: {label} jumped to {more} usual value",
        detail=(
            f"In most campaigns at once, {label} of the last {RECENT_DAYS} days is {more} value of the "
            f"{BEFORE_DAYS} days before. What a column counts, or its currency, may have changed."
        ),
        first_day=cut.date(),
        last_day=newest.date(),
        facts=(("Rate", label), ("Times the usual", formats.ratio(times))),
    )
