"""Opening, voiding and re-opening the steps of a request."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from accounts.models import User
from approvals.choices import Notice, Outcome, RequestState, StepState
from approvals.models import ChangeRequest, Decision, Policy, Step
from approvals.rules.routing import StepRule, route
from approvals.selectors import people_for_step
from approvals.services.amounts import Measured, current_hash
from approvals.services.evidence import freeze_effects
from approvals.services.notices import tell
from approvals.services.state import record, summary
from core.events import SYSTEM

TIME_TO_DECIDE = timedelta(days=14)
UNSETTLED = (StepState.WAITING, StepState.CURRENT, StepState.APPROVED)


def steps_needed(policy: Policy, kind: str, measured: Measured) -> tuple[StepRule, ...]:
    """The steps a change needs under a policy; raises ``Invalid`` when no rule covers it."""
    return route(
        policy.rules, kind=kind, micros=measured.total_micros, team_path=measured.team.path
    )


def same_steps(steps: Sequence[Step], rules: Sequence[StepRule]) -> bool:
    """Whether stored steps are the ones the rules ask for."""
    stored = [(tuple(step.roles), step.act, step.needed) for step in steps]
    return stored == [(rule.roles, rule.act.name.lower(), rule.needed) for rule in rules]


def bind(request: ChangeRequest, measured: Measured, policy: Policy) -> None:
    """Set what the request is bound to now: team, amounts, policy and fingerprint (not saved)."""
    request.team = measured.team
    request.amount_micros, request.own_micros = measured.total_micros, measured.own_micros
    request.currency = measured.currency
    request.policy = policy
    request.content_hash = current_hash(request)


def open_steps(request: ChangeRequest, rules: Sequence[StepRule], at: datetime) -> None:
    """Put the request on its way: steps of its revision, the first one current, 14 days to decide."""
    request.state = RequestState.OPEN
    request.due_at = at + TIME_TO_DECIDE
    request.decided_at = None
    request.save()
    steps = [
        Step(
            request=request,
            revision=request.revision,
            order=order,
            roles=list(rule.roles),
            act=rule.act.name.lower(),
            needed=rule.needed,
        )
        for order, rule in enumerate(rules, 1)
    ]
    steps[0].state, steps[0].opened_at = StepState.CURRENT, at
    Step.objects.bulk_create(steps)
    ask(request, steps[0], at)


def ask(request: ChangeRequest, step: Step, at: datetime) -> None:
    """Tell everybody who may decide the step that it waits for them."""
    tell(request, people_for_step(step, request), Notice.DECIDE, at)


def void_steps(request: ChangeRequest, at: datetime) -> list[User]:
    """Close the steps of earlier work; returns who approved some of it: their word is void."""
    steps = request.steps.filter(state__in=UNSETTLED)
    given = Decision.objects.filter(step__in=steps, outcome=Outcome.APPROVE)
    people = [decision.user for decision in given.select_related("user")]
    steps.update(state=StepState.VOID, closed_at=at)
    return people


def start_anew(
    request: ChangeRequest,
    rules: Sequence[StepRule],
    measured: Measured,
    at: datetime,
    *,
    why: str,
) -> None:
    """A new revision with the steps that this moment needs; approvals given so far are void."""
    before = summary(request)
    approvers = void_steps(request, at)
    request.revision += 1
    request.amount_micros, request.own_micros = measured.total_micros, measured.own_micros
    request.content_hash = current_hash(request)
    freeze_effects(request)
    open_steps(request, rules, at)
    after = summary(request) | {"void_approvals_of": [person.name for person in approvers]}
    record(request, SYSTEM, "request.reopened", at, before=before, after=after, reason=why)
    tell(request, [request.requested_by, *approvers], Notice.REOPENED, at)
