"""Targets as a report reads them: in its currency, for its period, and how a value stands to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from accounts.models import Team
from analytics.attainment import attainment
from analytics.results import Achievement, Better
from budgets.selectors import budget_rate
from core.errors import Invalid
from core.money import MICROS, Money, convert
from core.periods import Period
from metrics.models import Target
from metrics.selectors import Metric, metric_for
from reporting.rules.pack.content import Change
from reporting.rules.pack.judgement import Judgement
from reporting.selectors.pack.brief import Brief

ON_TARGET = {
    Achievement.ACHIEVED: (Judgement.AHEAD, "ahead"),
    Achievement.WITHIN_TOLERANCE: (Judgement.NEUTRAL, "on target"),
    Achievement.MISSED: (Judgement.BEHIND, "behind"),
}


@dataclass(frozen=True, slots=True)
class Goal:
    """What should be reached in some days, in units of the metric and the report's currency."""

    value: Fraction
    tolerance_percent: int


def metric_of(target: Target) -> Metric:
    return metric_for(target.metric)


def visible_targets(brief: Brief) -> list[Target]:
    """Targets of the team and everything below it that touch the period."""
    period = brief.period
    return [t for t in _targets(brief) if t.first_day <= period.end and t.last_day >= period.start]


def _targets(brief: Brief) -> list[Target]:
    def read() -> list[Target]:
        rows = Target.objects.filter(team__path__startswith=brief.team.path, is_retired=False)
        return list(rows.select_related("team", "campaign", "channel", "owner").order_by("pk"))

    return brief.once("targets", read)


def team_goal(brief: Brief, metric: Metric, period: Period) -> Goal | None:
    """What the team as a whole should reach in a period.

    Its shortest target that covers all the days; what adds up is taken in proportion to the
    days, a ratio as it is. Without one, what the teams below should reach together, when
    each team with data has a target.
    """
    covering = [t for t in _targets(brief) if _is_whole(t, metric, period)]
    own = [t for t in covering if t.team_id == brief.team.pk]
    found = min(own, key=lambda t: (_days(t), t.pk), default=None)
    if found:
        return _goal(brief, found, period)
    return None if metric.is_ratio else _sum_of_teams(brief, metric, period, covering)


def _is_whole(target: Target, metric: Metric, period: Period) -> bool:
    """Whether a target is about a whole team and covers the period."""
    is_team = not (target.campaign_id or target.channel_id)
    covers = target.first_day <= period.start and target.last_day >= period.end
    return is_team and covers and target.metric == metric.key


def _sum_of_teams(
    brief: Brief, metric: Metric, period: Period, targets: list[Target]
) -> Goal | None:
    """The targets of the highest teams that have one, added up; None when a team has none."""
    by_path: dict[str, Target] = {}
    for target in sorted(targets, key=lambda t: (t.team.path, _days(t), t.pk)):
        if not any(target.team.path.startswith(path) for path in by_path):
            by_path[target.team.path] = target
    active = brief.ask([metric.key], by=["team"]).rows
    every = brief.once("paths", lambda: dict(Team.objects.values_list("pk", "path")))
    paths = [every[row["team"]] for row in active]
    if not by_path or not all(any(p.startswith(top) for top in by_path) for p in paths):
        return None
    parts = [_goal(brief, target, period) for target in by_path.values()]
    known = [part for part in parts if part]
    if len(known) < len(parts):
        return None
    total = sum((part.value for part in known), Fraction(0))
    return Goal(total, max(part.tolerance_percent for part in known))


def campaign_goals(brief: Brief, metric: Metric) -> dict[int, Goal]:
    """Campaign -> its target of a metric that is not summed, for the days of the report."""
    found: dict[int, Goal] = {}
    for target in visible_targets(brief):
        if target.metric == metric.key and target.campaign_id and target.channel_id is None:
            goal = _goal(brief, target, brief.period)
            if goal and target.campaign_id not in found:
                found[target.campaign_id] = goal
    return found


