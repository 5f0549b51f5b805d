"""Real requests of a period under other rules: which of them would have gone another way."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.choices import Role
from approvals.choices import RequestState
from approvals.models import ChangeRequest, Contributor
from approvals.permissions import roles_in_words
from approvals.rules.routing import Rule, StepRule, Traits, matching, steps_of
from approvals.selectors.bench import Bench

DECIDERS = (Role.DIRECTOR, Role.EXECUTIVE, Role.AUDITOR)


@dataclass(frozen=True, slots=True)
class Rerouted:
    """A request and the steps it would take under both sets of rules; () is not covered."""

    request: ChangeRequest
    before: tuple[StepRule, ...]
    after: tuple[StepRule, ...]
    is_possible: bool

    @property
    def is_moved(self) -> bool:
        return self.before != self.after

    @property
    def reference(self) -> str:
        return self.request.reference


@dataclass(frozen=True, slots=True)
class RoleCount:
    """How many requests must pass a role, under both sets of rules."""

    role: Role
    before: int
    after: int

    @property
    def more(self) -> int:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Replay:
    """What a period would have been under other rules.

    ``stuck`` are the requests that nobody could decide, or that no rule covers, afterwards.
    """

    total: int
    moved: tuple[Rerouted, ...]
    stuck: tuple[Rerouted, ...]
    roles: tuple[RoleCount, ...]
    extra_steps: int


def requests_between(
    start: datetime, end: datetime, *, without: Collection[str] = ()
) -> list[ChangeRequest]:
    """Requests that were sent in ``[start, end)``, the newest first; kinds ``without`` a route left out."""
    rows = ChangeRequest.objects.filter(submitted_at__gte=start, submitted_at__lt=end)
    rows = rows.exclude(state=RequestState.DRAFT).exclude(kind__in=without)
    rows = rows.select_related("team", "requested_by").defer("payload", "evidence")
    return list(rows.order_by("-submitted_at"))


def replay(
    before: Sequence[Rule], after: Sequence[Rule], requests: Sequence[ChangeRequest]
) -> Replay:
    """Route requests under two sets of rules, with the people of this moment."""
    bench, touched = Bench(), _contributors(requests)
    rows = [_row(bench, request, before, after, touched) for request in requests]
    return Replay(
        total=len(rows),
        moved=tuple(row for row in rows if row.is_moved),
        stuck=tuple(row for row in rows if not row.is_possible),
        roles=tuple(_count(role, rows) for role in DECIDERS),
        extra_steps=sum(len(row.after) - len(row.before) for row in rows),
    )


def _contributors(requests: Sequence[ChangeRequest]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {request.pk: {request.requested_by_id} for request in requests}
    rows = Contributor.objects.filter(request__in=found).values_list("request_id", "user_id")
    for request_id, user_id in rows:
        found[request_id].add(user_id)
    return found


def _row(
    bench: Bench,
    request: ChangeRequest,
    before: Sequence[Rule],
    after: Sequence[Rule],
    touched: dict[int, set[int]],
) -> Rerouted:
    steps = _steps(after, request)
    possible = bench.can_decide(steps, request.team, request.amount_micros, touched[request.pk])
    return Rerouted(request, _steps(before, request), steps, possible)


def _steps(rules: Sequence[Rule], request: ChangeRequest) -> tuple[StepRule, ...]:
    place = matching(
        rules,
        kind=request.kind,
        micros=request.amount_micros,
        team_path=request.team.path,
        traits=Traits(request.percent, tuple(request.channels), request.risk),
    )
    return () if place is None else steps_of(rules[place])


def _count(role: Role, rows: Sequence[Rerouted]) -> RoleCount:
    return RoleCount(
        role,
        sum(_must_pass(row.before, role) for row in rows),
        sum(_must_pass(row.after, role) for row in rows),
    )


def _must_pass(steps: Sequence[StepRule], role: Role) -> bool:
    return any(step.decides and step.roles == (role.value,) for step in steps)


def route_in_words(steps: Sequence[StepRule]) -> str:
    """ "an executive, then somebody of finance and audit"."""
    words = ""
    for step in steps:
        join = " and at the same time " if step.with_previous and words else ", then "
        words += f"{join if words else ''}{step_in_words(step)}"
    return words or "nobody: no rule covers it"


def step_in_words(step: StepRule) -> str:
    """ "2 of a marketing director or an executive", "advice of a marketing director"."""
    who = roles_in_words(step.roles)
    if not step.decides:
        return f"advice of {who} within {step.hours} hours"
    if step.needed == 0:
        return f"everybody who is {who}"
    return who if step.needed == 1 else f"{step.needed} people, each {who}"
