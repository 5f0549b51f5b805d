"""Text that must be read back but never lie open: sealed with the installation's own keys.

The first key of ``SEALING_KEYS`` seals; every key opens, so that a key is changed by putting
a new one in front, running ``reseal`` over what was kept, and dropping the old one.
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from core.errors import Conflict


def seal(text: str) -> bytes:
    """``text`` encrypted and authenticated (AES-128-CBC and HMAC-SHA256, as Fernet says)."""
    return _box().encrypt(text.encode())


def unseal(sealed: bytes | memoryview) -> str:
    """What ``seal`` was given; ``Conflict`` when no key of ours opens it."""
    try:
        return _box().decrypt(bytes(sealed)).decode()
    except InvalidToken:
        raise Conflict(
            "What is kept here was sealed with a key that this installation no longer has.",
            code="unknown_key",
            remedy="Put the former key into SEALING_KEY_FALLBACKS, or enter the credentials anew.",
        ) from None


def reseal(sealed: bytes | memoryview) -> bytes:
    """The same text under the first key of today."""
    return seal(unseal(sealed))


def _box() -> MultiFernet:
    return MultiFernet([Fernet(_key(secret)) for secret in settings.SEALING_KEYS])


def _key(secret: str) -> bytes:
    """A Fernet key out of a secret of any length; ours are long and random, so a hash is enough."""
    return base64.urlsafe_b64encode(hashlib.sha256(b"adroit-seal:" + secret.encode()).digest())
