"""What waits for a person: each room names its own, the home page shows them together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.parts import Need


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits: how it is shown, how much is at stake, until when.

    ``stake_micros`` is in the reporting currency, 0 where no amount is known.
    """

    need: Need
    stake_micros: int = 0
    due_at: datetime | None = None


# The person is accounts.User; the shared floor does not know that model.
Provider = Callable[[Any, datetime], list[Waiting]]
_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Add ``provider(user, now)``; it answers only what this very person can do something about."""
    if provider not in _providers:
        _providers.append(provider)


def needs_of(user: Any, now: datetime) -> list[Waiting]:
    """Everything that waits for a person: what is due within two days first, then by stake."""
    waiting = [item for provider in _providers for item in provider(user, now)]
    return sorted(waiting, key=lambda item: (not _is_urgent(item, now), -item.stake_micros))


def _is_urgent(item: Waiting, now: datetime) -> bool:
    return item.due_at is not None and (item.due_at - now).days < 2
