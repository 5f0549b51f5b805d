"""What came of a request: each room that acts on one names what it made, the request's page shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from accounts.models import User
from approvals.choices import RequestState
from approvals.models import ChangeRequest
from core.parts import Need

Provider = Callable[[User, ChangeRequest], Sequence[Need]]
_providers: list[Provider] = []


def register_results(provider: Provider) -> None:
    """Add ``provider(user, request)``; it answers only what this person may see."""
    if provider not in _providers:
        _providers.append(provider)


def results_of(user: User, request: ChangeRequest) -> list[Need]:
    """Files, log entries and the like that a carried out request led to; none before that."""
    if request.state != RequestState.EXECUTED:
        return []
    return [made for provider in _providers for made in provider(user, request)]