def channel_goals(brief: Brief, metric: Metric) -> dict[int, Goal]:
    """Channel -> the team's target of a metric in it."""
    found: dict[int, Goal] = {}
    for target in visible_targets(brief):
        if target.metric == metric.key and target.channel_id and target.campaign_id is None:
            goal = _goal(brief, target, brief.period) if target.team_id == brief.team.pk else None
            if goal and target.channel_id not in found:
                found[target.channel_id] = goal
    return found


def _goal(brief: Brief, target: Target, period: Period) -> Goal | None:
    whole = target_value(brief, target)
    if whole is None:
        return None
    if metric_of(target).is_ratio:
        return Goal(whole, target.tolerance_percent)
    return Goal(whole * Fraction(period.days, _days(target)), target.tolerance_percent)


def _days(target: Target) -> int:
    return (target.last_day - target.first_day).days + 1


def target_value(brief: Brief, target: Target) -> Fraction | None:
    """The target's own value in the report's currency; None without a rate for its currency."""
    if not metric_of(target).is_money or target.currency in ("", brief.currency):
        return Fraction(target.value_micros, MICROS)
    rate = rate_to_report(brief, target.currency, target.first_day)
    if rate is None:
        return None
    amount = convert(Money(target.value_micros, target.currency), rate, brief.currency)
    return Fraction(amount.micros, MICROS)


def rate_to_report(brief: Brief, currency: str, day: date) -> Decimal | None:
    """The budget rate of a day from a currency to the report's; None when nobody entered one."""

    def read() -> Decimal | None:
        try:
            return budget_rate(currency, brief.currency, day).rate
        except Invalid:
            return None

    return brief.once(f"rate {currency} {day}", read)


def better(metric: Metric) -> Better:
    sides = {True: Better.HIGHER, False: Better.LOWER, None: Better.ON_TARGET}
    return sides[metric.up_is_good]


def standing(
    metric: Metric, value: Fraction, goal: Fraction, tolerance_percent: int
) -> Achievement:
    """Achieved, within tolerance or missed."""
    result = attainment(
        value, goal, better=better(metric), tolerance=Fraction(tolerance_percent, 100)
    )
    return result.achievement or Achievement.MISSED


def against(
    brief: Brief, key: str, metric: Metric, value: Fraction, goal: Goal, *, label: str, note: str
) -> Change | None:
    """A value against its goal, judged, with the word for it."""
    ref = brief.change(key, metric, value, goal.value, label=label, note=note)
    if ref is None:
        return None
    judgement, word = judged(metric, value, goal.value, goal.tolerance_percent)
    return Change(ref, judgement, word)


def judged(
    metric: Metric, value: Fraction, goal: Fraction, tolerance_percent: int
) -> tuple[Judgement, str]:
    """How a value stands, and the word: for spend "over plan", for the rest "ahead" or "behind"."""
    found = standing(metric, value, goal, tolerance_percent)
    if metric.up_is_good is None:
        if found is Achievement.ACHIEVED:
            return Judgement.NEUTRAL, "on plan"
        return Judgement.NEUTRAL, "over plan" if value > goal else "under plan"
    return ON_TARGET[found]


def target_numbers(brief: Brief) -> tuple[str, ...]:
    """The targets that touch the report's period, by number."""
    return tuple(f"T-{target.pk}" for target in visible_targets(brief))


def target_note(brief: Brief) -> str:
    return brief.book.source(
        "t1", "Target",
        formula="approved target, or the sum of the teams’ own; what adds up in proportion to the days",
        filters=f"{brief.team.name} and below", batches=target_numbers(brief), query="targets",
    )  # fmt: skip


def change_note(brief: Brief) -> str:
    return brief.book.source(
        "k1", "Against target", formula="value ÷ target − 1; points for shares",
        filters=f"{brief.team.name}", batches=brief.batches(), query="as value and target",
    )  # fmt: skip


def compare_note(brief: Brief, before: Period) -> str:
    return brief.book.source(
        "k2", "Change", formula="value ÷ value before − 1; points for shares",
        filters=f"against {before.start} to {before.end}", batches=brief.batches(), query="as the value, both periods",
    )  # fmt: skip
