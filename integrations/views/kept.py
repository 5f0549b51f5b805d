"""Which kept file a person looks at: a signed name that travels with the page."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.http import Http404

from accounts.models import User


def kept_token(salt: str, user: User, **told: Any) -> str:
    """A name for a kept file that only this person can use."""
    return signing.dumps({**told, "user": user.pk}, salt=salt)


def kept_file(salt: str, token: str, user: User) -> dict[str, Any]:
    """What the name stands for; 404 for a broken one and for another person's."""
    try:
        told: dict[str, Any] = signing.loads(token, salt=salt)
    except signing.BadSignature as error:
        raise Http404 from error
    if told["user"] != user.pk:
        raise Http404
    return told
