"""Tables of targets: rows with finished texts, one unit per row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse

from core import formats
from core.tables import Column, Table
from metrics.models import Target
from metrics.selectors import Standing, TargetProgress
from metrics.selectors.targets import subject_of
from metrics.selectors.words import written

LABELS = {
    Standing.AHEAD: ("Ahead", "good"),
    Standing.ON: ("On pace", "good"),
    Standing.BEHIND: ("Behind", "bad"),
    Standing.NO_DATA: ("No data", "neutral"),
    Standing.NOT_STARTED: ("Coming", "neutral"),
    Standing.ACHIEVED: ("Achieved", "good"),
    Standing.MISSED: ("Missed", "bad"),
}
# What needs somebody stands first.
URGENCY = list(Standing)
URGENCY.sort(key=[Standing.BEHIND, Standing.MISSED, Standing.NO_DATA].__contains__, reverse=True)


class GoalTable(Table):
    """Targets with expected to date, actual and pace."""

    key = "goals"
    noun = "targets"
    row_id = "id"
    columns = (
        Column("metric", "Target", kind="link", url="url", sub="subject", priority=1),
        Column("status", "State", kind="badge", tone="tone", sort="urgency", priority=1),
        Column("actual", "Actual", kind="number", sortable=False, strong=True, priority=2),
        Column("expected", "Expected today", kind="number", sortable=False, priority=3),
        Column("value", "Target value", kind="number", sortable=False, priority=2),
        Column(
            "share",
            "Actual | expected",
            kind="bar",
            tick="tick",
            tone="tone",
            priority=3,
            help="Actual as a share of the target; the mark is what is expected today.",
        ),
        Column(
            "landing",
            "At this rate",
            kind="number",
            sortable=False,
            priority=3,
            help="Where the recent run-rate ends. Not a forecast.",
        ),
        Column("history", "Before", sortable=False, priority=3, nowrap=True),
        Column("days", "Days", sort="last_day", priority=3, nowrap=True),
        Column("owner", "Owner", kind="user", priority=3, nowrap=True),
    )
    default_sort = "status"
    search = ("metric", "subject", "owner")
    empty_title = "No targets here"
    empty_text = "A target is a metric, a value and a period. Campaigns need one to be approved."


class EndedTable(Table):
    """How earlier targets of a subject ended."""

    key = "ended"
    row_id = "id"
    columns = (
        Column("days", "Days", kind="link", url="url", sort="last_day", priority=1, nowrap=True),
        Column("status", "Ended", kind="badge", tone="tone", sortable=False, priority=1),
        Column("actual", "Actual", kind="number", sortable=False, strong=True, priority=2),
        Column("value", "Target value", kind="number", sortable=False, priority=2),
        Column("owner", "Owner", kind="user", sortable=False, priority=3, nowrap=True),
    )
    default_sort = "-days"


def goal_rows(
    found: Sequence[TargetProgress], earlier: Sequence[TargetProgress] = ()
) -> list[dict[str, Any]]:
    """A row for each target; ``earlier`` are the ended ones of the same subjects."""
    before: dict[Any, list[TargetProgress]] = {}
    for progress in earlier:
        before.setdefault(subject_of(progress.target), []).append(progress)
    return [_row(progress, before.get(subject_of(progress.target), [])) for progress in found]


def _row(progress: TargetProgress, earlier: Sequence[TargetProgress]) -> dict[str, Any]:
    target, metric = progress.target, progress.metric
    label, tone = LABELS[progress.status]
    goal = Decimal(target.value_micros)
    return {
        "id": target.pk,
        "metric": metric.label,
        "subject": subject(target),
        "url": reverse("metrics:goal", args=[target.pk]),
        "status": label,
        "tone": tone,
        "urgency": URGENCY.index(progress.status),
        "actual": written(metric, progress.actual),
        "expected": written(metric, progress.expected),
        "value": written(metric, progress.value),
        "share": _share(progress.progress.actual_micros, goal),
        "tick": _share(progress.progress.expected_micros, goal),
        "landing": written(metric, progress.landing),
        "history": history(earlier, before=target),
        "days": formats.span(target.first_day, target.last_day),
        "last_day": target.last_day,
        "owner": target.owner.name,
    }


def _share(micros: int | None, goal: Decimal) -> Decimal | None:
    return None if micros is None else Decimal(micros) / goal


def subject(target: Target) -> str:
    """What a target is about: the campaign, the team's channel, or the team."""
    if target.campaign:
        return target.campaign.name
    return f"{target.team.name} · {target.channel.name}" if target.channel else target.team.name


def history(earlier: Sequence[TargetProgress], *, before: Target) -> str:
    """``2 of 3 reached`` among the targets that ended before this one began."""
    ended = [p for p in earlier if p.target.last_day < before.first_day]
    judged = [p for p in ended if p.status in (Standing.ACHIEVED, Standing.MISSED)]
    reached = sum(p.status is Standing.ACHIEVED for p in judged)
    return f"{reached} of {len(judged)} reached" if judged else ""


def situation(found: Sequence[TargetProgress]) -> str:
    """The page's title: how many are behind."""
    counts: Mapping[Standing, int] = {
        standing: sum(p.status is standing for p in found) for standing in Standing
    }
    judged = sum(counts[s] for s in (Standing.AHEAD, Standing.ON, Standing.BEHIND))
    if not found:
        return "No target runs at the moment"
    if not judged:
        return f"{_targets(len(found))} without enough data to judge"
    if behind := counts[Standing.BEHIND]:
        return f"{behind} of {_targets(judged)} {'is' if behind == 1 else 'are'} behind"
    return f"All {_targets(judged)} are on pace or ahead" if judged > 1 else "The target is on pace"


def _targets(count: int) -> str:
    return "1 target" if count == 1 else f"{count} targets"
