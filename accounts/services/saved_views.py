"""Saved views of lists: kept, renamed, shared with a team, opened first, deleted and brought back."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.http import QueryDict

from accounts.choices import LISTS
from accounts.models import DefaultView, SavedView, Team, User
from accounts.selectors import open_teams_for
from core import events
from core.errors import Conflict, Invalid, NotAllowed

LONGEST_QUERY = 4_000
# What stands in the address of a moment, not of a view.
PASSING = ("page", "export", "plain", "saved")


def kept_query(query: str) -> str:
    """The part of an address that a view keeps: filters, order, columns."""
    kept = QueryDict(query.lstrip("?"), mutable=True)
    for name in list(kept):
        if name in PASSING or name.endswith(".page"):
            del kept[name]
    return kept.urlencode(safe=",")


@transaction.atomic
def view_keep(
    *,
    user: User,
    page: str,
    name: str,
    query: str,
    at: datetime,
    team: Team | None = None,
    view: SavedView | None = None,
) -> SavedView:
    """Keep a list as it is under a name, or change one's own ``view``; ``team`` shares it."""
    if page not in LISTS:
        raise Invalid("This page has no views to save.", where="page")
    if not name.strip():
        raise Invalid("Give the view a name.", where="name")
    if len(query) > LONGEST_QUERY:
        raise Invalid("These are too many filters for one view.", where="query")
    if team is not None and not open_teams_for(user).filter(pk=team.pk).exists():
        raise Invalid("There is no such team, or you may not see it.", where="team")
    kept = _own(view, user) if view else SavedView(user=user, page=page)
    before = _content(kept) if view else None
    kept.name, kept.query, kept.team = name.strip(), kept_query(query), team
    _save(kept)
    if before != _content(kept):
        verb = "changed" if view else "created"
        _record(kept, verb, user, at, before=before, after=_content(kept))
    return kept


def _save(view: SavedView) -> None:
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as error:
        raise Conflict(
            f"You have a view “{view.name}” of this page already.",
            where="name",
            remedy="Choose another name, or change that one.",
        ) from error


@transaction.atomic
def view_default(*, user: User, page: str, view: SavedView | None, at: datetime) -> None:
    """Open a list with a view from now on; None opens it plain again."""
    if view is not None and view.page != page:
        raise Invalid("This is a view of another page.", where="view")
    if page not in LISTS:
        raise Invalid("This page has no views to save.", where="page")
    old = DefaultView.objects.filter(user=user, page=page).select_related("view").first()
    if old and old.view != view:
        old.delete()
        _record(old.view, "default_unset", user, at)
    if view is not None and not (old and old.view == view):
        DefaultView.objects.create(user=user, page=page, view=view)
        _record(view, "default_set", user, at)


@transaction.atomic
def view_delete(*, view: SavedView, user: User, at: datetime) -> None:
    """Take one's own view away; ``view_undelete`` brings it back."""
    kept = _own(view, user)
    kept.deleted_at = at
    kept.save(update_fields=["deleted_at"])
    _record(kept, "deleted", user, at, before=_content(kept))


@transaction.atomic
def view_undelete(*, view: SavedView, user: User, at: datetime) -> SavedView:
    """Bring a deleted view back."""
    kept = _own(view, user)
    kept.deleted_at = None
    _save(kept)
    _record(kept, "restored", user, at, after=_content(kept))
    return kept


def _own(view: SavedView, user: User) -> SavedView:
    if view.user_id != user.pk:
        raise NotAllowed(
            f"“{view}” belongs to {view.user.name}.", remedy="Save a copy under your own name."
        )
    return SavedView.objects.select_for_update().get(pk=view.pk)


def _content(view: SavedView) -> dict[str, str]:
    team = view.team.name if view.team else ""
    return {"name": view.name, "page": view.page, "query": view.query, "shared_with": team}


def _record(
    view: SavedView,
    verb: str,
    user: User,
    at: datetime,
    *,
    before: dict[str, str] | None = None,
    after: dict[str, str] | None = None,
) -> None:
    events.record(
        actor=user.as_actor(), action=f"saved_view.{verb}", subject=view, at=at, before=before,
        after=after, team_path=view.team.path if view.team else _home_path(user),
    )  # fmt: skip


def _home_path(user: User) -> str:
    """Where the trail of somebody's own things is read: in their first team."""
    held = user.current_memberships()
    return held[0].team.path if held else ""
