"""What the tests of approvals share."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from accounts.models import User
from approvals.models import ChangeRequest
from approvals.services import notices, registry
from tests.approvals.actions import Adding, Rename


@pytest.fixture(autouse=True)
def actions() -> Iterator[None]:
    """The test actions can be asked for."""
    for action in (Rename(), Adding()):
        registry.register_action(action)
    yield
    for kind in (Rename.kind, Adding.kind):
        registry._actions.pop(kind)


@pytest.fixture
def told() -> Iterator[list[tuple[str, str]]]:
    """(person, why) of everything that was told, in order."""
    heard: list[tuple[str, str]] = []

    def hear(request: ChangeRequest, person: User, notice: str, at: datetime) -> None:
        heard.append((person.name, str(notice)))

    notices.register_notifier(hear)
    yield heard
    notices._notifiers.remove(hear)
