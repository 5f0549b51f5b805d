"""Check: is a target missed, will it be missed, or is it off its pace?

One finding for each campaign, or team and channel, however many targets it has: the worst leads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

import numpy as np
from django.db.models import Q

from analytics.results import Pace
from analytics.year_before import YEAR, YearBefore, share_by_then
from campaigns.choices import Status
from core import formats
from core.money import MICROS, Money
from core.periods import Period
from insights.models import Finding
from insights.rules.goals import GRAVITY, Reading, Stand, is_grave, read_running
from insights.services.findings import Found
from insights.services.goal_pictures import target_picture
from insights.services.history import last_days
from insights.services.words import from_float
from metrics.models import Target
from metrics.selectors import (
    Metric,
    Standing,
    TargetProgress,
    better_of,
    metric_for,
    query,
    target_progress,
    written,
)

# Results that platforms still restate are left out: a young day looks like a poor one.
MATURE = timedelta(days=7)
RESTATED = {"conversions", "revenue", "order_value", "leads"}
# A missed target asks for a look back until the next monthly review has had it.
LOOKED_BACK = timedelta(days=31)
METHOD = (
    "Run-rate of the last four weeks carried to the end of the period, with an 80 % range. "
    "Days that still grow count as they are expected to be when final. "
    "It knows no season and no plan; it is not a forecast."
)
KINDS = {
    Stand.MISSED: Finding.Kind.TARGET_MISS,
    Stand.WILL_MISS: Finding.Kind.TARGET_MISS,
    Stand.BEHIND: Finding.Kind.PACE,
    Stand.AHEAD: Finding.Kind.PACE,
}
# Shown on pages, but nobody is called: in hindsight on the demo market only 3 of 9 targets that
# were behind their pace were missed in the end, against 9 of 11 of those that headed for it.
QUIET = (Stand.BEHIND, Stand.AHEAD)
Subject = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Judged:
    """A target with what there is to say of it; ``through`` is the last day counted."""

    at: TargetProgress
    reading: Reading
    before: YearBefore | None
    through: date

    @property
    def target(self) -> Target:
        return self.at.target

    @property
    def metric(self) -> Metric:
        return self.at.metric

    @property
    def tolerance(self) -> float:
        return self.target.tolerance_percent / 100

    @property
    def rank(self) -> tuple[int, float]:
        stand = self.reading.stand
        return (GRAVITY.index(stand) if stand else len(GRAVITY), -self.reading.gap)


def targets_now(today: date) -> list[TargetProgress]:
    """Targets of running work, and those that ended lately, as far as their results have matured."""
    return [
        found
        for young in (True, False)
        for found in target_progress(
            _targets(young, _through(young, today)), today=_through(young, today), mature=True
        )
    ]


def _through(young: bool, today: date) -> date:
    """The first day that is left out."""
    return today - MATURE if young else today


def _is_restated(metric: Metric) -> bool:
    return bool(RESTATED & set(metric.measures))


def goals_off(
    *, at: datetime, today: date, goals: Sequence[TargetProgress] | None = None
) -> Iterator[Found]:
    """A finding for each subject with a target that is missed, about to be, or off its pace.

    ``goals`` as ``targets_now`` gives them, where somebody has read them already.
    """
    held = _held()
    judged = [
        _judge(found, _through(_is_restated(found.metric), today), held)
        for found in (targets_now(today) if goals is None else goals)
    ]
    told = sorted((one for one in judged if one.reading.stand), key=_subject)
    for _, some in groupby(told, key=_subject):
        yield _found(sorted(some, key=lambda one: one.rank), at)


def _targets(young: bool, through: date) -> list[Target]:
    """Targets of running work, and those that ended lately; a stopped campaign is not behind."""
    keys = set(Target.objects.values_list("metric", flat=True).distinct())
    wanted = [key for key in keys if _is_restated(metric_for(key)) == young]
    running = Q(last_day__gte=through) & (Q(campaign=None) | Q(campaign__status=Status.LIVE))
    ended = Q(last_day__lt=through, last_day__gte=through - LOOKED_BACK)
    ended &= Q(campaign=None) | Q(campaign__status__in=[Status.LIVE, Status.COMPLETED])
    rows = Target.objects.filter(running | ended, metric__in=wanted, is_retired=False)
    rows = rows.filter(first_day__lt=through)
    return list(rows.select_related("team", "campaign__owner", "channel", "owner").order_by("pk"))


def _held() -> dict[str, Stand]:
    """What the open findings say, by cause."""
    kinds = [Finding.Kind.TARGET_MISS, Finding.Kind.PACE]
    rows = Finding.objects.open().filter(kind__in=kinds)
    return {row.cause: Stand(row.evidence["stand"]) for row in rows if "stand" in row.evidence}


def _subject(one: _Judged) -> Subject:
    target = one.target
    return (target.campaign_id or 0, target.team_id, target.channel_id or 0)


def _cause(kind: str, target: Target) -> str:
    if target.campaign_id:
        return f"{kind}:campaign:{target.campaign_id}"
    return f"{kind}:team:{target.team_id}:channel:{target.channel_id or 0}"


def _judge(found: TargetProgress, through: date, held: dict[str, Stand]) -> _Judged:
    """``through`` is the first day that is left out."""
    pace, newest = found.progress.pace, through - timedelta(days=1)
    if pace is None:
        missed = found.status is Standing.MISSED and _all_in(found.target)
        gap = abs(1 - float(found.share)) if found.share is not None else 0.0
        return _Judged(found, Reading(Stand.MISSED if missed else None, gap), None, newest)
    before: YearBefore | None = None
    target = found.target
    kinds = (Finding.Kind.TARGET_MISS, Finding.Kind.PACE)
    known = next((held[c] for k in kinds if (c := _cause(k, target)) in held), None)
    given: dict[str, Any] = {
        "target": target.value_micros / MICROS,
        "tolerance": target.tolerance_percent / 100,
        "better": better_of(found.metric),
        "held": known,
    }
    reading = read_running(pace, **given)
    if reading.stand and not found.metric.is_ratio:
        before = _year_before(found, newest)
        reading = read_running(pace, **given, share_before=before.share)
    return _Judged(found, reading, before, newest)


def _all_in(target: Target) -> bool:
    """Whether the data reaches to the end: what did not arrive was not missed."""
    found = last_days([target.campaign_id]) if target.campaign_id else last_days()
    return max(found.values(), default=date.min) >= target.last_day


def _year_before(found: TargetProgress, newest: date) -> YearBefore:
    """The shape of the same days a year earlier."""
    target, back = found.target, timedelta(days=YEAR)
    period = Period("before", target.first_day - back, target.last_day - back)
    values = _daily(target, found.metric, period)
    return share_by_then(
        values,
        [period.start.toordinal() + n for n in range(period.days)],
        first_day=target.first_day.toordinal(),
        through=newest.toordinal(),
        last_day=target.last_day.toordinal(),
    )


def _where(target: Target) -> dict[str, Any]:
    if target.campaign_id:
        return {"campaign": target.campaign_id}
    return {"team": target.team_id} | ({"channel": target.channel_id} if target.channel_id else {})


def _daily(target: Target, metric: Metric, period: Period) -> list[float]:
    answer = query(
        metrics=[metric.key],
        by=["day"],
        where=_where(target),
        period=period,
        viewer=None,
        currency=target.currency or None,
        mature=True,
    )
    values = {row["day"]: row[metric.key] for row in answer.rows}
    days = [period.start + timedelta(days=n) for n in range(period.days)]
    return [float(np.nan if values.get(day) is None else values[day]) for day in days]


def _found(told: Sequence[_Judged], at: datetime) -> Found:
    worst = told[0]
    target, metric, stand = worst.target, worst.metric, _stand(worst)
    others = [_title(one) for one in told[1:] if KINDS[_stand(one)] == KINDS[stand]]
    reason = " ".join([_reason(worst), *(f"Also: {title}." for title in others)])
    stake = _stake(worst)
    return Found(
        kind=KINDS[stand],
        cause=_cause(KINDS[stand], target),
        team=target.team,
        campaign=target.campaign,
        metric=metric.key,
        title=_title(worst),
        reason=reason,
        window=(target.first_day, worst.through),
        stake_micros=stake,
        currency=target.currency or _currency(target),
        evidence={
            "stand": stand.value,
            "severity": _severity(worst),
            "quiet": stand in QUIET,
            "owner": target.owner_id,
            "unit": str(metric.unit),
            "currency": target.currency,
            "method": METHOD if stand is not Stand.MISSED else "The value of the whole period.",
            "formula": metric.formula,
            "target": _plain(worst.at.value),
            **target_picture(target, metric, worst.through, _where(target)),
            "cumulative": not metric.is_ratio,
            "facts": _facts(worst),
            "as_of": at,
        },
    )


def _currency(target: Target) -> str:
    """The currency a campaign is paid in; "" of several, and of teams."""
    if not target.campaign:
        return ""
    found = set(target.campaign.lines.values_list("currency", flat=True))
    return found.pop() if len(found) == 1 else ""


def _stand(one: _Judged) -> Stand:
    """What is said of a target that something is said of."""
    return one.reading.stand or Stand.BEHIND


def _severity(one: _Judged) -> str:
    if one.reading.stand is Stand.AHEAD:
        return "info"
    return "critical" if is_grave(one.reading.gap, one.tolerance) else "warning"


def _name(target: Target) -> str:
    name = target.campaign.name if target.campaign else target.team.name
    return f"{name}, {target.channel}" if target.channel else name


def _title(one: _Judged) -> str:
    metric, label = one.metric, f"{one.metric.label} of {_name(one.target)}"
    goal, stand = written(metric, one.at.value), one.reading.stand
    side = "above" if metric.up_is_good is False else "below"
    if stand is Stand.MISSED:
        return f"{label} missed its target of {goal}: it ended at {written(metric, one.at.actual)}"
    if stand is Stand.WILL_MISS:
        landing = written(metric, one.at.landing)
        side = side if metric.up_is_good is not None else "off"
        return f"{label} heads for {landing}, {side} its target of {goal}"
    share = formats.percent(one.reading.gap, 0)
    word = "behind" if stand is Stand.BEHIND else "ahead of"
    return f"{label} is {share} {word} its pace to {goal}"


def _reason(one: _Judged) -> str:
    target, metric, pace = one.target, one.metric, one.at.progress.pace
    span = formats.span(target.first_day, target.last_day)
    asked = (
        f"The target for {span} is {written(metric, one.at.value)}, "
        f"with a tolerance of {target.tolerance_percent} %."
    )
    if pace is None:
        gap = formats.percent(one.reading.gap)
        return f"{asked} It ended {gap} away from it, when the data had matured."
    return " ".join([asked, _so_far(one), _landing(one, pace), *_needed(one, pace), _season(one)])


def _so_far(one: _Judged) -> str:
    metric = one.metric
    day, actual = formats.day(one.through, weekday=False), written(metric, one.at.actual)
    on_pace = "" if metric.is_ratio else f"; {written(metric, one.at.expected)} would be on pace"
    return f"By {day} it stands at {actual}{on_pace}."


def _landing(one: _Judged, pace: Pace) -> str:
    metric, range_ = one.metric, pace.landing_interval
    if range_ is None:
        return ""
    low, high = (
        written(metric, from_float(metric, end, one.target.currency))
        for end in (range_.low, range_.high)
    )
    landing = written(metric, one.at.landing)
    return f"At the run-rate of the last four weeks it ends at {landing} (80 % range {low} to {high})."  # fmt: skip


def _needed(one: _Judged, pace: Pace) -> Iterator[str]:
    """What the days left must bring, while they can still bring it."""
    if pace.needed is None or pace.needed <= 0 or one.reading.stand is Stand.AHEAD:
        return
    metric, left = one.metric, pace.days_total - pace.days_elapsed + pace.days_missing
    needed = written(metric, from_float(metric, pace.needed, one.target.currency))
    yield f"The {left} days left need {needed}{'' if metric.is_ratio else ' a day'}."


def _season(one: _Judged) -> str:
    if one.metric.is_ratio:
        return "The last 7 days are left out, because their results still come in." if RESTATED & set(one.metric.measures) else ""  # fmt: skip
    if one.before and one.before.share is not None:
        share = formats.percent(one.before.share, 0)
        return f"A year ago {share} was in by this day, so the season does not explain it."
    return "There is no full year before to compare with, so a season may explain it."


def _stake(one: _Judged) -> int | None:
    """What is missing at the end, where the target is an amount that adds up."""
    if not one.metric.is_money or one.metric.is_ratio or one.reading.stand is Stand.AHEAD:
        return None
    ends = one.at.landing if one.reading.stand is not Stand.MISSED else one.at.actual
    if not isinstance(ends, Money):
        return None
    return abs(one.target.value_micros - ends.micros)


def _plain(value: Money | Decimal) -> str:
    return str(value.amount if isinstance(value, Money) else value)


def _facts(one: _Judged) -> list[list[str]]:
    metric, pace = one.metric, one.at.progress.pace
    facts = [
        ["Target", written(metric, one.at.value)],
        ["Tolerance", f"{one.target.tolerance_percent} %"],
        ["Actual", written(metric, one.at.actual)],
    ]
    if pace is not None:
        facts.append(["Expected by now", written(metric, one.at.expected)])
        facts.append(["Run-rate ends at", written(metric, one.at.landing)])
        facts.append(["Days over", f"{pace.days_elapsed} of {pace.days_total}"])
        facts.append(["Days without data", str(pace.days_missing)])
        facts.append(["Days behind the range", str(pace.n)])
    if one.before and one.before.share is not None:
        facts.append(["In by this day a year ago", formats.percent(one.before.share)])
    facts.append(["Newest day counted", formats.day(min(one.through, one.target.last_day))])
    facts.append(["Formula", metric.formula])
    return facts
