"""Markets in which nothing is wrong, made from a seed: weekdays, trend, season, noise, campaigns that
start, rest and end, weekends without delivery, small campaigns. Faults are planted by the tests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from integrations.rules.monitors import Observed, Statement, frame_of

TODAY = date(2026, 11, 22)
DAYS = 91
JUDGED = 28


@dataclass(frozen=True)
class Line:
    number: int
    starts: int
    ends: int
    size: float
    ctr: float
    cpm: float
    cvr: float
    price: float


def clean_market(seed: int) -> Observed:
    """A source whose data is right: 13 weeks, the last four of them to be judged."""
    random = np.random.default_rng(seed)
    lines = [_line(number, random) for number in range(1, int(random.integers(3, 25)) + 1)]
    rests = bool(random.random() < 0.15)
    week = np.exp(random.normal(0, 0.25, 7))
    climate = np.exp(np.cumsum(random.normal(0, 0.015, DAYS)) + random.normal(0, 0.05, DAYS))
    rows = [
        row
        for line in lines
        for n in range(line.starts, min(line.ends, DAYS))
        if not (rests and _day(n).weekday() >= 5)
        for row in [_row(line, n, week[_day(n).weekday()] * climate[n], random)]
    ]
    days = sorted({row[1] for row in rows})
    return Observed(
        name="Google Ads, DACH",
        currency="EUR",
        today=TODAY,
        since=TODAY - timedelta(days=JUDGED),
        days=frame_of(rows),
        lines={line.number: f"DE_search_Campaign {line.number}" for line in lines},
        line_currencies={line.number: "EUR" for line in lines},
        arrivals=[day + timedelta(days=1) for day in days],
        statements=[Statement("export.csv", day, ("EUR",), "Europe/Berlin") for day in days[-5:]],
        time_zone="Europe/Berlin",
    )


def _day(number: int) -> date:
    return TODAY - timedelta(days=DAYS - number)


def _line(number: int, random: np.random.Generator) -> Line:
    always = number <= 2 or random.random() < 0.6
    starts = 0 if always else int(random.integers(0, DAYS - 5))
    ends = DAYS if always else int(random.integers(starts + 5, DAYS + 30))
    return Line(
        number,
        starts,
        ends,
        size=float(np.exp(random.normal(8.5, 1.3))),
        ctr=float(np.exp(random.normal(-3.8, 0.6))),
        cpm=float(np.exp(random.normal(2.0, 0.5))),
        cvr=float(np.exp(random.normal(-3.5, 0.6))),
        price=float(np.exp(random.normal(4.0, 0.6))),
    )


def _row(line: Line, n: int, level: float, random: np.random.Generator) -> tuple[Any, ...]:
    """One day: overdispersed impressions, clicks and conversions drawn from them."""
    mean = line.size * level * float(np.exp(random.normal(0, 0.12)))
    impressions = int(random.poisson(mean)) + 1
    clicks = int(
        random.binomial(impressions, min(line.ctr * float(np.exp(random.normal(0, 0.08))), 1))
    )
    spend = (
        int(impressions * line.cpm * 1000 * float(np.exp(random.normal(0, 0.06))))
        // 10_000
        * 10_000
    )
    conversions = int(random.binomial(clicks, min(line.cvr, 1)))
    revenue = int(conversions * line.price) * 1_000_000
    return (line.number, _day(n), impressions, clicks, spend, conversions * 1_000_000, revenue)


def with_days(market: Observed, days: pd.DataFrame) -> Observed:
    return replace(market, days=days.reset_index(drop=True))
