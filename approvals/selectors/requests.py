"""Reading requests: who may decide, what waits for whom, how long decisions took."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Prefetch, Q, QuerySet, prefetch_related_objects

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import can, scope_for
from approvals.choices import OPEN_STATES, Outcome, RequestState, StepState
from approvals.models import (
    ChangeRequest,
    ChangeRequestQuerySet,
    Decision,
    Delegation,
    Policy,
    Step,
)
from approvals.permissions import (
    DECIDING,
    DELEGATING,
    Right,
    holds_step,
    may_advise,
    may_decide,
    may_recommend,
    right_to_decide,
)
from approvals.rules.routing import StepRule, default_rules, route
from approvals.selectors.delegation import (
    delegations_to,
    rights_for_step,
    spoken,
    with_memberships,
)
from core import formats
from core.models import Event
from core.needs import Waiting
from core.parts import Need
from core.search import Hit


def policy_in_force() -> Policy:
    """The newest policy; before the first request of an installation, what it will start with."""
    return Policy.objects.first() or Policy(version=1, rules=default_rules())


def requests_visible(user: User, *, at: datetime | None = None) -> ChangeRequestQuerySet:
    """Requests a person may open: of teams in sight and their own; drafts of others only to edit.

    What they decided stays in their sight. With ``at`` also what is open in the sight of
    those for whom they decide at that moment.
    """
    rows = ChangeRequest.objects.for_user(user)
    if user.roles & DELEGATING and not scope_for(user, Act.VIEW_MONEY).everything:
        rows = ChangeRequest.objects.filter(Q(pk__in=rows.values("pk")) | _by_delegation(user, at))
    rows = rows.select_related("team", "requested_by", "policy")
    if not can(user, Act.DRAFT_REQUEST):
        rows = rows.exclude(~Q(requested_by=user), state=RequestState.DRAFT)
    return rows


def _by_delegation(user: User, at: datetime | None) -> Q:
    decided = Decision.objects.filter(user=user, on_behalf_of__isnull=False)
    found = Q(pk__in=decided.values("step__request"))
    for held in delegations_to(user, at) if at else ():
        theirs = ChangeRequest.objects.for_user(held.delegator)
        found |= Q(pk__in=theirs.filter(state__in=OPEN_STATES).values("pk"))
    return found


def contributors(request: ChangeRequest) -> set[int]:
    """Numbers of everybody who touched a request: none of them decides it."""
    touched = {contributor.user_id for contributor in request.contributors.all()}
    return touched | {request.requested_by_id}


def current_step(request: ChangeRequest) -> Step | None:
    """The first step whose turn it is; ``current_steps`` has all that run side by side."""
    return next((s for s in request.steps.all() if s.state == StepState.CURRENT), None)


def steps_now(request: ChangeRequest) -> list[Step]:
    """The steps of the request's revision, in order, with their decisions."""
    steps = [step for step in request.steps.all() if step.revision == request.revision]
    prefetch_related_objects(steps, "decisions__user")
    return steps


def _candidates(roles: Iterable[str]) -> list[User]:
    """Active people who hold one of the roles somewhere, with their memberships read."""
    people = User.objects.filter(is_active=True, memberships__role__in=list(roles)).distinct()
    return list(with_memberships(people))


def people_for_step(
    step: Step, request: ChangeRequest, *, at: datetime | None = None
) -> list[User]:
    """Everybody who may decide a step, or is asked for advice by it; with ``at`` also who may do it for somebody else then."""
    touched = contributors(request)
    asks = may_decide if step.decides else may_advise
    own = [u for u in _candidates(step.roles) if asks(u, step, request, touched)]
    if at is None or not step.decides:
        return own
    known = {user.pk for user in own}
    for delegate, _ in rights_for_step(step, request, touched, at):
        if delegate.pk not in known:
            own.append(delegate)
            known.add(delegate.pk)
    return own


@dataclass(frozen=True, slots=True)
class StepPreview:
    """A step a change would need, and the people who could decide it."""

    roles: tuple[str, ...]
    act: Act
    needed: int
    people: tuple[User, ...]


