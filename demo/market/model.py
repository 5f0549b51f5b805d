"""What a synthetic market consists of: the company's own records, and the facts its platforms report.

The truth behind the facts (curves, delays, effects) is no part of these records; it stands apart in
`Market.truth`, so that nothing can peek at it by accident.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

MEASURES = ("impressions", "clicks", "spend_micros", "conversions_micros", "revenue_micros")
MICROS = 1_000_000


@dataclass(frozen=True, slots=True)
class Team:
    """A team, the director above it, and the currency its lines pay in."""

    key: str
    name: str
    director: str
    currency: str
    markets: tuple[str, ...]
    time_zone: str


@dataclass(frozen=True, slots=True)
class Account:
    """An advertising account: one platform, team and currency."""

    key: str
    platform: str
    team: str
    name: str
    currency: str
    external_id: str


@dataclass(frozen=True, slots=True)
class Audience:
    key: str
    team: str
    name: str
    definition: str
    size: int


@dataclass(frozen=True, slots=True)
class Campaign:
    """`status` is as of the market's last day: planned, live, paused or completed."""

    key: str
    team: str
    name: str
    objective: str
    status: str
    flight_start: date
    flight_end: date | None
    markets: tuple[str, ...]
    audiences: tuple[str, ...]
    brief: str


@dataclass(frozen=True, slots=True)
class Line:
    """A campaign in one channel and account. `paused_on` is the first day without delivery."""

    key: str
    campaign: str
    team: str
    channel: str
    platform: str
    account: str
    name: str
    external_id: str
    currency: str
    starts_on: date
    ends_on: date | None
    paused_on: date | None


@dataclass(frozen=True, slots=True)
class Creative:
    """Shown from `starts_on` until `ends_on`, None while it still runs."""

    key: str
    line: str
    name: str
    format: str
    external_id: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Segment:
    key: str
    device: str
    market: str


@dataclass(frozen=True, slots=True)
class MonthPlan:
    """Planned spend of a line in the month that begins on `month`, in its own currency."""

    line: str
    month: date
    amount_micros: int
    currency: str


@dataclass(frozen=True, slots=True)
class Target:
    """Of a campaign, or of the whole team where `campaign` is empty.

    `metric` is roas, cpa, revenue or conversions; `currency` is empty for ratios and counts.
    """

    team: str
    campaign: str
    metric: str
    first_day: date
    last_day: date
    value_micros: int
    currency: str
    tolerance_percent: int


@dataclass(frozen=True, slots=True)
class Change:
    """An entry of the optimisation log. Expectations are relative changes of `metric` in percent.

    What the change truly did is in `Market.truth["changes"]` under the same key.
    """

    key: str
    line: str
    made_on: date
    kind: str
    what: str
    old_value: str
    new_value: str
    hypothesis: str
    metric: str
    expected_low_percent: int
    expected_percent: int
    expected_high_percent: int


@dataclass(frozen=True, slots=True)
class FxRate:
    """One `base` buys `rate` of `quote` from `valid_from` on."""

    base: str
    quote: str
    valid_from: date
    rate: Decimal


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """Columns of equal length, sorted by day, line, creative, segment; one row per combination.

    `line`, `creative` and `segment` are positions in the market's tuples, `day` is a day ordinal
    (`datetime.date.toordinal`). Money and conversions are micros, money in the line's currency.
    """

    line: IntArray
    day: IntArray
    creative: IntArray
    segment: IntArray
    impressions: IntArray
    clicks: IntArray
    spend_micros: IntArray
    conversions_micros: IntArray
    revenue_micros: IntArray

    def __len__(self) -> int:
        return len(self.day)

    def where(self, rows: BoolArray | IntArray | slice) -> "Facts":
        """Only the given rows."""
        return Facts(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    def by_line_day(self, measure: str, *, lines: int, first_day: int, last_day: int) -> IntArray:
        """Sums of one measure, shape (lines, days); days without a row are zero."""
        days = last_day - first_day + 1
        cells = self.line * days + (self.day - first_day)
        sums = np.zeros(lines * days, dtype=np.int64)
        np.add.at(sums, cells, getattr(self, measure))
        return sums.reshape(lines, days)


@dataclass(frozen=True, slots=True, eq=False)
class Maturing:
    """How results become known: by platform, and a fixed luck of each row.

    `share[p, a]` is the share of final conversions known a days after the click (a = 0: none);
    `platform` (rows,) says which row of `share` applies, `luck` (rows,) in 0..1 rounds a share of
    few conversions to whole ones, the same way at every age, so that what is known never shrinks.
    """

    share: FloatArray
    platform: IntArray
    luck: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Market:
    """A company and its market over the days `first_day` to `last_day`, both included.

    `facts` hold the final values, as they will stand when everything has matured; use `known_at`
    for what the platforms had reported by a date. `truth` can be written as JSON.
    """

    company: str
    reporting_currency: str
    seed: int
    first_day: date
    last_day: date
    channels: tuple[str, ...]
    teams: tuple[Team, ...]
    accounts: tuple[Account, ...]
    audiences: tuple[Audience, ...]
    campaigns: tuple[Campaign, ...]
    lines: tuple[Line, ...]
    creatives: tuple[Creative, ...]
    segments: tuple[Segment, ...]
    plans: tuple[MonthPlan, ...]
    targets: tuple[Target, ...]
    changes: tuple[Change, ...]
    fx_rates: tuple[FxRate, ...]
    facts: Facts
    maturing: Maturing
    truth: Mapping[str, Any]

    def known_at(self, day: date) -> Facts:
        """The facts as an import on the morning of `day` finds them.

        They end the day before; conversions and revenue of young days are still partial.
        """
        ordinal = day.toordinal()
        count = int(np.searchsorted(self.facts.day, ordinal))
        known = self.facts.where(slice(0, count))
        ages = np.minimum(ordinal - known.day, self.maturing.share.shape[1] - 1)
        share = self.maturing.share[self.maturing.platform[:count], ages]
        final = known.conversions_micros // MICROS
        arrived = np.floor(final * share + self.maturing.luck[:count]).astype(np.int64)
        arrived = np.minimum(arrived, final)
        revenue = known.revenue_micros * arrived // np.maximum(final, 1)
        columns = {f.name: getattr(known, f.name) for f in fields(known)}
        columns |= {"conversions_micros": arrived * MICROS, "revenue_micros": revenue}
        return Facts(**columns)

    def news(self, since: date, day: date) -> Facts:
        """What an import on `day` changes after one on `since`: new rows and restated ones."""
        before, now = self.known_at(since), self.known_at(day)
        same = np.zeros(len(now), dtype=np.bool_)
        same[: len(before)] = (
            now.conversions_micros[: len(before)] == before.conversions_micros
        ) & (now.revenue_micros[: len(before)] == before.revenue_micros)
        return now.where(~same)
