"""What a change amounts to for policy, and the fingerprint that decisions carry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q

from accounts.models import Team, User
from approvals.choices import RequestState
from approvals.models import ChangeRequest
from approvals.rules.binding import Bound, content_hash
from approvals.rules.routing import Traits
from approvals.services.registry import Action, Cumulative, Judged, Payload, action_for
from core.errors import AdroitError

WINDOW = timedelta(days=30)
CENT = Decimal("0.01")
MOST_PERCENT = Decimal("9999999.99")
UNDER_WAY = (RequestState.OPEN, RequestState.CHANGES, RequestState.APPROVED)


@dataclass(frozen=True, slots=True)
class Measured:
    """A change in the reporting currency: its own amount, and with earlier moves on its lines."""

    own_micros: int
    total_micros: int
    currency: str
    team: Team
    traits: Traits = field(default_factory=Traits)


def measure(
    action: Action,
    payload: Payload,
    *,
    requested_by: User,
    at: datetime,
    request: ChangeRequest | None = None,
) -> Measured:
    """The amounts that policy looks at now; ``request`` is left out of its own history."""
    own = abs(action.amount(payload, at=at))
    total = own
    if isinstance(action, Cumulative):
        total += abs(action.earlier(payload, _others(requested_by, at, request), at=at))
    traits = traits_of(action, payload, at=at)
    return Measured(own.micros, total.micros, own.currency, action.team(payload), traits)


def traits_of(action: Action, payload: Payload, *, at: datetime) -> Traits:
    """What an action tells policy besides its amount, in the form in which it is kept."""
    if not isinstance(action, Judged):
        return Traits()
    told = action.traits(payload, at=at)
    percent = None if told.percent is None else min(told.percent, MOST_PERCENT).quantize(CENT)
    return Traits(percent, tuple(sorted(told.channels)), str(told.risk))


def traits_kept(request: ChangeRequest) -> Traits:
    """The traits a request was sent with."""
    return Traits(request.percent, tuple(request.channels), request.risk)


def _others(
    requested_by: User, at: datetime, request: ChangeRequest | None
) -> Sequence[ChangeRequest]:
    """The person's requests that count with this one.

    Carried out within 30 days, or still under way and sent before this one: the later
    of two carries the sum, so the earlier keeps the route it was sent on.
    """
    done = Q(state=RequestState.EXECUTED, executed_at__gt=at - WINDOW)
    under_way = Q(state__in=UNDER_WAY, submitted_at__gt=at - WINDOW)
    others = ChangeRequest.objects.filter(requested_by=requested_by)
    if request is None:
        return list(others.filter(done | under_way))
    sent = request.submitted_at or at
    earlier = Q(submitted_at__lt=sent) | Q(submitted_at=sent, pk__lt=request.pk)
    return list(others.exclude(pk=request.pk).filter(done | (under_way & earlier)))


def current_hash(request: ChangeRequest) -> str:
    """The fingerprint of a request as the world is now; equal to the stored one if nothing moved.

    Raises what the action raises when something the request names is gone.
    """
    policy = request.policy
    return content_hash(
        Bound(
            kind=request.kind,
            binding=action_for(request.kind).binding(request.payload),
            amount_micros=request.amount_micros,
            own_micros=request.own_micros,
            currency=request.currency,
            policy=policy.version if policy else 0,
            revision=request.revision,
            traits=traits_kept(request),
        )
    )


def current_hash_or(request: ChangeRequest, otherwise: str) -> str:
    """The fingerprint of now, or another where what the request names is gone."""
    try:
        return current_hash(request)
    except AdroitError:
        return otherwise


def is_unchanged(request: ChangeRequest) -> bool:
    """Whether what the request would change is still as it was when it was asked for."""
    try:
        return current_hash(request) == request.content_hash
    except AdroitError:
        return False
