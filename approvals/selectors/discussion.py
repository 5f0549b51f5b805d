"""Who may read along: for mentions and their suggestions; votes and options of a decision."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can, scope_for
from approvals.choices import OPEN_STATES, RequestState
from approvals.models import ChangeRequest, Decision, Option, Vote
from approvals.selectors.delegation import delegations_running, with_memberships

SUGGESTED = 8


def people_who_see(request: ChangeRequest, *, at: datetime) -> list[User]:
    """Active people who can open a request, by name."""
    people = with_memberships(User.objects.filter(is_active=True)).order_by("name")
    standing_in = {
        held.delegate_id
        for held in delegations_running(at)
        if request.state in OPEN_STATES and _sees(held.delegator, request)
    }
    return [user for user in people if user.pk in standing_in or _sees(user, request)]


def _sees(user: User, request: ChangeRequest) -> bool:
    if user.pk == request.requested_by_id:
        return True
    if request.state == RequestState.DRAFT and not can(user, Act.DRAFT_REQUEST):
        return False
    return scope_for(user, Act.VIEW_MONEY).holds(request.team.path)


def mentionable(request: ChangeRequest, text: str, *, by: User, at: datetime) -> list[User]:
    """People whose name begins with ``text`` (any word of it) and who can see the request."""
    wanted = text.strip().casefold()
    return [
        user
        for user in people_who_see(request, at=at)
        if user.pk != by.pk and _begins(user.name.casefold(), wanted)
    ][:SUGGESTED]


def _begins(name: str, wanted: str) -> bool:
    return name.startswith(wanted) or any(word.startswith(wanted) for word in name.split())


# A name after "@" at the beginning of a word, with a second word where there is one.
CALLED = re.compile(r"(?<!\w)@([^\W\d_][\w’'-]*)((?: [^\W\d_][\w’'-]*)?)")


def named_in(text: str, people: Collection[User]) -> tuple[list[User], str]:
    """Who is mentioned as ``@Full Name``, and the first name called that is none of ``people``.

    The longest of names that begin alike counts.
    """
    found, rest = [], text
    for user in sorted(people, key=lambda one: -len(one.name)):
        sign = re.compile(rf"@{re.escape(user.name)}(?!\w)", re.IGNORECASE)
        if sign.search(rest):
            found.append(user)
            rest = sign.sub(" ", rest)
    called = CALLED.search(rest)
    return found, _as_called(called) if called else ""


def _as_called(called: re.Match[str]) -> str:
    first, second = called.groups()
    return first + (second if second[1:2].isupper() else "")


def options_of(request: ChangeRequest) -> list[Option]:
    """The alternatives of a decision, in order."""
    return list(request.options.all())


def votes_of(request: ChangeRequest) -> QuerySet[Vote]:
    """What people would choose, the first vote first."""
    return request.votes.select_related("user", "option").order_by("at", "pk")


def own_vote(user: User, request: ChangeRequest) -> Vote | None:
    """What a person would choose, if they said so."""
    return request.votes.select_related("option").filter(user=user).first()


def may_read_votes(user: User, request: ChangeRequest, *, decides: bool) -> bool:
    """Votes are shown to who decides, to who voted, and to everybody once it is decided."""
    if request.state not in OPEN_STATES or decides:
        return True
    return request.votes.filter(user=user).exists()


def chosen_option(request: ChangeRequest) -> Option | None:
    """The alternative that those who decided so far chose in this revision."""
    decision = (
        Decision.objects.filter(
            step__request=request, step__revision=request.revision, option__isnull=False
        )
        .select_related("option")
        .first()
    )
    return decision.option if decision else None
