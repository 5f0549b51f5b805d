"""The goals on the home pages: what is expected by now, and who is behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse

from accounts.models import User
from budgets.selectors import in_reporting
from core import formats
from core.money import Money
from core.parts import Ranked
from metrics.selectors import (
    Metric,
    Standing,
    TargetProgress,
    in_force,
    target_progress,
    targets_visible,
)
from reporting.selectors.campaign import written
from reporting.selectors.window import Window

BEHIND = (Standing.BEHIND, Standing.MISSED)
TONES = {
    Standing.BEHIND: ("Behind", "bad"),
    Standing.MISSED: ("Missed", "bad"),
    Standing.AHEAD: ("Ahead", "good"),
    Standing.ACHIEVED: ("Reached", "good"),
    Standing.ON: ("On pace", "good"),
}


@dataclass(frozen=True, slots=True)
class Gap:
    """All goals of one metric together; ``actual`` over ``expected`` is their ``share``."""

    goals: Sequence[TargetProgress]
    expected: Money | Decimal | None
    share: Decimal | None

    @property
    def behind(self) -> list[str]:
        return [goal.target.team.name for goal in self.goals if goal.status in BEHIND]


def team_goals(user: User, window: Window) -> list[TargetProgress]:
    """The goals of whole teams for exactly the page's period, with where they stand."""
    rows = targets_visible(user).filter(
        in_force(),
        campaign=None,
        channel=None,
        first_day=window.period.start,
        last_day=window.period.end,
    )
    return target_progress(list(rows), today=window.today, as_of=window.as_of, mature=True)


def campaign_goals(user: User, window: Window) -> list[TargetProgress]:
    """The goals of a person's own campaigns that run today."""
    rows = targets_visible(user).filter(
        in_force(),
        campaign__owner=user,
        first_day__lte=window.today,
        last_day__gte=window.today,
    )
    return target_progress(list(rows), today=window.today, as_of=window.as_of, mature=True)


def gap_of(goals: Sequence[TargetProgress], metric: Metric, window: Window) -> Gap | None:
    """Where the goals of a metric stand together; ratios of several teams are not added."""
    own = [goal for goal in goals if goal.metric.key == metric.key]
    if not own:
        return None
    if len(own) == 1:
        return Gap(own, own[0].expected, own[0].share)
    actuals = [goal.actual for goal in own if isinstance(goal.actual, Money)]
    expected = [goal.expected for goal in own if isinstance(goal.expected, Money)]
    if len(expected) < len(own):
        return Gap(own, None, None)
    actual, wanted = (in_reporting(amounts, window.today) for amounts in (actuals, expected))
    share = Decimal(actual.micros) / Decimal(wanted.micros) if wanted.micros else None
    return Gap(own, wanted, share)


def gap_words(gap: Gap) -> str:
    """Who is behind, in a sentence."""
    behind, count = gap.behind, len(gap.goals)
    if count == 1:
        return "Behind its goal" if behind else ""
    if not behind:
        return f"All {count} teams are on pace"
    names = ", ".join(behind[:-1]) + " and " + behind[-1] if behind[1:] else behind[0]
    return f"{names} {'are' if behind[1:] else 'is'} behind"


def gap_title(metric: Metric, value: str, gap: Gap) -> str:
    """The page's title: the figure against what its goals expect by now."""
    if gap.share is None:
        return ""
    off = gap.share - 1
    if abs(off) < Decimal("0.01"):
        where = "just where its goals want it"
    else:
        where = f"{formats.percent(abs(off))} {'ahead of' if off > 0 else 'short of'} what its goals expect by now"
    behind = f"; {gap_words(gap)}" if gap.behind and len(gap.goals) > 1 else ""
    return f"{metric.label} is {value}, {where}{behind}"


def ranked_goals(goals: Sequence[TargetProgress]) -> list[Ranked]:
    """Each goal as a bar against what it should be at by now, the furthest behind first."""
    known = [goal for goal in goals if goal.status in TONES and goal.share is not None]
    known.sort(key=lambda goal: (goal.status not in BEHIND, goal.share or 0))
    return [_ranked(goal) for goal in known]


def _ranked(goal: TargetProgress) -> Ranked:
    word, tone = TONES[goal.status]
    target = goal.target
    about = target.campaign.name if target.campaign else target.team.name
    expected = written(goal.metric, goal.expected)
    return Ranked(
        f"{goal.metric.label}, {about}",
        written(goal.metric, goal.actual),
        min(goal.share or Decimal(0), Decimal(1)),
        note=f"Expected by now {expected} · goal {written(goal.metric, goal.value)} by {formats.day(target.last_day, weekday=False)}",
        chip=word,
        tone=tone,
        url=reverse("metrics:goal", args=[target.pk]),
    )


def goals_title(goals: Sequence[TargetProgress]) -> str:
    """The finding above a list of goals."""
    behind = sum(goal.status in BEHIND for goal in goals)
    if not goals:
        return "No goal is set for this period"
    if not behind:
        return f"All {len(goals)} goals are on pace" if len(goals) > 1 else "The goal is on pace"
    return f"{behind} of {len(goals)} goals {'is' if behind == 1 else 'are'} behind"
