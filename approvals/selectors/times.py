"""How old what waits is, and how long decisions took: aggregates only, as far as a person sees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from accounts.choices import Role
from accounts.models import User
from approvals.choices import RequestState, StepState
from approvals.models import ChangeRequest, Decision, Step
from approvals.permissions import DELEGATING, roles_in_words
from approvals.rules.times import LABELS, Times, bucket, times
from approvals.rules.worktime import WorkHours, between
from approvals.selectors.calendars import work_hours
from approvals.selectors.delegation import WORDS
from approvals.selectors.requests import people_for_step, requests_visible

AGE_BY = {"role": "Role", "step": "Step", "person": "Person"}


def sees_team_times(user: User) -> bool:
    """Whether a person reads the figures of their teams; everybody reads their own."""
    return bool(user.roles & {*DELEGATING, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class AgeRow:
    """What waits for one role, step or person, by how many working days it has waited."""

    label: str
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.counts)


def ageing(user: User, *, by: str, now: datetime) -> list[AgeRow]:
    """Steps that wait now, by role, step or person; a step of several counts for each of them.

    Who leads no team sees what they asked for and what waits for themselves.
    """
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    calendars: dict[int, WorkHours] = {}
    for step in _waiting(user, now):
        team = step.request.team
        calendar = calendars.setdefault(team.pk, work_hours(team))
        age = bucket(_days(calendar, step.opened_at or now, now))
        for label in _labels(user, step, by, now):
            found[label][age] += 1
    rows = [AgeRow(label, tuple(ages[b] for b in LABELS)) for label, ages in found.items()]
    return sorted(rows, key=lambda row: (tuple(-n for n in reversed(row.counts)), row.label))


def _waiting(user: User, now: datetime) -> Iterable[Step]:
    visible = requests_visible(user, at=now).filter(state=RequestState.OPEN)
    rows = Step.objects.filter(request__in=visible.values("pk"), state=StepState.CURRENT)
    asked = ChangeRequest.objects.select_related("team").prefetch_related("contributors")
    steps = list(rows.prefetch_related(Prefetch("request", asked)))
    if sees_team_times(user):
        return steps
    return [step for step in steps if step.request.requested_by_id == user.pk]


def _days(calendar: WorkHours, opened: datetime, now: datetime) -> int:
    """Whole working days of waiting, in the calendar's own length of a day."""
    first, last = calendar.span(date(2024, 1, 8))
    return between(calendar, opened, now) // (last - first)


def _labels(user: User, step: Step, by: str, now: datetime) -> list[str]:
    if by == "step":
        return [f"Step {step.order}"]
    if by == "person" and sees_team_times(user):
        people = people_for_step(step, step.request, at=now)
        return [person.name for person in people] or ["Nobody holds this right now"]
    words = roles_in_words(step.roles)
    return [words[:1].upper() + words[1:]]


@dataclass(frozen=True, slots=True)
class TimesRow:
    """Decision times of one group: a team, or a month."""

    label: str
    times: Times


def decisions_between(user: User, start: date, end: date) -> QuerySet[Decision]:
    """Decisions a person may count: those of their teams when they lead, else their own."""
    rows = Decision.objects.filter(
        outcome__in=WORDS, opened_at__isnull=False, step__opened_at__isnull=False,
        at__date__gte=start, at__date__lte=end,
    )  # fmt: skip
    if not sees_team_times(user):
        return rows.filter(user=user)
    return rows.filter(step__request__in=requests_visible(user).values("pk"))


def decision_figures(
    rows: QuerySet[Decision], *, user: User
) -> tuple[Times, Times, list[TimesRow], list[TimesRow]]:
    """All, one's own, by team and by month (the newest last) of some decisions."""
    read = list(
        rows.order_by("at").values_list(
            "step__opened_at", "opened_at", "at", "user", "step__request__team__name"
        )
    )
    pairs = [(max(opened - asked, timedelta(0)), at - opened) for asked, opened, at, _, _ in read]  # type: ignore[operator]
    own = [pair for pair, row in zip(pairs, read, strict=True) if row[3] == user.pk]
    return (
        times(pairs),
        times(own),
        _grouped(read, pairs, lambda row: row[4]),
        _grouped(read, pairs, lambda row: timezone.localtime(row[2]).strftime("%Y-%m")),
    )


def _grouped(
    rows: Sequence[tuple[datetime | None, datetime | None, datetime, int, str]],
    pairs: Sequence[tuple[timedelta, timedelta]],
    label: Callable[[tuple[datetime | None, datetime | None, datetime, int, str]], str],
) -> list[TimesRow]:
    found: dict[str, list[tuple[timedelta, timedelta]]] = defaultdict(list)
    for row, pair in zip(rows, pairs, strict=True):
        found[label(row)].append(pair)
    return [TimesRow(name, times(group)) for name, group in sorted(found.items())]
