"""Targets as they stood at a moment, from the trail of their changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from core.known import known_at
from core.models import Event
from core.once import once
from metrics.models import Target

DAYS = ("first_day", "last_day")
# An owner stands in the trail by name only, so who owns a target is who owns it now.
RESTORED = (*DAYS, "value_micros", "tolerance_percent", "currency")


@dataclass(slots=True)
class Since:
    """What happened to targets after a moment: what they were before it, by their numbers."""

    made: set[int] = field(default_factory=set)
    retired: set[int] = field(default_factory=set)
    before: dict[int, dict[str, Any]] = field(default_factory=dict)


def in_force() -> Q:
    """Targets that were not retired at the moment that the page shows."""
    return Q(is_retired=False) | Q(pk__in=_since(known_at()).retired)


def retired() -> Q:
    """Targets that had been retired by the moment that the page shows."""
    return Q(is_retired=True) & ~Q(pk__in=_since(known_at()).retired)


def known_then() -> Q:
    """Targets that had been set by the moment that the page shows."""
    return ~Q(pk__in=_since(known_at()).made)


def as_they_stood(targets: Iterable[Target], at: datetime | None = None) -> list[Target]:
    """Those of ``targets`` that were there at the moment, with the values they had then."""
    since = _since(at or known_at())
    return [_former(target, since) for target in targets if target.pk not in since.made]


def _former(target: Target, since: Since) -> Target:
    before: Mapping[str, Any] = since.before.get(target.pk, {})
    if not before and target.pk not in since.retired:
        return target
    then = copy(target)
    for name, value in before.items():
        setattr(then, name, date.fromisoformat(value) if name in DAYS else value)
    then.is_retired = target.is_retired and target.pk not in since.retired
    return then


def _since(at: datetime | None) -> Since:
    return once(("targets_since", at), lambda: _read(at)) if at else Since()


def _read(at: datetime) -> Since:
    """Newest first, so that the oldest change after the moment has the last word."""
    found = Since()
    rows: Sequence[tuple[str, str, Any]] = list(
        Event.objects.filter(subject_type="metrics.target", at__gt=at)
        .order_by("-id")
        .values_list("subject_id", "action", "before")
    )
    for subject, action, before in rows:
        number = int(subject)
        if action == "target.set":
            found.made.add(number)
        elif action == "target.retired":
            found.retired.add(number)
        elif action == "target.changed":
            was = {name: value for name, value in (before or {}).items() if name in RESTORED}
            found.before.setdefault(number, {}).update(was)
    return found
