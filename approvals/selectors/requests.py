"""Reading requests: who may decide, what waits for whom, how long decisions took."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch, Q, QuerySet

from accounts.choices import Act
from accounts.models import Membership, Team, User
from accounts.permissions import can
from approvals.choices import Outcome, RequestState, StepState
from approvals.models import ChangeRequest, ChangeRequestQuerySet, Decision, Policy, Step
from approvals.permissions import DECIDING, holds_step, may_decide, may_recommend
from approvals.rules.routing import StepRule, default_rules, route
from core import formats
from core.models import Event
from core.needs import Waiting
from core.parts import Need
from core.search import Hit


def policy_in_force() -> Policy:
    """The newest policy; before the first request of an installation, what it will start with."""
    return Policy.objects.first() or Policy(version=1, rules=default_rules())


def requests_visible(user: User) -> ChangeRequestQuerySet:
    """Requests a person may open: of teams in sight and their own; drafts of others only to edit."""
    rows = ChangeRequest.objects.for_user(user).select_related("team", "requested_by", "policy")
    if not can(user, Act.DRAFT_REQUEST):
        rows = rows.exclude(~Q(requested_by=user), state=RequestState.DRAFT)
    return rows


def contributors(request: ChangeRequest) -> set[int]:
    """Numbers of everybody who touched a request: none of them decides it."""
    touched = {contributor.user_id for contributor in request.contributors.all()}
    return touched | {request.requested_by_id}


def current_step(request: ChangeRequest) -> Step | None:
    """The step whose turn it is."""
    return next((s for s in request.steps.all() if s.state == StepState.CURRENT), None)


def steps_now(request: ChangeRequest) -> list[Step]:
    """The steps of the request's revision, in order, with their decisions."""
    steps = request.steps.filter(revision=request.revision)
    return list(steps.prefetch_related("decisions__user"))


def _candidates(roles: Iterable[str]) -> list[User]:
    """Active people who hold one of the roles somewhere, with their memberships read."""
    people = User.objects.filter(is_active=True, memberships__role__in=list(roles)).distinct()
    # Fills what User.current_memberships keeps, for all of them in one query.
    held = Prefetch(
        "memberships", Membership.objects.select_related("team"), to_attr="_memberships"
    )
    return list(people.prefetch_related(held))


def people_for_step(step: Step, request: ChangeRequest) -> list[User]:
    """Everybody who may decide a step now."""
    touched = contributors(request)
    return [u for u in _candidates(step.roles) if may_decide(u, step, request, touched)]


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


def _on_the_way(user: User) -> QuerySet[ChangeRequest]:
    current = Step.objects.filter(state=StepState.CURRENT)
    return (
        requests_visible(user)
        .filter(state=RequestState.OPEN)
        .prefetch_related(Prefetch("steps", current), "contributors")
    )


def waiting_for(user: User, *, now: datetime) -> list[ChangeRequest]:
    """Open requests this person may decide now, the one that lapses first on top."""
    if not any(can(user, act) for act in DECIDING):
        return []
    rows = _on_the_way(user).filter(due_at__gt=now).order_by("due_at")
    return [r for r in rows if _is_for(user, r)]


def _is_for(user: User, request: ChangeRequest) -> bool:
    step = current_step(request)
    return bool(step and may_decide(user, step, request, contributors(request)))


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person may do with a request now."""

    decide: bool
    recommend: bool
    edit: bool
    submit: bool
    withdraw: bool


def standing(user: User, request: ChangeRequest, *, now: datetime) -> Standing:
    """What buttons a person gets; the services check again."""
    step = current_step(request) if request.state == RequestState.OPEN else None
    running = request.due_at is None or request.due_at > now
    touched = contributors(request)
    is_own = request.requested_by_id == user.pk
    is_draft = request.state == RequestState.DRAFT
    is_pending = request.state in (RequestState.OPEN, RequestState.CHANGES)
    return Standing(
        decide=bool(step and running and may_decide(user, step, request, touched)),
        recommend=bool(step and running and _can_recommend(user, request, step, touched)),
        edit=is_own and (is_draft or is_pending) and can(user, Act.EDIT_SUBMITTED),
        submit=is_own and is_draft and can(user, Act.SUBMIT_REQUEST),
        withdraw=is_own and (is_draft or is_pending) and can(user, Act.WITHDRAW_REQUEST),
    )


def _can_recommend(user: User, request: ChangeRequest, step: Step, touched: set[int]) -> bool:
    said = Decision.objects.filter(
        step__request=request, step__revision=request.revision, user=user
    )
    return may_recommend(user, step, request, touched) and not said.exists()


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
