"""A campaign's targets as its page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse

from accounts.models import User
from campaigns.models import Campaign
from core import formats
from core.money import Money
from metrics.selectors import (
    Metric,
    Standing,
    TargetProgress,
    in_force,
    target_progress,
    targets_visible,
)
from metrics.selectors import written as value_text
from reporting.selectors.window import Window

LABELS = {
    Standing.AHEAD: ("Ahead", "good"),
    Standing.ON: ("On pace", "good"),
    Standing.BEHIND: ("Behind", "bad"),
    Standing.NO_DATA: ("Too early", "neutral"),
    Standing.NOT_STARTED: ("Coming", "neutral"),
    Standing.ACHIEVED: ("Achieved", "good"),
    Standing.MISSED: ("Missed", "bad"),
}


@dataclass(frozen=True, slots=True)
class ShownTarget:
    """``share`` and ``tick`` are actual and expected as shares of the target; None without either."""

    label: str
    value: str
    status_label: str
    tone: str
    share: Decimal | None
    tick: Decimal | None
    sentence: str
    url: str


def campaign_targets(user: User, campaign: Campaign, window: Window) -> list[TargetProgress]:
    """Where the targets stand that touch the page's period; those that run come first."""
    rows = targets_visible(user).filter(
        in_force(),
        campaign=campaign,
        first_day__lte=window.period.end,
        last_day__gte=window.period.start,
    )
    found = target_progress(
        list(rows.order_by("last_day", "metric")),
        today=window.today,
        as_of=window.as_of,
        mature=True,
    )
    return sorted(found, key=lambda one: (one.target.last_day < window.today, one.metric.label))


def shown_targets(found: Sequence[TargetProgress]) -> list[ShownTarget]:
    """The same as the page's card writes them."""
    return [_shown(one) for one in found]


def _shown(one: TargetProgress) -> ShownTarget:
    label, tone = LABELS[one.status]
    return ShownTarget(
        label=one.metric.label,
        value=value_text(one.metric, one.value),
        status_label=label,
        tone=tone,
        share=_share(one, one.progress.actual_micros),
        tick=_share(one, one.progress.expected_micros),
        sentence=_sentence(one),
        url=reverse("metrics:goal", args=[one.target.pk]),
    )


def _share(one: TargetProgress, micros: int | None) -> Decimal | None:
    return None if micros is None else Decimal(micros) / one.target.value_micros


def _sentence(one: TargetProgress) -> str:
    metric, goal = one.metric, value_text(one.metric, one.value)
    days = formats.span(one.target.first_day, one.target.last_day)
    if one.actual is None:
        return f"{goal} for {days}. {one.progress.reason}".strip()
    parts = [f"{value_text(metric, one.actual)} of {goal} for {days}."]
    if one.expected is not None and not metric.is_ratio and one.progress.pace:
        parts.append(f"On pace would be {value_text(metric, one.expected)}.")
    if one.landing is not None:
        parts.append(f"The run-rate ends at {value_text(metric, one.landing)}; not a forecast.")
    return " ".join([*parts, one.progress.reason]).strip()


def target_line(found: Sequence[TargetProgress], metric: Metric, currency: str) -> Decimal | None:
    """What a chart of the metric by day or week can show as its target.

    A ratio is the same in every week; an amount of a whole period is not a level of a week, and
    a target in another currency than the page's is not drawn.
    """
    for one in found:
        if one.metric.key == metric.key and metric.is_ratio:
            value = one.value
            if not isinstance(value, Money):
                return value
            return value.amount if value.currency == currency else None
    return None
