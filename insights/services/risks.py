"""The risk list of a day: chance times money of what budgets, targets and sources are likely to do.

Chances are those that pacing, landings and the data check work out already; here they only meet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.models import Team
from analytics.results import Better
from budgets.models import BudgetLine
from budgets.selectors import line_landings
from campaigns.models import Campaign
from core import events, formats
from core.events import AUTOMATION
from core.models import Organisation
from core.money import MICROS, Money
from core.periods import Period
from insights.models import Finding, RiskEntry
from insights.rules import risks as rules
from insights.rules.freshness import RECENT
from insights.services.arrivals import source_rhythms
from insights.services.goals import targets_now
from metrics.selectors import TargetProgress, better_of, query, written
from metrics.selectors.rates import rates_between

DAY = timedelta(days=1)
Kind = RiskEntry.Kind
FOUR_WEEKS = 28


@dataclass(frozen=True, slots=True)
class _Risk:
    """A risk before it is kept; amounts are in its own currency."""

    kind: str
    subject: str
    subject_id: int
    team: Team
    title: str
    chance: float
    loss: Money
    cautious: Money | None
    due_on: date
    evidence: dict[str, Any]
    campaign: Campaign | None = None

    @property
    def cause(self) -> str:
        return f"{self.kind}:{self.subject}:{self.subject_id}"


@transaction.atomic
def risks_keep(
    *, at: datetime, today: date, goals: Sequence[TargetProgress] | None = None
) -> dict[str, int]:
    """Keep what may go wrong as seen this morning; a second run of the day replaces the first.

    ``goals`` are the targets as ``targets_now`` gives them, where somebody has read them already.
    """
    known = targets_now(today) if goals is None else goals
    found = [*_overspends(today), *_misses(known, today), *_gaps(at, today)]
    told = [one for one in found if one.chance >= rules.LEAST_CHANCE and one.loss.micros > 0]
    RiskEntry.objects.filter(day=today).delete()
    currency, findings = Organisation.current().reporting_currency, _findings()
    made = RiskEntry.objects.bulk_create(
        [row for one in told if (row := _row(one, today, currency, findings, at))]
    )
    if made:
        total = sum(row.expected_micros for row in made)
        events.record(
            actor=AUTOMATION,
            action="risks.kept",
            subject=made[0],
            at=at,
            after={"risks": len(made), "expected_micros": total, "currency": currency},
        )
    return {"kept": len(made)}


def _row(
    one: _Risk, today: date, currency: str, findings: dict[str, Finding], at: datetime
) -> RiskEntry | None:
    rate = _rate(one.loss.currency, currency, today)
    if rate is None:
        return None
    return RiskEntry(
        day=today,
        cause=one.cause,
        kind=one.kind,
        team=one.team,
        campaign=one.campaign,
        finding=findings.get(f"{one.subject}:{one.subject_id}"),
        title=one.title[:300],
        chance=one.chance,
        loss_micros=one.loss.micros,
        cautious_micros=one.cautious.micros if one.cautious else None,
        currency=one.loss.currency,
        expected_micros=round(Decimal(repr(one.chance)) * one.loss.micros * rate),
        reporting_currency=currency,
        due_on=one.due_on,
        subject=one.subject,
        subject_id=one.subject_id,
        evidence=events.plain(one.evidence),
        made_at=at,
    )


def _rate(base: str, to: str, day: date) -> Decimal | None:
    if base == to:
        return Decimal(1)
    found = rates_between([base], to, Period("today", day, day))
    return found[-1].rate if found else None


def _findings() -> dict[str, Finding]:
    """Open findings by what they are about, so that a risk leads to what is known of it."""
    found: dict[str, Finding] = {}
    for finding in Finding.objects.open():
        for subject in ("budget_line", "source"):
            if number := finding.evidence.get(subject):
                found[f"{subject}:{number}"] = finding
    return found


def _overspends(today: date) -> Iterator[_Risk]:
    """Budget lines whose month may end beyond its plan, as their landing says."""
    month = Organisation.current().calendar.month_of(today - DAY)
    rows = BudgetLine.objects.filter(accounts__month=month.key).distinct()
    lines = list(rows.select_related("team", "channel", "owner", "fiscal_year").order_by("pk"))
    for found in line_landings(lines, month, today=today).values():
        one = found.landing
        if one.reason is not None or not one.chance_over or not one.overspend:
            continue
        yield _Risk(
            kind=Kind.OVERSPEND,
            subject="budget_line",
            subject_id=found.line.pk,
            team=found.line.team,
            title=f"{found.line} ends {month.label} over its plan of {formats.money(found.plan)}",
            chance=one.chance_over,
            loss=found.money(one.overspend / one.chance_over),
            cautious=found.money(max((one.p90 or 0) - one.plan, one.overspend)),
            due_on=month.end,
            evidence={
                "how": "Landing of the month: spent, promised and the days left drawn 400 times. "
                "The loss is what it is over by in the draws that end over.",
                "n": one.n,
                "range": [formats.money(found.money(end)) for end in (one.p10, one.p50, one.p90)],
            },
        )


def _misses(goals: Sequence[TargetProgress], today: date) -> Iterator[_Risk]:
    """Running targets that may be missed, where a miss can be said in money."""
    for found in goals:
        if found.target.last_day >= today and (risk := _miss(found)):
            yield risk


def _miss(found: TargetProgress) -> _Risk | None:
    target, metric, pace = found.target, found.metric, found.progress.pace
    better = better_of(metric)
    if pace is None or pace.reason is not None or better is Better.ON_TARGET:
        return None
    if pace.chance is None or pace.landing is None or pace.landing_interval is None:
        return None
    loss = rules.shortfall(
        pace.landing, pace.landing_interval, target.value_micros / MICROS, better
    )
    worth = _worth(found)
    if loss is None or worth is None:
        return None
    price, currency = worth
    return _Risk(
        kind=Kind.TARGET_MISS,
        subject="target",
        subject_id=target.pk,
        team=target.team,
        campaign=target.campaign,
        title=f"{metric.label} of {target.campaign or target.team}"
        f"{f', {target.channel}' if target.channel else ''} misses its target of "
        f"{written(metric, found.value)}",
        chance=rules.chance_of_miss(pace.chance, better),
        loss=Money(round(loss.usual * price * MICROS), currency),
        cautious=Money(round(loss.cautious * price * MICROS), currency),
        due_on=target.last_day,
        evidence={
            "how": "Run-rate of the last four weeks carried to the end of the period. The loss is the "
            "distance of its landing, else half the way to the end of its 80 % range.",
            "n": pace.n,
            "range": [repr(pace.landing_interval.low), repr(pace.landing_interval.high)],
        },
    )


def _worth(found: TargetProgress) -> tuple[float, str] | None:
    """Money for each unit of the metric by the end of the period, and its currency.

    An amount is worth itself; a count what each brought; a rate what it does to the volume that
    the period will have. None where a rate moves no money by itself.
    """
    target, metric = found.target, found.metric
    if metric.is_money and not metric.is_ratio:
        return 1.0, target.currency
    measures = {"revenue", "spend", *metric.measures}
    where = {"campaign": target.campaign_id} if target.campaign_id else {"team": target.team_id}
    if target.channel_id and not target.campaign_id:
        where["channel"] = target.channel_id
    through = (
        target.first_day + (found.progress.pace.days_elapsed if found.progress.pace else 1) * DAY
    )
    answer = query(
        metrics=sorted(measures),
        where=where,
        period=Period("so far", target.first_day, through - DAY),
        viewer=None,
        currency=target.currency or None,
    )
    units = {column.key: MICROS if column.in_micros else 1 for column in answer.columns}
    sums = {key: (answer.totals[key] or 0) / units[key] for key in measures}
    price = _price(found, sums)
    return (price, answer.currency) if price and answer.currency else None


def _price(found: TargetProgress, sums: dict[str, float]) -> float | None:
    metric, pace = found.metric, found.progress.pace
    if not metric.is_ratio:
        count, money = sums[metric.numerator], sums["revenue"] or sums["spend"]
        return money / count if count else None
    if metric.numerator not in ("spend", "revenue", "order_value") or pace is None:
        return None
    known = max(pace.days_elapsed - pace.days_missing, 1)
    return sums[metric.denominator] / metric.factor * pace.days_total / known


def _gaps(at: datetime, today: date) -> Iterator[_Risk]:
    """Sources that are silent, or may fall silent: money spent while nobody sees it."""
    spend = _spend_a_day(today)
    for source, rhythm in source_rhythms(at=at, today=today):
        daily = spend.get(source.number)
        if daily is None:
            continue
        late = rhythm.days_late(today)
        chance = 1.0 if late else rules.chance_of_gap(RECENT, rhythm.missed)
        days = late or rules.GAP_DAYS
        yield _Risk(
            kind=Kind.DATA_GAP,
            subject="source",
            subject_id=source.number,
            team=source.team,
            title=f"{source.name} has brought nothing for {late} days"
            if late
            else f"{source.name} falls silent within a week",
            chance=chance,
            loss=Money(daily.micros * days, daily.currency),
            cautious=None,
            due_on=today if late else today + rules.AHEAD * DAY,
            evidence={
                "how": "From the mornings without news in the last four weeks. The loss is the usual "
                f"spend of {days} days that nobody would see.",
                "n": RECENT,
            },
        )


def _spend_a_day(today: date) -> dict[int, Money]:
    """Source -> what usually is spent in a day of its figures."""
    period = Period("usual", today - FOUR_WEEKS * DAY, today - DAY)
    answer = query(
        metrics=["spend"],
        by=["source"],
        period=period,
        viewer=None,
        currency=Organisation.current().reporting_currency,
    )
    return {
        row["source"]: Money(round(row["spend"] / FOUR_WEEKS), answer.currency)
        for row in answer.rows
        if row["spend"]
    }
