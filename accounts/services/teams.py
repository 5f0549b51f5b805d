"""The tree of teams. A role for a team reaches everything below it, so a move moves rights too."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import require
from core import events
from core.errors import Conflict, Invalid

TREE_LOCK = 7_402_413
DEEPEST = 8


@transaction.atomic
def team_create(*, name: str, parent: Team | None, by: User, at: datetime) -> Team:
    """A new team under ``parent``; without one it is a company of its own."""
    require(by, Act.GIVE_ROLE)
    _lock_tree()
    if parent is not None:
        parent = Team.objects.get(pk=parent.pk)
        _refuse_archived(parent)
        _refuse_depth(parent.depth + 1)
    try:
        with transaction.atomic():
            team = Team.plant(_clean(name), parent)
    except IntegrityError as error:
        raise _taken(name, parent) from error
    _record("team.created", team, by, at, None, {"name": team.name, "parent": _name(parent)})
    return team


@transaction.atomic
def team_rename(*, team: Team, name: str, by: User, at: datetime) -> Team:
    """Another name; two teams beside each other never share one."""
    require(by, Act.GIVE_ROLE)
    team = Team.objects.select_for_update(of=("self",)).get(pk=team.pk)
    before, team.name = team.name, _clean(name)
    if team.name == before:
        return team
    try:
        with transaction.atomic():
            team.save(update_fields=["name"])
    except IntegrityError as error:
        raise _taken(name, team.parent) from error
    _record("team.renamed", team, by, at, {"name": before}, {"name": team.name})
    return team


@transaction.atomic
def team_move(*, team: Team, parent: Team | None, by: User, at: datetime) -> Team:
    """Put a team and everything below it under another parent.

    Whoever holds a role above the new place sees it from the next request on, whoever
    held one above the old place no longer does.
    """
    require(by, Act.GIVE_ROLE)
    _lock_tree()
    team = Team.objects.get(pk=team.pk)
    parent = Team.objects.get(pk=parent.pk) if parent else None
    if team.parent_id == (parent.pk if parent else None):
        return team
    _refuse_place(team, parent)
    before = {"parent": _name(team.parent), "path": team.path}
    _rewrite_paths(team, f"{parent.path if parent else ''}{team.pk:04d}/")
    try:
        with transaction.atomic():
            Team.objects.filter(pk=team.pk).update(parent=parent)
    except IntegrityError as error:
        raise _taken(team.name, parent) from error
    team.refresh_from_db()
    _record("team.moved", team, by, at, before, {"parent": _name(parent), "path": team.path})
    return team


def _refuse_place(team: Team, parent: Team | None) -> None:
    if parent is None:
        return
    if parent.path.startswith(team.path):
        raise Conflict(
            f"{parent.name} is {'the same team' if parent == team else f'below {team.name}'}.",
            where="parent",
            remedy="Choose a team that is not part of the one you move.",
        )
    _refuse_archived(parent)
    below = Team.objects.filter(path__startswith=team.path)
    _refuse_depth(parent.depth + 1 + max(one.depth for one in below) - team.depth)


def _rewrite_paths(team: Team, path: str) -> None:
    below = Team.objects.filter(path__startswith=team.path)
    rest = Substr(F("path"), len(team.path) + 1)
    below.update(path=Concat(Value(path), rest))


@transaction.atomic
def team_archive(*, team: Team, by: User, at: datetime) -> Team:
    """Take a team out of use: nothing new is put there, everything it did stays readable."""
    require(by, Act.GIVE_ROLE)
    team = Team.objects.select_for_update(of=("self",)).get(pk=team.pk)
    if team.is_archived:
        raise Conflict(f"{team.name} is archived already.")
    if Team.objects.filter(parent=team, is_archived=False).exists():
        raise Conflict(
            f"{team.name} still has teams below it.", remedy="Move or archive those first."
        )
    return _set_archived(team, True, "team.archived", by, at)


@transaction.atomic
def team_restore(*, team: Team, by: User, at: datetime) -> Team:
    """Put an archived team into use again; the one above it must be in use."""
    require(by, Act.GIVE_ROLE)
    team = Team.objects.select_for_update(of=("self",)).get(pk=team.pk)
    if not team.is_archived:
        raise Conflict(f"{team.name} is in use.")
    if team.parent:
        _refuse_archived(team.parent)
    return _set_archived(team, False, "team.restored", by, at)


def _set_archived(team: Team, value: bool, action: str, by: User, at: datetime) -> Team:
    team.is_archived = value
    team.save(update_fields=["is_archived"])
    _record(action, team, by, at, {"is_archived": not value}, {"is_archived": value})
    return team


def _lock_tree() -> None:
    # Two moves at once could each be right and together make a ring.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TREE_LOCK])


def _clean(name: str) -> str:
    cleaned = " ".join(name.split())
    if not cleaned or len(cleaned) > 120:
        raise Invalid("A team needs a name of at most 120 characters.", where="name")
    return cleaned


def _refuse_archived(team: Team) -> None:
    if team.is_archived:
        raise Conflict(f"{team.name} is archived.", remedy="Restore it or choose another team.")


def _refuse_depth(depth: int) -> None:
    if depth >= DEEPEST:
        raise Invalid(f"Teams are at most {DEEPEST} deep.", where="parent")


def _taken(name: str, parent: Team | None) -> Conflict:
    where = f"in {parent.name}" if parent else "at the top"
    return Conflict(
        f"There is a team “{name}” {where} already.", where="name", remedy="Choose another name."
    )


def _name(team: Team | None) -> str | None:
    return team.name if team else None


def _record(
    action: str,
    team: Team,
    by: User,
    at: datetime,
    before: dict[str, Any] | None,
    after: dict[str, Any],
) -> None:
    events.record(
        actor=by.as_actor(), action=action, subject=team, at=at, before=before, after=after,
        team_path=team.path, is_security=True, live=["teams"],
    )  # fmt: skip
