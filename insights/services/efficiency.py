"""What results cost by channel, campaign and line, and the check that tells when they get dearer.

Costs are those of days whose results have matured: a young day looks dear. Who sees a campaign
sees its rows; amounts stand in the reporting currency at the books' rates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from django.db.models import Q

from accounts.models import User
from analytics.arrays import FloatArray
from analytics.efficiency import (
    BASE_DAYS,
    NEW_DAYS,
    CostChange,
    Marginal,
    cost_change,
    cost_per_result,
    marginal_cost,
)
from campaigns.choices import Status
from campaigns.models import Campaign, CampaignLine
from core import formats
from core.models import Organisation
from core.money import MICROS, Money
from core.periods import Period
from insights.models import Finding
from insights.rules.efficiency import LEVEL, is_dearer
from insights.services.findings import Found
from insights.services.goals import MATURE
from insights.services.history import campaign_histories
from metrics.models import Target
from metrics.selectors import (
    MEASURE_LABELS,
    Standing,
    TargetProgress,
    better_of,
    query,
    target_progress,
    targets_visible,
)

DAY = timedelta(days=1)
SEED = 20_265
# The marginal cost is read from a quarter, cost and results from four weeks.
WINDOW, SHOWN = 91, 28
# What counts as a result: the first of these that is reported.
RESULTS = ("conversions", "leads")
# Targets that say what a result may cost or must return.
COST_METRICS = ("cpa", "cpl", "roas", "roas_order_value")
GRAINS = ("channel", "campaign", "line")
METHOD = (
    "Spend over results of the last 7 days that have matured, against the 28 days before; "
    "interval from a block bootstrap of days. Days that still grow count as they are expected to be "
    "when final; the last seven are left out."
)


@dataclass(frozen=True, slots=True)
class EfficiencyRow:
    """One channel, campaign or line; amounts in the reporting currency.

    ``target`` is the worst running cost or return target of it; ``vs_target`` how far it is off
    (0.1: a tenth worse), ``is_missed`` beyond its tolerance.
    """

    key: int
    name: str
    part_of: str
    team: str
    campaign: int | None
    measure: str
    spend: Money
    results: int
    cost: Money | None
    marginal: Marginal
    change: CostChange
    target: str = ""
    vs_target: float | None = None
    is_missed: bool | None = None

    def money(self, value: float | None) -> Money | None:
        """A cost in units of the currency as an amount."""
        return None if value is None else Money(round(value * MICROS), self.spend.currency)


@dataclass(frozen=True, slots=True)
class Efficiency:
    """The rows of a grain, and how much of the spend stands on missed targets.

    ``missed_share`` is of the spend that has a cost or return target, ``without_share`` of all.
    """

    rows: Sequence[EfficiencyRow]
    through: date
    currency: str
    missed_share: float | None
    without_share: float | None
    spend: Money


def matured_through(today: date) -> date:
    """The newest day whose results no longer change."""
    return today - DAY - MATURE


def efficiency_of(user: User, grain: str, *, today: date) -> Efficiency:
    """What results cost, by ``channel``, ``campaign`` or ``line``, as the person sees them."""
    through, currency = matured_through(today), Organisation.current().reporting_currency
    daily = _daily(user, through, currency)
    lines = CampaignLine.objects.filter(pk__in=daily).select_related("campaign__team", "channel")
    targets = _targets(user, today)
    groups: dict[int, list[CampaignLine]] = defaultdict(list)
    key = _key(grain)
    for line in lines:
        groups[key(line)].append(line)
    rows = [
        _row(
            pk,
            grain,
            members,
            daily,
            targets.get((grain, pk)) or _own(grain, members, targets),
            currency,
        )
        for pk, members in groups.items()
    ]
    rows = [row for row in rows if row.spend.micros]
    missed, without = _shares(rows)
    total = Money(sum(row.spend.micros for row in rows), currency)
    return Efficiency(rows, through, currency, missed, without, total)


def _key(grain: str) -> Callable[[CampaignLine], int]:
    return {
        "channel": lambda line: line.channel_id,
        "campaign": lambda line: line.campaign_id,
        "line": lambda line: line.pk,
    }[grain]


def _daily(user: User, through: date, currency: str) -> dict[int, dict[str, FloatArray]]:
    """Campaign line -> measure -> daily units (D,), NaN where a day brought nothing of it."""
    period = Period("efficiency", through - (WINDOW - 1) * DAY, through)
    measures = ("spend", *RESULTS)
    answer = query(
        metrics=measures,
        by=["line", "day"],
        period=period,
        viewer=user,
        currency=currency,
        mature=True,
    )
    scales = {column.key: MICROS if column.in_micros else 1 for column in answer.columns}
    found: dict[int, dict[str, FloatArray]] = {}
    for row in answer.rows:
        mine = found.setdefault(
            row["line"], {measure: np.full(WINDOW, np.nan) for measure in measures}
        )
        for measure in measures:
            if row[measure] is not None:
                at = (row["day"] - period.start).days
                mine[measure][at] = row[measure] / scales[measure]
    return found


def _row(
    pk: int,
    grain: str,
    members: Sequence[CampaignLine],
    daily: Mapping[int, Mapping[str, FloatArray]],
    target: TargetProgress | None,
    currency: str,
) -> EfficiencyRow:
    sums = {
        measure: _sum([daily[line.pk][measure] for line in members])
        for measure in ("spend", *RESULTS)
    }
    measure = next((one for one in RESULTS if np.nansum(sums[one]) > 0), RESULTS[0])
    spend, results = sums["spend"], sums[measure]
    # A day with spend and no row of results had none; a day without either never arrived.
    results = np.where(np.isnan(results) & ~np.isnan(spend), 0, results)
    cost = cost_per_result(spend[-SHOWN:], results[-SHOWN:])
    name, part_of, campaign = _names(grain, members)
    off = _off(target)
    return EfficiencyRow(
        key=pk,
        name=name,
        part_of=part_of,
        team=", ".join(sorted({line.campaign.team.name for line in members})),
        campaign=campaign,
        measure=measure,
        spend=Money(round(float(np.nansum(spend[-SHOWN:])) * MICROS), currency),
        results=round(float(np.nansum(results[-SHOWN:]))),
        cost=None if cost is None else Money(round(cost * MICROS), currency),
        marginal=marginal_cost(spend, results, seed=SEED + pk),
        change=cost_change(spend, results, seed=SEED + pk),
        target=target.metric.label if target else "",
        vs_target=off,
        is_missed=None
        if off is None or target is None
        else off > target.target.tolerance_percent / 100,
    )


def _sum(rows: Sequence[FloatArray]) -> FloatArray:
    """Day by day; NaN where no row has the day."""
    stack = np.stack(rows)
    total: FloatArray = np.where(np.isnan(stack).all(axis=0), np.nan, np.nansum(stack, axis=0))
    return total


def _names(grain: str, members: Sequence[CampaignLine]) -> tuple[str, str, int | None]:
    first = members[0]
    if grain == "channel":
        count = "1 line" if len(members) == 1 else f"{len(members)} lines"
        return first.channel.name, count, None
    if grain == "campaign":
        return first.campaign.name, first.campaign.team.name, first.campaign_id
    return first.name, first.campaign.name, first.campaign_id


def _targets(user: User, today: date) -> dict[tuple[str, int], TargetProgress]:
    """(grain, number) -> the worst running cost or return target of a campaign or channel."""
    rows = targets_visible(user).filter(
        Q(campaign__isnull=False) | Q(channel__isnull=False),
        metric__in=COST_METRICS,
        is_retired=False,
        first_day__lte=today,
        last_day__gte=today,
    )
    found: dict[tuple[str, int], TargetProgress] = {}
    for one in target_progress(list(rows), today=today - MATURE, mature=True):
        place = _place(one.target)
        if _off(one) is not None and (
            place not in found or (_off(found[place]) or 0) < (_off(one) or 0)
        ):
            found[place] = one
    return found


def _place(target: Target) -> tuple[str, int]:
    if target.campaign_id:
        return "campaign", target.campaign_id
    return "channel", target.channel_id or 0


def _own(
    grain: str, members: Sequence[CampaignLine], targets: Mapping[tuple[str, int], TargetProgress]
) -> TargetProgress | None:
    """A line is asked what its campaign is asked."""
    return targets.get(("campaign", members[0].campaign_id)) if grain == "line" else None


def _off(one: TargetProgress | None) -> float | None:
    """How much worse than its target it is, as a share; negative when better."""
    if one is None or one.progress.actual_micros is None or one.status is Standing.NOT_STARTED:
        return None
    share = one.progress.actual_micros / one.target.value_micros - 1
    return -share if better_of(one.metric) == "higher" else share


def _shares(rows: Sequence[EfficiencyRow]) -> tuple[float | None, float | None]:
    """Spend on missed targets of the spend that has one, and the share of all that has none."""
    total = sum(row.spend.micros for row in rows)
    asked = sum(row.spend.micros for row in rows if row.is_missed is not None)
    missed = sum(row.spend.micros for row in rows if row.is_missed)
    return (missed / asked if asked else None), (1 - asked / total if total else None)


def results_dearer(*, at: datetime, today: date) -> Iterator[Found]:
    """A finding for each live campaign whose cost per result rose by more than noise."""
    through = matured_through(today)
    days = NEW_DAYS + BASE_DAYS
    period = Period("efficiency", through - (days - 1) * DAY, through)
    histories = campaign_histories(measures=("spend", *RESULTS), period=period)
    held = set(
        Finding.objects.open().filter(kind=Finding.Kind.EFFICIENCY).values_list("cause", flat=True)
    )
    live = Campaign.objects.filter(status=Status.LIVE, pk__in=histories)
    for campaign in live.select_related("team", "owner"):
        history = histories[campaign.pk]
        measure = next((one for one in RESULTS if history.reports(one)), "")
        if not measure or history.last_day < through:
            continue
        change = cost_change(
            history.sums["spend"], history.sums[measure], seed=SEED + campaign.pk, level=LEVEL
        )
        cause = f"{Finding.Kind.EFFICIENCY}:campaign:{campaign.pk}"
        if is_dearer(change, is_held=cause in held):
            recent = float(np.nansum(history.sums["spend"][-NEW_DAYS:]))
            yield _found(campaign, measure, change, recent, (period, history.currency), cause, at)


def _found(
    campaign: Campaign,
    measure: str,
    change: CostChange,
    recent: float,
    where: tuple[Period, str],
    cause: str,
    at: datetime,
) -> Found:
    period, currency = where
    before, after = (_money(value, currency) for value in (change.before, change.after))
    label, share = MEASURE_LABELS[measure].lower(), formats.percent(change.value or 0, 0)
    low, high = (
        formats.percent_signed(end, 0)
        for end in (change.interval.low, change.interval.high)  # type: ignore[union-attr]
    )
    wasted = recent * (1 - (change.before or 0) / (change.after or 1))
    return Found(
        kind=Finding.Kind.EFFICIENCY,
        cause=cause,
        team=campaign.team,
        campaign=campaign,
        metric="cpa" if measure == "conversions" else "cpl",
        title=f"Results of {campaign.name} cost {share} more than in the four weeks before",
        reason=f"Spend per result ({label}) was {after} in the 7 days up to "
        f"{formats.day(period.end, weekday=False)}, against {before} in the 28 days before "
        f"(95 % range of the change {low} to {high}). The last 7 days are left out, and days that still "
        "grow count as they are expected to be when final.",
        window=(period.start, period.end),
        stake_micros=round(wasted * MICROS),
        currency=currency,
        evidence={
            "severity": "warning",
            "unit": "money",
            "currency": currency,
            "method": METHOD,
            "facts": [
                ["Cost per result, last 7 matured days", after],
                ["Cost per result, 28 days before", before],
                ["Change", f"{formats.percent_signed(change.value or 0)} ({low} to {high})"],
                ["Chance that it is dearer at all", formats.percent(change.chance_worse or 0)],
                ["Days with data", str(change.n)],
                ["Newest day counted", formats.day(period.end)],
                ["Currency", currency],
            ],
            "change": repr(change.value),
            "no_advice": "look at what changed on the days concerned: bids, audiences, creatives, or the results that are counted.",
            "n": change.n,
            "as_of": at,
        },
    )


def _money(value: float | None, currency: str) -> str:
    return formats.money_exact(Money(round((value or 0) * MICROS), currency))
