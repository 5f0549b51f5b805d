"""Where campaigns stand among the house's own past: ended ones of the same channel and objective."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.models import User
from analytics.percentile import MIN_PEERS, Standing, standing
from analytics.results import Better
from campaigns.choices import RUNNING, Objective, Status
from campaigns.models import Campaign
from core.money import MICROS, Money
from core.periods import Period
from insights.rules.benchmarks import LEAST, METRICS, why_thin
from metrics.models import LineDay
from metrics.selectors import MEASURE_LABELS, Metric, better_of, metric_for, query

# A run measured by what revenue it brings needs no count of its own: its conversions say how sure it is.
ENDED = (Status.COMPLETED, Status.REVIEWED, Status.ARCHIVED)
SURE_BY = {"roas": "conversions", "roas_order_value": "conversions"}
Kind = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A running campaign in one channel; ``reason`` says why it is not placed.

    ``past`` are the values of its kind's ended campaigns, named.
    """

    campaign: int
    name: str
    team: str
    channel: str
    channel_key: str
    objective: str
    value: Money | Decimal | None
    standing: Standing
    median: Money | Decimal | None
    reason: str
    past: Sequence[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Benchmarks:
    metric: Metric
    offered: Sequence[Metric]
    rows: Sequence[Benchmark]
    currency: str
    ended: int


@dataclass(frozen=True, slots=True)
class _Run:
    """A campaign in one channel over all its days, in units."""

    campaign: Campaign
    channel: int
    channel_name: str
    channel_key: str
    sums: dict[str, float]

    @property
    def kind(self) -> Kind:
        return self.channel, self.campaign.objective

    def value(self, metric: Metric) -> float | None:
        bottom = self.sums[metric.denominator]
        return self.sums[metric.numerator] * metric.factor / bottom if bottom else None

    def thin(self, metric: Metric) -> str:
        """Why its value says nothing yet."""
        few = tuple(m for m in metric.measures if m in LEAST)
        needed = few or tuple(filter(None, [SURE_BY.get(metric.key)]))
        return why_thin(self.sums, needed, dict(MEASURE_LABELS))


def benchmarks_of(user: User, metric_key: str, *, today: date, currency: str) -> Benchmarks:
    """Every running campaign in sight, channel by channel, among the ended ones of its kind.

    A campaign that runs on every channel stands once for each. Amounts are in one currency at the
    books' rates.
    """
    offered = [metric_for(key) for key in METRICS]
    metric = next((one for one in offered if one.key == metric_key), offered[0])
    runs = _runs(user, metric, today, currency)
    past: dict[Kind, list[_Run]] = defaultdict(list)
    for run in runs:
        if run.campaign.status in ENDED and not run.thin(metric):
            past[run.kind].append(run)
    live = [run for run in runs if run.campaign.status in RUNNING]
    rows = [_placed(run, metric, past[run.kind], currency) for run in live]
    ended = sum(len(some) for some in past.values())
    return Benchmarks(metric, offered, rows, currency, ended)


def _runs(user: User, metric: Metric, today: date, currency: str) -> list[_Run]:
    first = LineDay.objects.order_by("day").values_list("day", flat=True).first()
    if first is None or first >= today:
        return []
    measures = sorted({*metric.measures, *filter(None, [SURE_BY.get(metric.key)])})
    answer = query(
        metrics=measures,
        by=["campaign", "channel"],
        period=Period("all", first, today),
        viewer=user,
        currency=currency if metric.needs_currency else None,
        mature=True,
    )
    campaigns = Campaign.objects.select_related("team").in_bulk(
        {row["campaign"] for row in answer.rows}
    )
    units = {column.key: MICROS if column.in_micros else 1 for column in answer.columns}
    return [_run(row, campaigns[row["campaign"]], measures, units) for row in answer.rows]


def _run(
    row: Mapping[str, Any], campaign: Campaign, measures: Sequence[str], units: Mapping[str, int]
) -> _Run:
    sums = {measure: (row[measure] or 0) / units[measure] for measure in measures}
    return _Run(campaign, row["channel"], row["channel_label"], row["channel_key"], sums)


def _placed(run: _Run, metric: Metric, past: Sequence[_Run], currency: str) -> Benchmark:
    others = [one for one in past if one.campaign.pk != run.campaign.pk]
    thin = run.thin(metric)
    value = run.value(metric)
    values = [(one.campaign.name, one.value(metric)) for one in others]
    known = [(name, found) for name, found in values if found is not None]
    better = better_of(metric)
    found = standing(
        None if thin else value,
        [one for _, one in known],
        better if better is not Better.ON_TARGET else Better.HIGHER,
    )
    return Benchmark(
        campaign=run.campaign.pk,
        name=run.campaign.name,
        team=run.campaign.team.name,
        channel=run.channel_name,
        channel_key=run.channel_key,
        objective=Objective(run.campaign.objective).label,
        value=_shown(metric, value, currency),
        standing=found,
        median=_shown(metric, found.median, currency),
        reason=_why(found, thin),
        past=known,
    )


def _why(found: Standing, thin: str) -> str:
    if found.n < MIN_PEERS:
        ended = "1 of its kind has ended" if found.n == 1 else f"{found.n} of its kind have ended"
        return f"{ended if found.n else 'None of its kind has ended'}; {MIN_PEERS} are needed."
    return thin


def _shown(metric: Metric, value: float | None, currency: str) -> Money | Decimal | None:
    if value is None:
        return None
    if metric.is_money:
        return Money(round(value * MICROS), currency)
    return Decimal(repr(round(value, 6)))
