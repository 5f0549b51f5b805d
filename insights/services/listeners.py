"""Who wants to know about findings: ``automation`` opens alerts, later rooms may do more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from insights.models import Finding

OPENED, CHANGED, ENDED = "opened", "changed", "ended"
Listener = Callable[[Finding, str, datetime], None]
_listeners: list[Listener] = []


def register_listener(listener: Listener) -> None:
    """``listener(finding, what, at)`` runs in the transaction of the finding."""
    _listeners.append(listener)


def tell(finding: Finding, what: str, at: datetime) -> None:
    """Tell everybody who registered."""
    for listener in _listeners:
        listener(finding, what, at)
