"""How long ago somebody proved who they are: signing in again before what matters most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.sessions.backends.base import SessionBase
from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import User

# Shorter than what the sign-in package asks for changes of one's own account.
FRESH_FOR = timedelta(minutes=10)
SECOND_FACTOR = "mfa"


def is_fresh(session: SessionBase, user: User, *, at: datetime) -> bool:
    """Whether the person behind a session proved who they are within ten minutes.

    With a password, or with the second factor where the person has one.
    """
    records: Iterable[Mapping[str, Any]] = session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
    wanted = [one for one in records if not _needs_second(user) or one["method"] == SECOND_FACTOR]
    newest = max((one["at"] for one in wanted), default=0)
    return bool(newest) and 0 <= at.timestamp() - newest < FRESH_FOR.total_seconds()


def mark_fresh(session: SessionBase, user: User, *, at: datetime) -> None:
    """Write down that the person proved who they are just now; for sign-ins made by other means."""
    method = SECOND_FACTOR if _needs_second(user) else "password"
    record = {"method": method, "at": at.timestamp(), "reauthenticated": True}
    kept = session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [*kept, record]


def sign_in_again_url(user: User, back: str) -> str:
    """The page that asks for password or second factor, and leads back to ``back``."""
    page = "mfa_reauthenticate" if _needs_second(user) else "account_reauthenticate"
    return f"{reverse(page)}?{urlencode({REDIRECT_FIELD_NAME: back})}"


def _needs_second(user: User) -> bool:
    return bool(is_mfa_enabled(user))
