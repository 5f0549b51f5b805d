"""What was concluded from batches of facts: upper floors say so, whoever undoes a batch is shown it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from accounts.models import User
from metrics.models import Batch


@dataclass(frozen=True, slots=True)
class Dependent:
    """Something that stands on facts: what it is, its name, where it is, what undoing means for it."""

    what: str
    name: str
    url: str = ""
    meaning: str = ""


Provider = Callable[[User, Sequence[Batch]], Iterator[Dependent]]
_providers: list[Provider] = []


def register_dependents(provider: Provider) -> None:
    """Add ``provider(user, batches)``, which names only what this person may see."""
    if provider not in _providers:
        _providers.append(provider)


def dependents_of(user: User, batches: Sequence[Batch]) -> list[Dependent]:
    """Everything registered that stands on these batches."""
    return [found for provider in _providers for found in provider(user, batches)]
