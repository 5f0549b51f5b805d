"""Global search: apps register what they can find; each provider scopes to the person itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.parsers import UNKEPT


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: its kind in words, its name, a grey line, where it is."""

    kind: str
    label: str
    detail: str
    url: str
    icon: str = "file"


# The person is accounts.User; the shared floor does not know that model.
Provider = Callable[[Any, str, int], list[Hit]]

_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Add ``provider(user, text, limit) -> hits``; it answers only what ``user`` may see."""
    if provider not in _providers:
        _providers.append(provider)


def find(user: Any, text: str, *, limit: int = 6) -> dict[str, list[Hit]]:
    """Hits of all providers by kind, at most ``limit`` of each provider; none for an empty text."""
    words = UNKEPT.sub("", text).strip()
    hits = [hit for p in _providers for hit in p(user, words, limit)] if words else []
    kinds: dict[str, list[Hit]] = {}
    for hit in hits:
        kinds.setdefault(hit.kind, []).append(hit)
    return kinds
