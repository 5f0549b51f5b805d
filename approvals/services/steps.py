"""Opening, passing, voiding and re-opening the steps of a request."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from accounts.models import User
from approvals.choices import Notice, Outcome, RequestState, StepState
from approvals.models import ChangeRequest, Decision, Policy, Step
from approvals.rules.routing import EVERYBODY, StepRule, placed, route
from approvals.selectors import people_for_step
from approvals.selectors.calendars import due_moment
from approvals.services.amounts import Measured, current_hash
from approvals.services.evidence import freeze_effects
from approvals.services.notices import tell
from approvals.services.registry import Payload, TwoPerson, action_for
from approvals.services.seats import seats_take
from approvals.services.state import record, summary
from core.errors import Conflict
from core.events import SYSTEM

TIME_TO_DECIDE = timedelta(days=14)
UNSETTLED = (StepState.WAITING, StepState.CURRENT, StepState.APPROVED)


def steps_needed(
    policy: Policy, kind: str, payload: Payload, measured: Measured
) -> tuple[StepRule, ...]:
    """The steps a change needs under a policy; raises ``Invalid`` when no rule covers it."""
    action = action_for(kind)
    if isinstance(action, TwoPerson):
        return action.steps(payload)
    return route(
        policy.rules,
        kind=kind,
        micros=measured.total_micros,
        team_path=measured.team.path,
        traits=measured.traits,
    )


def same_steps(steps: Sequence[Step], rules: Sequence[StepRule]) -> bool:
    """Whether stored steps are the ones the rules ask for.

    How many "everybody" were is counted when a step opens, so that number may be any.
    """
    wanted = placed(rules)
    return len(steps) == len(wanted) and all(
        (step.order, step.lane) == (order, lane)
        and tuple(step.roles) == rule.roles
        and step.act == rule.act.name.lower()
        and step.decides == rule.decides
        and rule.needed in (step.needed, EVERYBODY)
        for step, (order, lane, rule) in zip(steps, wanted, strict=True)
    )


def bind(request: ChangeRequest, measured: Measured, policy: Policy) -> None:
    """Set what the request is bound to now: team, amounts, policy and fingerprint (not saved)."""
    request.team = measured.team
    request.policy = policy
    _set_measured(request, measured)
    request.content_hash = current_hash(request)


def _set_measured(request: ChangeRequest, measured: Measured) -> None:
    request.amount_micros, request.own_micros = measured.total_micros, measured.own_micros
    request.currency = measured.currency
    request.percent, request.risk = measured.traits.percent, measured.traits.risk
    request.channels = list(measured.traits.channels)


def open_steps(request: ChangeRequest, rules: Sequence[StepRule], at: datetime) -> None:
    """Put the request on its way: steps of its revision, the first ones current, 14 days to decide."""
    request.state = RequestState.OPEN
    request.due_at = at + TIME_TO_DECIDE
    request.decided_at = request.moved_at = None
    request.save()
    Step.objects.bulk_create(
        _step(request, order, lane, rule) for order, lane, rule in placed(rules)
    )
    open_next(request, at)


def _step(request: ChangeRequest, order: int, lane: int, rule: StepRule) -> Step:
    return Step(
        request=request,
        revision=request.revision,
        order=order,
        lane=lane,
        roles=list(rule.roles),
        act=rule.act.name.lower(),
        needed=rule.needed,
        hours=rule.hours,
        decides=rule.decides,
    )


def open_next(request: ChangeRequest, at: datetime) -> list[Step]:
    """Open the next steps, all that stand side by side, and ask their people; none are left: [].

    Nothing opens while a step is still running.
    """
    steps = list(request.steps.filter(revision=request.revision))
    if any(step.state == StepState.CURRENT for step in steps):
        raise Conflict(f"{request.reference} still has a step to decide.", code="step_running")
    waiting = [step for step in steps if step.state == StepState.WAITING]
    opened = [step for step in waiting if step.order == waiting[0].order]
    for step in opened:
        _open(request, step, at)
    for step in opened:
        ask(request, step, at)
    return opened


def _open(request: ChangeRequest, step: Step, at: datetime) -> None:
    step.state, step.opened_at = StepState.CURRENT, at
    if step.needed == EVERYBODY:
        seats_take(request, step)
    if step.due_at is None:
        step.due_at = due_moment(request.team, step.hours, at)
    step.save(update_fields=["state", "opened_at", "needed", "seats", "due_at"])


def is_running(request: ChangeRequest) -> bool:
    """Whether a step of the request's revision still waits for somebody."""
    return request.steps.filter(revision=request.revision, state=StepState.CURRENT).exists()


def settle_advice(request: ChangeRequest, at: datetime) -> None:
    """Close advice that nobody waits for any more: every step beside it that decides is approved."""
    running = request.steps.filter(revision=request.revision, state=StepState.CURRENT)
    if not running.filter(decides=True).exists():
        running.update(state=StepState.VOID, closed_at=at)


def ask(request: ChangeRequest, step: Step, at: datetime) -> None:
    """Tell everybody who may decide the step, or give advice, that it waits for them."""
    tell(request, people_for_step(step, request, at=at), Notice.DECIDE, at)


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
    _set_measured(request, measured)
    request.content_hash = current_hash(request)
    freeze_effects(request)
    open_steps(request, rules, at)
    after = summary(request) | {"void_approvals_of": [person.name for person in approvers]}
    record(request, SYSTEM, "request.reopened", at, before=before, after=after, reason=why)
    tell(request, [request.requested_by, *approvers], Notice.REOPENED, at)
