"""Who must hear of a request: people (automation delivers), and upper apps that follow it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from accounts.models import User
from approvals.choices import Notice
from approvals.models import ChangeRequest

Notifier = Callable[[ChangeRequest, User, Notice, datetime], None]

Listener = Callable[[ChangeRequest, str, datetime], None]

# messenger(person, key=, title=, body=, url=, button=, facts=, at=): news of no one request.
Messenger = Callable[..., None]

_notifiers: list[Notifier] = []
_listeners: list[Listener] = []
_messengers: list[Messenger] = []


def register_notifier(notifier: Notifier) -> None:
    """Call ``notifier(request, person, notice, at)`` in the transaction of the change it tells of.

    It must only write rows (the outbox sends): what is rolled back is not told.
    """
    if notifier not in _notifiers:
        _notifiers.append(notifier)


def tell(request: ChangeRequest, people: Iterable[User], notice: Notice, at: datetime) -> None:
    """Let each person know once."""
    for person in {person.pk: person for person in people}.values():
        for notifier in _notifiers:
            notifier(request, person, notice, at)


def register_listener(listener: Listener) -> None:
    """Call ``listener(request, action, at)`` in the transaction of every change of a request.

    ``action`` is that of the trail: "request.submitted", "request.executed" and so on.
    """
    if listener not in _listeners:
        _listeners.append(listener)


def announce(request: ChangeRequest, action: str, at: datetime) -> None:
    """Let the upper apps know that something happened to a request."""
    for listener in _listeners:
        listener(request, action, at)


def register_messenger(messenger: Messenger) -> None:
    """Call ``messenger`` for news that belong to no one request, in the transaction of the change."""
    if messenger not in _messengers:
        _messengers.append(messenger)


def send(
    person: User,
    *,
    key: str,
    title: str,
    at: datetime,
    body: str = "",
    url: str = "",
    button: str = "Open in Adroit",
    facts: Mapping[str, str] | None = None,
) -> None:
    """Tell a person something once per ``key``."""
    for messenger in _messengers:
        messenger(
            person, key=key, title=title, body=body, url=url, button=button, facts=facts, at=at
        )
