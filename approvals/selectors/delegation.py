"""Who decides for whom: delegations that run, absences, substitutes, and whose word is given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Prefetch, Q, QuerySet, prefetch_related_objects
from django.utils import timezone

from accounts.models import Membership, User
from accounts.permissions import matrix
from approvals.choices import Outcome
from approvals.models import Absence, ChangeRequest, Delegation, Step, Substitute
from approvals.permissions import BY_AMOUNT, DELEGATING, Right, right_to_decide
from core import formats
from core.once import once

# Fills what User.current_memberships keeps, for all people of a query at once.
_HELD = Membership.objects.select_related("team")
# What counts as a word given; a recommendation decides nothing.
WORDS = (Outcome.APPROVE, Outcome.REJECT, Outcome.CHANGES)


def with_memberships(people: QuerySet[User]) -> QuerySet[User]:
    """People with their memberships read in one further query."""
    return people.prefetch_related(Prefetch("memberships", _HELD, to_attr="_memberships"))


def delegations_running(at: datetime) -> list[Delegation]:
    """Delegations that run at a moment: a handful, of directors and executives."""
    return once(("delegations", at), lambda: list(_running(at)))


def _running(at: datetime) -> QuerySet[Delegation]:
    rows = Delegation.objects.filter(ended_at__isnull=True, starts_at__lte=at, ends_at__gt=at)
    people = with_memberships(User.objects.all())
    return rows.prefetch_related(Prefetch("delegator", people), Prefetch("delegate", people))


def delegations_to(user: User, at: datetime) -> list[Delegation]:
    """Delegations by which a person may decide for others at a moment."""
    key = ("delegations_to", user.pk, at)
    return once(key, lambda: list(_running(at).filter(delegate=user)))


def delegations_of(user: User) -> QuerySet[Delegation]:
    """A person's delegations, given and held, the newest first."""
    rows = Delegation.objects.filter(Q(delegator=user) | Q(delegate=user))
    return rows.select_related("delegator", "delegate", "made_by").order_by("-starts_at", "-pk")


def spoken(steps: Iterable[Step]) -> set[int]:
    """Everybody whose word stands on one of these steps: who gave it, and for whom."""
    given = [d for step in steps for d in step.decisions.all() if d.outcome in WORDS]
    return {d.user_id for d in given} | {d.on_behalf_of_id for d in given if d.on_behalf_of_id}


def rights_for_step(
    step: Step, request: ChangeRequest, touched: set[int], at: datetime
) -> list[tuple[User, Right]]:
    """Delegates who may decide a step for somebody else, each with by whose right."""
    steps = [row for row in request.steps.all() if row.revision == request.revision]
    prefetch_related_objects(steps, "decisions")
    said, found = spoken(steps), []
    for held in delegations_running(at):
        right = right_to_decide(
            held.delegate, step, request, touched, delegations=[held], spoken=said
        )
        if right and right.delegation:
            found.append((held.delegate, right))
    return found


def people_who_stand_in(user: User) -> QuerySet[User]:
    """To whom a person may delegate: active executives and directors, not oneself."""
    held = Membership.objects.filter(role__in=DELEGATING).values("user")
    return User.objects.filter(is_active=True, pk__in=held).exclude(pk=user.pk)


def substitute_of(user: User) -> User | None:
    """Whom a person named as standing substitute."""
    row = Substitute.objects.filter(user=user).select_related("substitute").first()
    return row.substitute if row else None


def own_limit(user: User) -> int | None:
    """What a person may decide at most anywhere, in micros; None without a limit of their own."""
    table = matrix()
    limits = [
        membership.limit_micros
        for membership in user.current_memberships()
        if any(table[act][membership.role] != "-" for act in BY_AMOUNT)
    ]
    known = [limit for limit in limits if limit is not None]
    return None if len(known) < len(limits) else max(known, default=0)


def absences_of(user: User) -> QuerySet[Absence]:
    """A person's absences, the newest first."""
    rows = Absence.objects.filter(user=user)
    return rows.select_related("delegation__delegate").order_by("-starts_at", "-pk")


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody is out of office: until when, why, and who decides meanwhile."""

    until: datetime
    note: str
    delegate: User | None


def away(people: Iterable[int], at: datetime) -> dict[int, Away]:
    """Who of these people is away at a moment, and who decides for them meanwhile."""
    rows = Absence.objects.filter(
        user__in=list(people), ended_at__isnull=True, starts_at__lte=at, ends_at__gt=at
    )
    deciding = {held.delegator_id: held.delegate for held in delegations_running(at)}
    return {
        row.user_id: Away(row.ends_at, row.note, deciding.get(row.user_id))
        for row in rows.order_by("ends_at")
    }


def last_day(moment: datetime, today: date) -> str:
    """The last day of a time that ends at its midnight; else the moment."""
    local = timezone.localtime(moment)
    if local.time() == time(0):
        return formats.day(local.date() - timedelta(days=1), today, weekday=False)
    return formats.moment(local, today)


def presence(people: Iterable[int], at: datetime) -> dict[int, str]:
    """ "away until 3 Dec, Dana Cole decides", for each of these people who is away."""
    today = timezone.localtime(at).date()
    return {
        pk: f"away until {last_day(gone.until, today)}"
        + (f", {gone.delegate} decides" if gone.delegate else "")
        for pk, gone in away(people, at).items()
    }
