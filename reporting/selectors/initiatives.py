"""Initiatives with the sum of their campaigns' numbers and how far their milestones are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, QuerySet

from accounts.models import User
from campaigns.models import Campaign, Initiative, Milestone
from core import formats
from core.parts import Tile
from metrics.selectors import QueryResult, metric_for, query, where_from
from reporting.selectors.campaign import Value, change, written
from reporting.selectors.campaigns import values_of, visible_metrics
from reporting.selectors.window import Window


@dataclass(frozen=True, slots=True)
class Progress:
    """How many milestones are reached, and how many days the slowest open one is late."""

    done: int
    total: int
    slip_days: int

    @property
    def share(self) -> float | None:
        return self.done / self.total if self.total else None

    @property
    def words(self) -> str:
        if not self.total:
            return "No milestones yet"
        late = f", {self.slip_days} days late" if self.slip_days else ""
        return f"{self.done} of {self.total} milestones{late}"


@dataclass(frozen=True, slots=True)
class InitiativeRow:
    """An initiative as the list shows it."""

    initiative: Initiative
    progress: Progress
    campaigns: Sequence[Campaign]
    values: dict[str, Value]

    @property
    def pk(self) -> int:
        return self.initiative.pk

    def __getattr__(self, name: str) -> Any:
        return getattr(self.initiative, name)


def with_parts(user: User, rows: QuerySet[Initiative]) -> QuerySet[Initiative]:
    """Initiatives with milestones and the campaigns in sight, in three queries."""
    seen = Campaign.objects.for_user(user).select_related("owner", "team")
    return rows.prefetch_related("milestones", Prefetch("campaigns", seen))


def progress_of(milestones: Sequence[Milestone], today: date) -> Progress:
    """Reached, all, and the slip in days."""
    late = [(today - m.due_on).days for m in milestones if m.done_on is None and m.due_on < today]
    done = sum(m.done_on is not None for m in milestones)
    return Progress(done, len(milestones), max(late, default=0))


def sums(
    user: User, campaigns: Sequence[Campaign], window: Window, *, compare: bool = False
) -> QueryResult | None:
    """The metrics of some campaigns together: ratios are ratios of the sums. None without campaigns."""
    if not campaigns:
        return None
    return query(
        metrics=visible_metrics(user),
        where={"campaign": [campaign.pk for campaign in campaigns]},
        period=window.to_date if compare else window.period,
        compare=window.to_date.previous() if compare else None,
        as_of=window.as_of,
        viewer=user,
        currency=window.currency,
    )


def initiative_rows(
    user: User, initiatives: QuerySet[Initiative], window: Window
) -> list[InitiativeRow]:
    """Every given initiative with its progress and its numbers."""
    rows = []
    for initiative in with_parts(user, initiatives):
        campaigns = list(initiative.campaigns.all())
        answer = sums(user, campaigns, window)
        values = values_of(answer, answer.totals) if answer else {}
        progress = progress_of(list(initiative.milestones.all()), window.today)
        rows.append(InitiativeRow(initiative, progress, campaigns, values))
    return rows


def initiative_tiles(user: User, campaigns: Sequence[Campaign], window: Window) -> list[Tile]:
    """The sums against the days before."""
    answer = sums(user, campaigns, window, compare=True)
    if answer is None:
        return []
    found = []
    for key in visible_metrics(user):
        metric = metric_for(key)
        value = answer.value(key, answer.totals)
        before = answer.value(f"{key}_before", answer.totals)
        said = f"{written(metric, before)} in the days before" if before is not None else ""
        where = where_from(
            [key], window.to_date, {"campaign": [one.pk for one in campaigns]}, window.currency
        )
        found.append(Tile(metric.label, written(metric, value), change(value, before, metric), sentence=said, where=where))  # fmt: skip
    return found


def milestone_note(milestone: Milestone, today: date) -> tuple[str, str]:
    """What to say of a milestone, and how it is judged."""
    if milestone.done_on:
        slip = (milestone.done_on - milestone.due_on).days
        late = f", {slip} days late" if slip > 0 else ""
        return f"Reached {formats.day(milestone.done_on)}{late}", "warn" if slip > 0 else "good"
    days = (today - milestone.due_on).days
    return (f"{days} days late", "bad") if days > 0 else ("Open", "neutral")
