"""Bearer tokens: ``Authorization: Bearer adr_...``, with the owner's rights of this moment."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import ApiToken, User
from accounts.services.tokens import digest_of
from core import clock, sessions

# Writing each use would cost more than it tells.
USED_PRECISION = timedelta(minutes=1)


class TokenAuthentication(BaseAuthentication):
    """Finds the token's owner; an expired, revoked or unknown token is refused alike."""

    keyword = "Bearer"

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        parts = get_authorization_header(request).decode("latin-1").split()
        if not parts or parts[0] != self.keyword:
            return None
        secret = parts[1] if len(parts) == 2 else ""
        now = clock.now()
        token = (
            ApiToken.objects.filter(digest=digest_of(secret))
            .filter(Q(revoked_at=None), expires_at__gt=now, user__is_active=True)
            .select_related("user")
            .first()
        )
        if token is None:
            raise AuthenticationFailed("This token is unknown, expired or revoked.")
        if token.used_at is None or now - token.used_at > USED_PRECISION:
            ApiToken.objects.filter(pk=token.pk).update(used_at=now)
        sessions.use(sessions.fingerprint_of("token", token.digest))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        return self.keyword


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the API's description names it."""

    target_class = "accounts.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:  # noqa: ARG002
        return {"type": "http", "scheme": "bearer", "description": "An API token: adr_…"}
