"""Did a change help? Measured for every logged change once its data has matured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.db import transaction
from django.db.models import Q

from analytics.compare import LEVEL, before_after
from analytics.daily import DailyRatio
from analytics.results import REASON_TEXT, Better, Comparison, Interval, Reason
from analytics.results import Verdict as Outcome
from campaigns.models import CampaignLine, Optimisation
from core import events, formats
from core.events import AUTOMATION
from core.models import Organisation
from core.periods import Period
from insights.models import Verdict
from insights.services.trends import RETURNS
from metrics.selectors import METRICS, Metric, metric_for, query

# Days that platforms take to relearn, days compared on either side, and days that figures
# still grow by late conversions.
SETTLE, WINDOW, MATURE = 3, 28, 7
# How long a change whose data does not arrive is still looked at.
PATIENCE = timedelta(days=28)
SEED = 20_261
METHOD = (
    "The changed line before and after, against untouched lines of the same channel or team: "
    "difference in differences of log ratios, 80 % interval by block bootstrap and the spread "
    "of the untouched lines. Days that still grow count as they are expected to be when final."
)
MICROS = 1_000_000
Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class _Days:
    """Daily sums of lines in their own currencies: measure -> line -> one number a day, NaN without."""

    period: Period
    sums: Mapping[str, Mapping[int, Floats]]

    @property
    def ordinals(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        return self.period.start.toordinal() + np.arange(self.period.days)

    def reports(self, measure: str, lines: Iterable[int]) -> bool:
        """Whether any of the lines has more than zeros of a measure."""
        return any(np.nansum(self.sums[measure][n]) > 0 for n in lines if n in self.sums[measure])

    def each(self, metric: Metric, lines: Sequence[int]) -> DailyRatio:
        """The metric of each line."""
        top, bottom = (self._stack(key, lines) for key in (metric.numerator, metric.denominator))
        return DailyRatio(top, bottom if metric.denominator else None, self.ordinals)

    def together(self, metric: Metric, lines: Sequence[int]) -> DailyRatio:
        """The metric of the lines as one."""
        top, bottom = (_sum(self._stack(k, lines)) for k in (metric.numerator, metric.denominator))
        return DailyRatio(top, bottom if metric.denominator else None, self.ordinals)

    def _stack(self, measure: str, lines: Sequence[int]) -> Floats:
        empty = np.full(self.period.days, np.nan)
        found = self.sums.get(measure, {})
        return np.array([found.get(line, empty) for line in lines]).reshape(-1, self.period.days)


def _sum(rows: Floats) -> Floats:
    """Days summed over lines; a day that no line has stays missing."""
    missing = np.isnan(rows).all(axis=0)
    total: Floats = np.where(missing, np.nan, np.nansum(rows, axis=0))
    return total


def measure_verdicts(*, now: datetime) -> dict[str, int]:
    """Schedule: a verdict for every change whose data has matured; the others are still measured.

    A verdict that was given stays. Returns how many of each outcome were written.
    """
    today = now.astimezone(ZoneInfo(Organisation.current().time_zone)).date()
    result = dict.fromkeys(Verdict.Outcome.values, 0)
    given = Q(verdict__outcome__in=[o for o in Verdict.Outcome if o != Verdict.Outcome.MEASURING])
    changes = Optimisation.objects.exclude(given).select_related("campaign__team", "line")
    for change in changes.order_by("made_on", "pk"):
        result[_keep(change, _measured(change, today, now), now).outcome] += 1
    return result


def verdict_ready_on(change: Optimisation) -> date:
    """The first day on which both windows of a change have matured."""
    return change.made_on + timedelta(days=SETTLE + WINDOW + MATURE)


def _measured(change: Optimisation, today: date, now: datetime) -> dict[str, Any]:
    """The fields of a verdict as things stand on ``today``."""
    lines = [change.line] if change.line else list(change.campaign.lines.all())
    due = verdict_ready_on(change)
    if change.undone_at and change.undone_at.date() < due:
        return _open_ended(change, "It was taken back before it could be measured.")
    if len({line.currency for line in lines}) != 1:
        return _open_ended(change, "Its lines are paid in several currencies, or it has none.")
    touched = [line.pk for line in lines]
    controls = _untouched(change, lines)
    days = _read(change, [*touched, *controls])
    metric = _metric(change, days, touched)
    answer = _compare(change, days, metric, touched, controls)
    fields = _fields(metric, answer, due) | {
        "evidence": _evidence(change, days, metric, answer, lines, controls, now)
    }
    late = answer.reason is Reason.TOO_FEW_DAYS and today < due + PATIENCE
    if today < due or late:
        return fields | _waiting(due, late=late and today >= due)
    return fields


def _waiting(due: date, *, late: bool) -> dict[str, Any]:
    """Not yet: nothing is claimed before both windows have matured."""
    reason = "Days are missing; it is measured when they arrive." if late else f"Measured on {formats.day(due)}, when both windows have matured."  # fmt: skip
    return {
        "outcome": Verdict.Outcome.MEASURING,
        "reason": reason,
        "effect_micros": None,
        "low_micros": None,
        "high_micros": None,
    }


def _open_ended(change: Optimisation, reason: str) -> dict[str, Any]:
    return {
        "outcome": Verdict.Outcome.CANNOT_TELL,
        "reason": reason,
        "metric": change.expected_metric if change.expected_metric in METRICS else RETURNS[0],
        "ready_on": verdict_ready_on(change),
        "evidence": {"method": METHOD},
    }


def _untouched(change: Optimisation, lines: Sequence[CampaignLine]) -> list[int]:
    """Lines of other campaigns in the same channel or team that nobody changed around these days."""
    first = change.made_on - timedelta(days=WINDOW)
    last = change.made_on + timedelta(days=SETTLE + WINDOW)
    changed = Optimisation.objects.filter(made_on__range=(first, last))
    near = Q(channel__in={line.channel_id for line in lines}) | Q(campaign__team=change.campaign.team_id)  # fmt: skip
    found = CampaignLine.objects.filter(near).exclude(campaign=change.campaign_id)
    found = found.exclude(pk__in=changed.exclude(line=None).values("line"))
    found = found.exclude(campaign__in=changed.filter(line=None).values("campaign"))
    return list(found.order_by("pk").values_list("pk", flat=True))


def _read(change: Optimisation, lines: Sequence[int]) -> _Days:
    """Daily sums around the change: two windows before it, and the one after it has settled."""
    period = Period(
        "verdict",
        change.made_on - timedelta(days=2 * WINDOW),
        change.made_on + timedelta(days=SETTLE + WINDOW - 1),
    )
    measures = sorted({m for key in _candidates(change) for m in metric_for(key).measures})
    answer = query(
        metrics=measures,
        by=["line", "currency", "day"],
        where={"line": list(lines)},
        period=period,
        viewer=None,
        mature=True,
    )
    scales = {column.key: MICROS if column.in_micros else 1 for column in answer.columns}
    sums: dict[str, dict[int, Floats]] = {measure: {} for measure in measures}
    for row in answer.rows:
        at = (row["day"] - period.start).days
        for measure in measures:
            if row[measure] is not None:
                series = sums[measure].setdefault(row["line"], np.full(period.days, np.nan))
                series[at] = row[measure] / scales[measure]
    return _Days(period, sums)


def _candidates(change: Optimisation) -> list[str]:
    """The metric the change was to move when that has a good side, then the usual returns."""
    expected = METRICS.get(change.expected_metric)
    first = [expected.key] if expected and expected.up_is_good is not None else []
    return list(dict.fromkeys([*first, *RETURNS]))


def _metric(change: Optimisation, days: _Days, lines: Sequence[int]) -> Metric:
    """The first candidate that the changed lines report."""
    metrics = [metric_for(key) for key in _candidates(change)]
    reported = [m for m in metrics if all(days.reports(measure, lines) for measure in m.measures)]
    return (reported or metrics)[0]


def _compare(
    change: Optimisation,
    days: _Days,
    metric: Metric,
    lines: Sequence[int],
    controls: Sequence[int],
) -> Comparison:
    return before_after(
        days.together(metric, lines),
        days.each(metric, controls),
        changed_on=change.made_on.toordinal(),
        better=Better.HIGHER if metric.up_is_good else Better.LOWER,
        seed=SEED + change.pk,
        settle_days=SETTLE,
        window=WINDOW,
    )


OUTCOMES = {
    Outcome.HELPED: Verdict.Outcome.HELPED,
    Outcome.HURT: Verdict.Outcome.HURT,
    Outcome.CANNOT_TELL: Verdict.Outcome.CANNOT_TELL,
}


def _fields(metric: Metric, answer: Comparison, due: date) -> dict[str, Any]:
    interval = answer.effect_interval
    return {
        "outcome": OUTCOMES[answer.verdict],
        "reason": _reason(metric, answer, interval),
        "metric": metric.key,
        "effect_micros": _micros(answer.effect),
        "low_micros": _micros(interval.low if interval else None),
        "high_micros": _micros(interval.high if interval else None),
        "ready_on": due,
    }


def _reason(metric: Metric, answer: Comparison, interval: Interval | None) -> str:
    if answer.reason is not None or answer.effect is None or interval is None:
        return REASON_TEXT[answer.reason or Reason.TOO_FEW_DAYS]
    ends = [formats.percent_signed(Decimal(str(end))) for end in (interval.low, interval.high)]
    clear = "clear of zero" if interval.excludes(0) else "not clear of zero"
    return (
        f"{metric.label} moved {formats.percent_signed(Decimal(str(answer.effect)))} against "
        f"{answer.n_controls} untouched lines; the range {ends[0]} to {ends[1]} is {clear}."
    )


def _micros(share: float | None) -> int | None:
    return None if share is None else round(share * MICROS)


def _evidence(
    change: Optimisation,
    days: _Days,
    metric: Metric,
    answer: Comparison,
    lines: Sequence[CampaignLine],
    controls: Sequence[int],
    now: datetime,
) -> dict[str, Any]:
    """Values as decimal text, windows, counts and the method: what a reader needs to check it."""
    start = change.made_on
    settled = start + timedelta(days=SETTLE)
    windows = {
        "before": (start - timedelta(days=WINDOW), start - timedelta(days=1)),
        "after": (settled, settled + timedelta(days=WINDOW - 1)),
    }
    own = days.together(metric, [line.pk for line in lines])
    return {
        **{side: _ratio(own, metric, *ends) for side, ends in windows.items()},
        "windows": {side: [str(day) for day in ends] for side, ends in windows.items()},
        "currency": lines[0].currency if metric.is_money else "",
        "unit": str(metric.unit),
        "n_before": answer.n_before,
        "n_after": answer.n_after,
        "n_controls": answer.n_controls,
        "controls": list(controls),
        "level": str(LEVEL),
        "method": METHOD,
        "as_of": now.isoformat(),
    }


def _ratio(own: DailyRatio, metric: Metric, first: date, last: date) -> str | None:
    """The metric over some days as decimal text; None without data."""
    inside = (own.days >= first.toordinal()) & (own.days <= last.toordinal())
    top, bottom = np.nansum(own.top[0, inside]), np.nansum(own.bottom[0, inside])
    if not own.present[0, inside].any() or bottom <= 0:
        return None
    return f"{top / bottom * metric.factor:.6f}"


@transaction.atomic
def _keep(change: Optimisation, fields: dict[str, Any], now: datetime) -> Verdict:
    """Write the verdict; an event says when it is new or reads differently."""
    before = Verdict.objects.filter(optimisation=change).values_list("outcome", flat=True).first()
    verdict, _ = Verdict.objects.update_or_create(
        optimisation=change, defaults={**fields, "measured_at": now}
    )
    if verdict.outcome != before:
        events.record(
            actor=AUTOMATION,
            action="verdict.measured",
            subject=verdict,
            at=now,
            before={"outcome": before} if before else None,
            after={"outcome": verdict.outcome, "change": str(change.what)},
            reason=verdict.reason,
            team_path=change.campaign.team.path,
            live=[f"campaign:{change.campaign_id}"],
        )
    return verdict
