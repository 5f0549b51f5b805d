"""Who an event is about: a token from the first moment on, in events and in lines that were refused."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from typing import Any

from core import personal
from core.personal import Kind, Person
from customers.models import Suppression
from integrations.models import StreamEvent
from integrations.rules.stream import PERSON


def erased_marks() -> frozenset[str]:
    """The marks of people who were erased, who do not come in again."""
    return frozenset(Suppression.objects.values_list("mark", flat=True))


@lru_cache(maxsize=10_000)
def token_of(person: tuple[str, str], erased: frozenset[str]) -> str:
    """The token of (email, jane@example.com); of somebody erased no more than that."""
    kind, value = person
    if personal.is_erased(Kind(kind), value, "", erased):
        return personal.ERASED
    return personal.token(Kind(kind), value)


def hidden(text: str) -> str:
    """A refused line as it may be kept: what says who somebody is replaced by tokens."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return _without_addresses(text)
    person = found.get("person") if isinstance(found, dict) else None
    if person is None:
        return _without_addresses(text)
    found["person"] = _tokens(person)
    return _without_addresses(json.dumps(found, ensure_ascii=False))


def _tokens(person: Any) -> Any:
    if not isinstance(person, dict):
        return personal.ERASED
    return {
        kind: personal.token(Kind(kind), value)
        if kind in PERSON and isinstance(value, str)
        else personal.ERASED
        for kind, value in person.items()
    }


def _without_addresses(text: str) -> str:
    return personal.EMAIL.sub(lambda found: personal.token(Kind.EMAIL, found[0]), text)


class StreamPeople:
    """What finding, erasing and renewing reach here (see ``core.personal.Holder``)."""

    key = "stream"
    label = "Events of streams"

    def known(self, person: Person) -> Collection[str]:  # noqa: ARG002
        return ()

    def count(self, person: Person) -> int:
        return StreamEvent.objects.filter(person__in=person.tokens).count()

    def erase(self, person: Person, at: datetime) -> int:  # noqa: ARG002
        """The event stays counted, and says of nobody any more."""
        return StreamEvent.objects.filter(person__in=person.tokens).update(person=personal.ERASED)

    def renew(self) -> int:
        changed = 0
        for old in (
            StreamEvent.objects.exclude(person="").values_list("person", flat=True).distinct()
        ):
            if personal.is_outdated(old):
                new = personal.renew(old)
                changed += StreamEvent.objects.filter(person=old).update(person=new)
        token_of.cache_clear()
        return changed
