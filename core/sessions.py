"""By which sign-in something is done: a fingerprint that names the session or token, and opens neither.

A middleware sets it for the length of a request; commands and workers have none ("").
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

_present: ContextVar[str] = ContextVar("adroit_sign_in", default="")


def fingerprint() -> str:
    """The fingerprint of the sign-in behind the running request; "" outside of one."""
    return _present.get()


def fingerprint_of(kind: str, key: str) -> str:
    """A fingerprint of a session's key or a token's digest; "" for none."""
    return hashlib.sha256(f"{kind}:{key}".encode()).hexdigest() if key else ""


def use(found: str) -> None:
    """What the rest of this request is done by (the API's tokens are read later than sessions)."""
    _present.set(found)


class SignInFingerprint:
    """Knows during a request by which session it came."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.session.session_key if request.user.is_authenticated else ""
        token = _present.set(fingerprint_of("session", key or ""))
        try:
            return self.get_response(request)
        finally:
            _present.reset(token)
