"""The fingerprint of what a decision covers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.events import plain


@dataclass(frozen=True, slots=True)
class Bound:
    """Everything a decision covers; any difference in it makes the decision void.

    ``binding`` is the action's own content with the versions of what it touches,
    ``amount_micros`` what policy looked at (with earlier moves), ``own_micros`` the
    request's own amount, both in ``currency``.
    """

    kind: str
    binding: Mapping[str, Any]
    amount_micros: int
    own_micros: int
    currency: str
    policy: int
    revision: int


def content_hash(bound: Bound) -> str:
    """SHA-256 over one canonical form (sorted keys, no spaces, decimals and days as text)."""
    content = {
        "kind": bound.kind,
        "binding": plain(bound.binding),
        "amount_micros": bound.amount_micros,
        "own_micros": bound.own_micros,
        "currency": bound.currency,
        "policy": bound.policy,
        "revision": bound.revision,
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
