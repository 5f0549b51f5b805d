"""Who may do what: the permission matrix, read from ``permission_matrix.csv``.

Levels: ``A`` all, ``S`` own teams' scope, ``O`` own objects, ``N`` someone else's only
(not a contributor), ``2`` with a second person, ``NS`` not oneself, ``OP`` own and
paused by oneself, ``SEC`` security events, ``L`` within an activated rule, ``R`` only
if a person set it up, ``-`` denied. Letters combine: ``SN`` is ``S`` and ``N``.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache, wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase

from accounts.choices import ROLE_COLUMNS, TWO_PERSON_ROLES, Act, Role, in_words
from accounts.models import Membership, Scope, Team, User
from core.errors import NotAllowed

MATRIX_FILE = Path(__file__).with_name("permission_matrix.csv")
WHOLE_TREE = frozenset(["A", "N", "2N", "2", "NS", "SEC"])


@cache
def matrix() -> dict[Act, dict[str, str]]:
    """Act -> role -> level."""
    with MATRIX_FILE.open(newline="", encoding="utf-8") as file:
        return {
            Act(row["action"]): {role: row[column] for column, role in ROLE_COLUMNS.items()}
            for row in csv.DictReader(file)
        }


def levels(user: User, act: Act) -> list[tuple[str, Team]]:
    """The levels a person has for an act, each with the team it holds for."""
    row = matrix()[act]
    held = ((row[m.role], m.team) for m in user.current_memberships())
    return [(level, team) for level, team in held if level != "-"]


def scope_for(user: User, act: Act) -> Scope:
    """The part of the team tree in which a person may do ``act`` at all."""
    held = levels(user, act)
    if any(level in WHOLE_TREE for level, _ in held):
        return Scope(everything=True)
    return Scope(paths=tuple(team.path for _, team in held))


def can(user: User, act: Act) -> bool:
    """Whether a person may do ``act`` to anything at all (menus, buttons, first gate of a view)."""
    return bool(levels(user, act))


def may(
    user: User,
    act: Act,
    *,
    team: Team | None = None,
    owner_id: int | None = None,
    contributors: Collection[int] = (),
) -> bool:
    """Whether a person may do ``act`` to one thing.

    ``team`` is the team the thing belongs to, ``owner_id`` its owner, ``contributors``
    everybody who touched it. Nobody decides what they contributed to.
    """
    return any(
        _level_allows(level, held, user, team, owner_id, contributors)
        for level, held in levels(user, act)
    )


def _level_allows(
    level: str,
    held: Team,
    user: User,
    team: Team | None,
    owner_id: int | None,
    contributors: Collection[int],
) -> bool:
    in_scope = team is None or team.path.startswith(held.path)
    if level == "O":
        return in_scope and owner_id == user.pk
    if level == "OP":
        return in_scope and owner_id == user.pk
    if level == "NS":
        return owner_id != user.pk
    if "N" in level and user.pk in contributors:
        return False
    return in_scope if "S" in level and level != "SEC" else True


def require(
    user: User,
    act: Act,
    *,
    team: Team | None = None,
    owner_id: int | None = None,
    contributors: Collection[int] = (),
) -> None:
    """Raise ``NotAllowed`` with a sentence a person understands unless ``may``."""
    if may(user, act, team=team, owner_id=owner_id, contributors=contributors):
        return
    if user.pk in contributors and may(user, act, team=team, owner_id=owner_id):
        raise NotAllowed(
            "You took part in this, so somebody else has to decide.",
            code="own_request",
            remedy="Ask a colleague with the same right.",
        )
    raise NotAllowed(
        f"Your role does not allow you to {in_words(act)}.",
        remedy="Ask somebody who holds the role, or an administrator.",
    )


def may_confirm(user: User, act: Act, *, contributors: Collection[int]) -> bool:
    """Whether a person may be the second one who confirms what others proposed.

    Only a level with an ``N`` confirms: an administrator's ``2`` may propose and no more.
    """
    return user.pk not in contributors and any("N" in level for level, _ in levels(user, act))


def decision_limit(user: User, act: Act, team: Team) -> int | None:
    """What a person may decide at most by ``act`` for a team, in micros of the reporting currency.

    None when the roles through which they may do it carry no limit of their own; 0 when
    they may not do it at all. The policy's limits hold besides.
    """
    row = matrix()[act]
    limits = [
        membership.limit_micros
        for membership in user.current_memberships()
        if row[membership.role] != "-"
        and (team.path.startswith(membership.team.path) or row[membership.role] in WHOLE_TREE)
    ]
    known = [limit for limit in limits if limit is not None]
    return None if len(known) < len(limits) else max(known, default=0)


def needs_second_factor(user: User) -> bool:
    """Whether a person's roles are only used with a second factor at sign-in."""
    return settings.REQUIRE_SECOND_FACTOR and bool(user.roles & TWO_PERSON_ROLES)


def sees_money(user: User) -> bool:
    """Whether amounts are shown to this person at all (administrators need none)."""
    return can(user, Act.VIEW_MONEY)


def teams_with(user: User, act: Act) -> Iterable[Team]:
    """Teams in which a person may do ``act``, for pick lists."""
    return Team.objects.filter(scope_for(user, act).where("path"), is_archived=False)


def people_with(act: Act, team: Team) -> list[User]:
    """Who may do ``act`` to what belongs to a team, the nearest to the team first."""
    row = matrix()[act]
    roles = [role for role, level in row.items() if level != "-"]
    held = Membership.objects.filter(role__in=roles, user__is_active=True)
    near = [
        m
        for m in held.select_related("user", "team")
        if team.path.startswith(m.team.path) or row[m.role] in WHOLE_TREE
    ]
    near.sort(key=lambda m: (-len(m.team.path), row[m.role] in WHOLE_TREE, m.user.name))
    return list({m.user.pk: m.user for m in near}.values())


def has_role(user: User, role: Role, team: Team | None = None) -> bool:
    """Whether a person holds a role for a team (or anywhere)."""
    return any(
        m.role == role and (team is None or team.path.startswith(m.team.path))
        for m in user.current_memberships()
    )


P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def person(request: HttpRequest) -> User:
    """The signed-in person behind a request that passed ``gate``."""
    if not isinstance(request.user, User):
        raise NotAllowed("Please sign in first.")
    return request.user


def gate(*acts: Act, to: str = "") -> Callable[[View[P]], View[P]]:
    """First gate of a page: signed in, and at least one of ``acts`` held somewhere.

    ``to`` says what the page is for where the words of the first act would mislead.
    With no act, being signed in is enough. The object itself is fetched through
    ``for_user`` and checked with ``require``. The acts stay readable on the view as
    ``permission_acts``, which the permission tests and the matrix command use.
    """

    def wrap(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if acts and isinstance(request.user, User):
                _require_any(request.user, acts, to)
            return view(request, *args, **kwargs)

        checked: Any = login_required(guarded)
        checked.permission_acts = acts
        return checked  # type: ignore[no-any-return]

    return wrap


def _require_any(user: User, acts: Sequence[Act], to: str) -> None:
    if not any(can(user, act) for act in acts):
        raise NotAllowed(
            f"Your role does not allow you to {to or in_words(acts[0])}.",
            remedy="Ask somebody who holds the role, or an administrator.",
        )