def who_must_approve(
    *, policy: Policy, kind: str, micros: int, team: Team, requester: User | None = None
) -> list[StepPreview]:
    """The steps for a kind, an absolute amount (micros of the reporting currency) and a team.

    ``requester`` is left out of the people. Raises ``Invalid`` when no rule covers it.
    """
    touched = {requester.pk} if requester else set()
    rules = route(policy.rules, kind=kind, micros=micros, team_path=team.path)
    return [
        StepPreview(rule.roles, rule.act, rule.needed, tuple(_who(rule, team, micros, touched)))
        for rule in rules
    ]


def _who(rule: StepRule, team: Team, micros: int, touched: set[int]) -> Iterator[User]:
    for user in _candidates(rule.roles):
        if holds_step(
            user,
            roles=rule.roles,
            act=rule.act,
            team=team,
            micros=micros,
            contributors=touched,
        ):
            yield user


def _on_the_way(user: User, now: datetime) -> QuerySet[ChangeRequest]:
    steps = Step.objects.filter(revision=F("request__revision")).prefetch_related("decisions")
    return (
        requests_visible(user, at=now)
        .filter(state=RequestState.OPEN)
        .prefetch_related(Prefetch("steps", steps), "contributors")
    )


def waiting_for(user: User, *, now: datetime) -> list[ChangeRequest]:
    """Open requests this person may decide now or is asked to advise on, what lapses first on top."""
    if not any(can(user, act) for act in DECIDING):
        return []
    rows = _on_the_way(user, now).filter(due_at__gt=now).order_by("due_at")
    held = delegations_to(user, now)
    return [r for r in rows if rights_on(user, r, held) or advises(user, r)]


def current_steps(request: ChangeRequest) -> list[Step]:
    """The steps whose turn it is; several where they run side by side."""
    return [
        step
        for step in request.steps.all()
        if step.state == StepState.CURRENT and step.revision == request.revision
    ]


def rights_on(
    user: User, request: ChangeRequest, delegations: Iterable[Delegation]
) -> list[tuple[Step, Right]]:
    """The current steps a person may decide, each with by whose right.

    ``delegations`` are those that run with this person as delegate.
    """
    touched, held = contributors(request), list(delegations)
    said = spoken(step for step in request.steps.all() if step.revision == request.revision)
    found = []
    for step in current_steps(request):
        right = right_to_decide(user, step, request, touched, delegations=held, spoken=said)
        if right:
            found.append((step, right))
    return found


