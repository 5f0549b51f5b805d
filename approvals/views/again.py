"""Signing in again before a decision that matters, and finding afterwards what one had typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from accounts.services.fresh import is_fresh, sign_in_again_url
from approvals.models import ChangeRequest
from approvals.selectors import asks_to_sign_in_again
from core import clock
from core.pages import redirect_to

TYPED = "approvals.typed"
# What was typed and may come back; nothing else of a form is kept.
FIELDS = ("outcome", "reason", "option")


def must_sign_in_again(
    request: HttpRequest, user: User, asked: Sequence[ChangeRequest], outcome: str
) -> bool:
    """Whether this decision waits until the person has proved again who they are."""
    return asks_to_sign_in_again(asked, outcome) and not is_fresh(
        request.session, user, at=clock.now()
    )


def lead_to_sign_in(
    request: HttpRequest, user: User, key: str, typed: Mapping[str, Any], back: str
) -> HttpResponse:
    """Keep what was typed and ask for password or second factor; then on to ``back``."""
    request.session[TYPED] = {"key": key, **typed}
    messages.info(request, "Sign in again to decide this. What you wrote is kept.")
    return redirect_to(request, sign_in_again_url(user, back))


def keep(posted: Mapping[str, Any]) -> dict[str, str]:
    """The part of a decision's form that is kept."""
    return {name: str(posted.get(name) or "") for name in FIELDS}


def typed_before(request: HttpRequest, key: str) -> dict[str, Any] | None:
    """What the person had typed for ``key`` before they signed in again; it is there once."""
    kept = request.session.get(TYPED)
    if not isinstance(kept, dict) or kept.get("key") != key:
        return None
    del request.session[TYPED]
    return kept
