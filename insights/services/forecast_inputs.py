"""What a run of forecasts reads: the days as they will be when final, plans, and what is stopped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256

import numpy as np

from accounts.models import Team
from analytics.arrays import BoolArray, FloatArray, IntArray
from analytics.forecast import origins_of
from budgets.models import LedgerEntry
from budgets.selectors import local_day
from campaigns.choices import Status
from campaigns.models import CampaignLine
from core.models import Organisation
from core.money import MICROS
from core.periods import Period
from insights.rules.forecast_plans import Ahead, MonthPlan, ahead_of
from insights.rules.forecast_series import RECENT_DAYS, Line, laid_out, spoken_of
from insights.selectors.maturity import days_growing
from metrics.choices import MEASURES, MICRO_MEASURES
from metrics.models import Batch
from metrics.selectors import QueryResult, query
from metrics.selectors.rates import rates_between

DAY = timedelta(days=1)
# Lines that brought nothing for so long are left out: no tested cut-off reaches them.
FORGOTTEN_DAYS = 120
GOING = (Status.LIVE, Status.APPROVED, Status.PLANNED)
# A factor this far from one is a day that is not final.
YOUNG = Decimal("0.01")
# What is read of a ledger entry.
ENTRY = (
    "account__campaign_line",
    "account__month",
    "account__currency",
    "transaction__at",
    "amount_micros",
)


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """Everything a run reads. ``values`` are (L, D) in units, amounts in ``currency``; ``ahead`` is
    what is known of the days to come, and was at earlier cut-offs; ``kept`` says whose forecasts are
    kept."""

    lines: Sequence[Line]
    days: IntArray
    values: Mapping[str, FloatArray]
    ahead: Ahead
    kept: BoolArray
    matured: Mapping[str, int]
    currency: str
    batch: Batch | None
    known_at: datetime
    rows: int

    @property
    def cutoff(self) -> date:
        return date.fromordinal(int(self.days[-1]))

    @property
    def sha256(self) -> str:
        """Of exactly what was read: the same inputs give the same forecasts."""
        digest = sha256(repr((self.lines, self.currency, int(self.days[-1]))).encode())
        for measure, values in sorted(self.values.items()):
            digest.update(measure.encode() + values.tobytes())
        for known in (self.ahead.running, self.ahead.planned, self.ahead.ran, self.ahead.before):
            digest.update(np.ascontiguousarray(known).tobytes())
        return digest.hexdigest()


def inputs_read(*, now: datetime, history_days: int, horizon: int) -> Inputs | None:
    """What is known at ``now`` up to the last complete day; None when nothing is."""
    batch = Batch.objects.filter(known_at__lte=now).order_by("-known_at", "-pk").first()
    if batch is None:
        return None
    currency, yesterday = Organisation.current().reporting_currency, local_day(now) - DAY
    found = _facts(yesterday, history_days, currency, now)
    newest = max((row["day"] for row in found.rows), default=None)
    if newest is None:
        return None
    days = np.arange(min(row["day"] for row in found.rows).toordinal(), newest.toordinal() + 1)
    lines = _lines(
        {row["line"] for row in found.rows if (newest - row["day"]).days < FORGOTTEN_DAYS}
    )
    values = _values(found, lines, days)
    spend = values.get("spend", np.full((len(lines), len(days)), np.nan))
    return Inputs(
        lines=lines,
        days=days,
        values=values,
        ahead=ahead_of(lines, _plans(lines, days, horizon, currency, now), spend, days, horizon),
        kept=spoken_of(lines, values),
        matured=_matured(newest, now),
        currency=currency,
        batch=batch,
        known_at=batch.known_at,
        rows=len(found.rows),
    )


def _facts(last: date, history_days: int, currency: str, now: datetime) -> QueryResult:
    return query(
        metrics=list(MEASURES),
        by=["line", "source", "day"],
        period=Period("history", last - (history_days - 1) * DAY, last),
        currency=currency,
        as_of=now,
        mature=True,
        viewer=None,
    )


def _values(found: QueryResult, lines: Sequence[Line], days: IntArray) -> dict[str, FloatArray]:
    arrived: dict[int, set[int]] = defaultdict(set)
    for row in found.rows:
        arrived[row["source"]].add(row["day"].toordinal())
    wanted = {line.pk for line in lines}
    rows = [row for row in found.rows if row["line"] in wanted]
    places = [line.pk for line in lines]
    values = {}
    for measure in MEASURES:
        scale = MICROS if measure in MICRO_MEASURES else 1
        cells = [
            (
                row["line"],
                row["source"],
                row["day"].toordinal(),
                None if row[measure] is None else float(row[measure]) / scale,
            )
            for row in rows
        ]
        laid = laid_out(cells, arrived, places, days)
        if not np.isnan(laid).all():
            values[measure] = laid
    return values


def _lines(wanted: set[int]) -> list[Line]:
    found = CampaignLine.objects.filter(pk__in=wanted).select_related("campaign__team")
    return [_line(one) for one in found.order_by("pk")]


def _line(one: CampaignLine) -> Line:
    campaign = one.campaign
    starts, ends = one.starts_on or campaign.flight_start, one.ends_on or campaign.flight_end
    return Line(
        pk=one.pk,
        campaign=campaign.pk,
        channel=one.channel_id,
        team=campaign.team_id,
        teams=tuple(int(part) for part in campaign.team.path.strip("/").split("/")),
        is_stopped=one.is_paused or campaign.status not in GOING,
        starts=starts.toordinal() if starts else None,
        ends=ends.toordinal() if ends else None,
    )


def _plans(
    lines: Sequence[Line], days: IntArray, horizon: int, currency: str, now: datetime
) -> list[MonthPlan]:
    """What budget lines planned for campaign lines, in ``currency``: of the months ahead, and of
    those that were ahead at the earlier cut-offs, each amount from the day it was entered."""
    last = date.fromordinal(int(days[-1]))
    first = date.fromordinal(int(days[[*origins_of(len(days)), -1]].min()) - RECENT_DAYS)
    calendar = Organisation.current().calendar
    months = {one.key: one for one in calendar.months_between(first, last + horizon * DAY)}
    entries = LedgerEntry.objects.filter(
        account__month__in=months,
        account__campaign_line__in=[line.pk for line in lines],
        transaction__at__lte=now,
    )
    rows = list(entries.values_list(*ENTRY))
    rates = _rates({row[2] for row in rows}, currency, last)
    sums: dict[tuple[int, str, int], float] = defaultdict(float)
    with Organisation.read_once():
        for line, month, paid_in, at, micros in rows:
            if paid_in in rates and line:
                # What was entered today is known to today's forecast, whose last day is yesterday
                # or earlier.
                known = min(local_day(at) - DAY, last).toordinal()
                sums[line, month, known] += micros / MICROS * rates[paid_in]
    return [
        MonthPlan(line, months[key].start.toordinal(), months[key].end.toordinal(), amount, since)
        for (line, key, since), amount in sorted(sums.items())
    ]


def _rates(currencies: set[str], to: str, day: date) -> dict[str, float]:
    found = rates_between(sorted(currencies), to, Period("today", day, day))
    return {one.base: float(one.rate) for one in found} | {to: 1.0}


def _matured(last: date, now: datetime) -> dict[str, int]:
    """Measure -> how many of the days seen stood at what they should end at."""
    young: dict[str, set[date]] = defaultdict(set)
    for one in days_growing(last - 60 * DAY, last, now):
        for measure, factor in one.factors.items():
            if abs(factor - 1) >= YOUNG:
                young[measure].add(one.day)
    return {measure: len(days) for measure, days in young.items()}


def top_team() -> Team:
    """The team at the top, whose numbers are the company's."""
    return Team.objects.filter(parent=None).order_by("path")[0]