def advises(user: User, request: ChangeRequest) -> bool:
    """Whether a running step asks this person for advice that they have not given."""
    touched = contributors(request)
    running = [step for step in current_steps(request) if not step.decides]
    return any(may_advise(user, step, request, touched) for step in running) and not any(
        decision.user_id == user.pk
        for step in request.steps.all()
        if step.revision == request.revision
        for decision in step.decisions.all()
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person may do with a request now."""

    decide: bool
    recommend: bool
    edit: bool
    submit: bool
    withdraw: bool
    recall: bool = False
    # By whose right: set where the person would decide for somebody else.
    on_behalf_of: User | None = None


def standing(
    user: User, request: ChangeRequest, *, now: datetime, proposed_by: Act | None = None
) -> Standing:
    """What buttons a person gets; the services check again.

    ``proposed_by`` is the right by which this kind is asked for, where it is not the planners'.
    """

    def asks(usual: Act) -> bool:
        return can(user, proposed_by or usual)

    steps = current_steps(request) if request.state == RequestState.OPEN else []
    running = request.due_at is None or request.due_at > now
    open_now = request.state == RequestState.OPEN and running
    rights = rights_on(user, request, delegations_to(user, now)) if open_now else []
    touched = contributors(request)
    is_own = request.requested_by_id == user.pk
    is_draft = request.state == RequestState.DRAFT
    is_pending = request.state in (RequestState.OPEN, RequestState.CHANGES)
    return Standing(
        decide=bool(rights),
        recommend=running and _can_recommend(user, request, steps, touched),
        edit=is_own and (is_draft or is_pending) and asks(Act.EDIT_SUBMITTED),
        submit=is_own and is_draft and asks(Act.SUBMIT_REQUEST),
        withdraw=is_own and (is_draft or is_pending) and asks(Act.WITHDRAW_REQUEST),
        recall=is_own and is_pending and asks(Act.EDIT_SUBMITTED),
        on_behalf_of=rights[0][1].on_behalf_of if rights else None,
    )


def _can_recommend(
    user: User, request: ChangeRequest, steps: Sequence[Step], touched: set[int]
) -> bool:
    said = Decision.objects.filter(
        step__request=request, step__revision=request.revision, user=user
    )
    may = any(may_recommend(user, step, request, touched) for step in steps)
    return may and not said.exists()


def history(request: ChangeRequest) -> QuerySet[Event]:
    """The trail of a request, newest first."""
    return Event.objects.filter(
        subject_type=ChangeRequest._meta.label_lower, subject_id=str(request.pk)
    ).order_by("-id")


@dataclass(frozen=True, slots=True)
class DecisionTimes:
    """How long approvers took, n decisions: waiting until opened, and from opened to decided."""

    n: int
    waiting_p50: timedelta | None
    waiting_p90: timedelta | None
    reading_p50: timedelta | None
    reading_p90: timedelta | None


def decision_times(decisions: QuerySet[Decision]) -> DecisionTimes:
    """Median and 90th percentile (nearest rank) over approvals and rejections with an opening time."""
    final = (Outcome.APPROVE, Outcome.REJECT, Outcome.CHANGES)
    rows = decisions.filter(
        outcome__in=final, opened_at__isnull=False, step__opened_at__isnull=False
    )
    times = rows.values_list("step__opened_at", "opened_at", "at")
    waiting = sorted(opened - asked for asked, opened, _ in times if opened and asked)
    reading = sorted(at - opened for _, opened, at in times if opened)
    return DecisionTimes(
        len(reading),
        _rank(waiting, 50),
        _rank(waiting, 90),
        _rank(reading, 50),
        _rank(reading, 90),
    )


def _rank(ordered: Sequence[timedelta], percent: int) -> timedelta | None:
    if not ordered:
        return None
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def needs_of_approver(user: User, now: datetime) -> list[Waiting]:
    """What waits for a person here: decisions, and own requests that were sent back."""
    to_decide = [_waiting(row, "Decide", now) for row in waiting_for(user, now=now)]
    sent_back = ChangeRequest.objects.filter(requested_by=user, state=RequestState.CHANGES)
    rows = sent_back.select_related("requested_by").order_by("due_at")
    return [*to_decide, *(_waiting(row, "Change and send again", now) for row in rows)]


def _waiting(request: ChangeRequest, verb: str, now: datetime) -> Waiting:
    left = formats.left(request.due_at, now) if request.due_at else ""
    need = Need(
        title=f"{verb}: {request.title}",
        url=request.get_absolute_url(),
        icon="file-check",
        meta=f"{request.reference} · asked for by {request.requested_by} · {left}",
        stake=formats.money(request.amount) if request.own_micros else "",
        stake_note="to decide" if request.own_micros else "",
    )
    return Waiting(need, request.own_micros, request.due_at)


def find_requests(user: User, text: str, limit: int) -> list[Hit]:
    """Requests for the global search: by number, title or the name of who asked."""
    rows = requests_visible(user)
    number = text.upper().removeprefix("CR-")
    wanted = Q(title__icontains=text) | Q(requested_by__name__icontains=text)
    if number.isdecimal():
        wanted |= Q(number=int(number))
    return [
        Hit(
            "Requests",
            row.title,
            f"{row.reference} · {row.get_state_display().lower()}",
            row.get_absolute_url(),
            "file-check",
        )
        for row in rows.filter(wanted)[:limit]
    ]
