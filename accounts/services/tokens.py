"""API tokens: the secret is shown once, only its digest is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction

from accounts.choices import Act
from accounts.models import ApiToken, User
from accounts.permissions import can, require
from core import events
from core.errors import Conflict, Invalid, NotAllowed

PREFIX = "adr_"
SHOWN = 12
LONGEST = 365
MOST = 20


def digest_of(secret: str) -> str:
    """What is kept of a secret and looked up."""
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def token_create(
    *, user: User, name: str, access: str, days: int, at: datetime
) -> tuple[ApiToken, str]:
    """A token for oneself, and its secret, which nobody can read again.

    It never allows more than its owner may at that moment; approving has to be asked
    for by name. Ends after ``days`` (1 to 365).
    """
    require(user, Act.CREATE_TOKEN, owner_id=user.pk)
    _check(user, name, access, days)
    alive = ApiToken.objects.filter(user=user, revoked_at=None, expires_at__gt=at)
    if alive.count() >= MOST:
        raise Conflict(f"You have {MOST} tokens.", remedy="Revoke one that is no longer used.")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name.strip(),
        access=access,
        prefix=secret[:SHOWN],
        digest=digest_of(secret),
        created_at=at,
        expires_at=at + timedelta(days=days),
    )
    events.record(
        actor=user.as_actor(), action="token.created", subject=token, at=at,
        after={"name": token.name, "access": access, "expires_at": token.expires_at},
        is_security=True,
    )  # fmt: skip
    return token, secret


def _check(user: User, name: str, access: str, days: int) -> None:
    if not name.strip():
        raise Invalid("Give the token a name, so that you know it again.", where="name")
    if access not in ApiToken.Access.values:
        raise Invalid(f"“{access}” is not an access.", where="access")
    if not 1 <= days <= LONGEST:
        raise Invalid(f"A token lasts 1 to {LONGEST} days.", where="days")
    deciding = (Act.DECIDE_SMALL, Act.DECIDE_MEDIUM, Act.DECIDE_LARGE)
    if access == ApiToken.Access.APPROVE and not any(can(user, act) for act in deciding):
        raise NotAllowed("Your role approves nothing, so a token cannot either.", where="access")


@transaction.atomic
def token_revoke(*, token: ApiToken, by: User, at: datetime) -> ApiToken:
    """End a token at once: one's own, or anybody's for an administrator."""
    if token.user_id != by.pk:
        require(by, Act.REVOKE_TOKEN)
    if not ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at):
        raise Conflict("This token is revoked already.")
    token.revoked_at = at
    events.record(
        actor=by.as_actor(), action="token.revoked", subject=token, at=at,
        after={"name": token.name, "owner": token.user.name}, is_security=True,
    )  # fmt: skip
    return token
