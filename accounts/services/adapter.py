"""How allauth behaves here: people are invited, failed sign-ins are limited, secrets are encrypted."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import quote, urljoin

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.ratelimit import respond_429
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves, and guessing passwords ends with 429."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Below our own address, whatever host the request named."""
        path: str = reverse(
            "account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"}
        )
        return str(urljoin(settings.SITE_URL, path.replace("UID-KEY", quote(key))))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Answer 429 beyond the limit, the same for known and unknown addresses."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as limit:
            raise ImmediateHttpResponse(respond_429(request)) from limit

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # With where it is tried from, so that an attacker locks nobody out of their account.
        whose = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{whose}:{self.get_client_ip(request)}"


class MfaAdapter(DefaultMFAAdapter):
    """Keeps second factors encrypted: a copy of the database alone does not sign in."""

    def encrypt(self, text: str) -> str:
        return _keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _keys().decrypt(encrypted_text.encode()).decode()


def _keys() -> MultiFernet:
    """The key of today first, then those that were replaced."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_key(secret)) for secret in secrets])


def _key(secret: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(f"second factor:{secret}".encode()).digest())
