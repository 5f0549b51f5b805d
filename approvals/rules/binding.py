"""The fingerprint of what a decision covers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from approvals.rules.routing import Traits
from core.events import plain


@dataclass(frozen=True, slots=True)
class Bound:
    """Everything a decision covers; any difference in it makes the decision void.

    ``binding`` is the action's own content with the versions of what it touches,
    ``amount_micros`` what policy looked at (with earlier moves), ``own_micros`` the
    request's own amount, both in ``currency``; ``traits`` is what else policy looked at.
    """

    kind: str
    binding: Mapping[str, Any]
    amount_micros: int
    own_micros: int
    currency: str
    policy: int
    revision: int
    traits: Traits = field(default_factory=Traits)


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
        **_special(bound.traits),
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _special(traits: Traits) -> dict[str, Any]:
    """Traits of a change that has some; others keep the fingerprint they always had."""
    if traits == Traits():
        return {}
    return {
        "percent": None if traits.percent is None else f"{traits.percent:.2f}",
        "channels": sorted(traits.channels),
        "risk": traits.risk,
    }
