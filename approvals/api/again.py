"""Decisions over the API that take a fresh sign-in: a session has one, a token never."""

from __future__ import annotations

from collections.abc import Sequence

from rest_framework.request import Request

from accounts.models import ApiToken
from accounts.permissions import person
from accounts.services.fresh import is_fresh
from approvals.models import ChangeRequest
from approvals.selectors import asks_to_sign_in_again, sign_in_first
from core import clock


def require_fresh(request: Request, asked: Sequence[ChangeRequest], outcome: str) -> None:
    """Raise ``NotAllowed`` (``step_up_required``) when this takes a sign-in of the last ten minutes."""
    if not asks_to_sign_in_again(asked, outcome):
        return
    is_token = isinstance(request.auth, ApiToken)
    if is_token or not is_fresh(request.session, person(request), at=clock.now()):
        raise sign_in_first()
