"""The matrix at the door of the API: a view names its acts, a token never exceeds its owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.mfa.utils import is_mfa_enabled
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts.choices import SIGNED_IN, Act, in_words
from accounts.models import ApiToken, User
from accounts.permissions import can, needs_second_factor
from core.errors import NotAllowed

if TYPE_CHECKING:
    from rest_framework.views import APIView

# Acts that a token does only when it was made for approving.
APPROVING = {
    Act.DECIDE_SMALL,
    Act.DECIDE_MEDIUM,
    Act.DECIDE_LARGE,
    Act.GIVE_HIGH_ROLE,
    Act.CHANGE_POLICY,
}
# Where one of these opens a door, no other act opens it to a token made for less.
DECIDING = {Act.DECIDE_SMALL, Act.DECIDE_MEDIUM, Act.DECIDE_LARGE}


class ActPermission(BasePermission):
    """Reads ``view.acts``: ``{"GET": Act.VIEW_CAMPAIGNS, "POST": Act.DRAFT_REQUEST}``.

    Several acts in a tuple mean any of them; ``SIGNED_IN`` means everybody who is. A
    view without an act for a method it answers is closed. Objects are checked by
    ``for_user`` and ``require``.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = request.user
        if not isinstance(user, User):
            return False
        method = str(request.method)
        if not hasattr(view, method.lower()):
            return True  # answered with 405 right after this
        acts = acts_of(view, method)
        if not acts:
            return False
        _require_second_factor(user)
        self.message = f"Your role or token does not allow you to {' or '.join(dict.fromkeys(map(in_words, acts)))}."
        if DECIDING & set(acts) and not _token_covers(request, Act.DECIDE_SMALL):
            return False
        return any(
            (act == SIGNED_IN or can(user, Act(act))) and _token_covers(request, act)
            for act in acts
        )


def acts_of(view: object, method: str) -> tuple[str, ...]:
    """The acts of which one is needed for a method; empty when the view names none."""
    declared: dict[str, str | tuple[str, ...]] = getattr(view, "acts", {})
    found = declared.get("GET" if method in SAFE_METHODS else method, ())
    return (found,) if isinstance(found, str) else tuple(found)


def _token_covers(request: Request, act: str) -> bool:
    token = request.auth
    if not isinstance(token, ApiToken):
        return True
    sends_only = token.access == ApiToken.Access.EVENTS
    if sends_only or act == Act.SEND_EVENTS:
        return sends_only and act == Act.SEND_EVENTS
    if request.method in SAFE_METHODS:
        return True
    if act in APPROVING:
        return token.access == ApiToken.Access.APPROVE
    return token.access != ApiToken.Access.READ


def _require_second_factor(user: User) -> None:
    if needs_second_factor(user) and not is_mfa_enabled(user):
        raise NotAllowed(
            "Your role needs a second factor.",
            code="second_factor_needed",
            remedy="Set one up under My account; tokens work from then on.",
        )
