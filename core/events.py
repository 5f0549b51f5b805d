"""The trail: one event per change, signed when written, sealed in a chain afterwards."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction

from core.models import Event, EventSeal

CHANNEL = "adroit_events"
GENESIS = "0" * 64
SEAL_LOCK = 7_402_411


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: a person by number and name, the automation, or the system itself."""

    name: str
    id: int | None = None
    kind: str = Event.ActorKind.PERSON


SYSTEM = Actor("Adroit", kind=Event.ActorKind.SYSTEM)
AUTOMATION = Actor("Automation", kind=Event.ActorKind.AUTOMATION)


def record(
    *,
    actor: Actor,
    action: str,
    subject: models.Model,
    at: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    team_path: str = "",
    is_security: bool = False,
    live: Iterable[str] = (),
) -> Event:
    """Write the event of a change; call it inside the transaction of the change.

    ``action`` is ``<noun>.<verb>`` ("campaign.approved"). ``before`` and ``after`` hold
    only the fields that changed. ``live`` names further things whose open pages
    should refresh ("alerts", "campaign:12").
    """
    change = Change(subject, before, after, team_path)
    event = _written(_next_ids(1)[0], actor, action, change, at, reason, is_security)
    event.save(force_insert=True)
    _announce(event, live)
    return event


@dataclass(frozen=True, slots=True)
class Change:
    """One of many changes that a single act makes."""

    subject: models.Model
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    team_path: str = ""


def record_many(
    *,
    actor: Actor,
    action: str,
    changes: Sequence[Change],
    at: datetime,
    reason: str = "",
    live: Iterable[str] = (),
) -> list[Event]:
    """``record`` for each of ``changes`` in a few statements; open pages hear of the last one
    of each team, with ``live`` naming whatever else should refresh."""
    ids = _next_ids(len(changes)) if changes else []
    found = [
        _written(number, actor, action, change, at, reason, False)
        for number, change in zip(ids, changes, strict=True)
    ]
    Event.objects.bulk_create(found, batch_size=2_000)
    for event in {event.team_path: event for event in found}.values():
        _announce(event, live)
    return found


def _written(
    number: int,
    actor: Actor,
    action: str,
    change: Change,
    at: datetime,
    reason: str,
    is_security: bool,
) -> Event:
    """The signed event of a change, not yet in the database."""
    subject = change.subject
    event = Event(
        id=number,
        at=at,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        action=action,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        subject_label=str(subject)[:300],
        team_path=change.team_path,
        before=plain(change.before),
        after=plain(change.after),
        reason=reason,
        is_security=is_security,
    )
    event.signature = signature(event)
    return event


def _next_ids(count: int) -> list[int]:
    """The numbers of the next events, known before they are written so that signatures cover them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('core_event', 'id')) FROM generate_series(1, %s)",
            [count],
        )
        return [int(number) for (number,) in cursor.fetchall()]


def plain(value: Any) -> Any:
    """``value`` as JSON can hold it without losing anything: decimals and moments as text."""
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _announce(event: Event, live: Iterable[str]) -> None:
    noun = event.subject_type.rpartition(".")[2]
    message = {
        "id": event.pk,
        "action": event.action,
        "team_path": event.team_path,
        "security": event.is_security,
        "subjects": [f"{noun}:{event.subject_id}", f"{noun}s", *live],
    }
    # NOTIFY is itself transactional: listeners hear it when, and only when, this commits.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, json.dumps(message)[:7900]])


def canonical(event: Event) -> bytes:
    """The bytes that signature and seal cover: every column but the signature, in one form."""
    content = {
        name: plain(getattr(event, name))
        for name in (field.attname for field in Event._meta.concrete_fields)
        if name != "signature"
    }
    content["at"] = event.at.timestamp().hex()
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def signature(event: Event) -> str:
    """HMAC-SHA256 of the event under the installation's key: a row written around us lacks it."""
    return hmac.new(settings.AUDIT_KEY.encode(), canonical(event), hashlib.sha256).hexdigest()


def _digest(previous: str, event: Event) -> str:
    link = previous.encode() + event.signature.encode() + canonical(event)
    return hashlib.sha256(link).hexdigest()


def seal(*, at: datetime, batch: int = 5_000) -> int:
    """Add every event that has no seal yet to the chain; returns how many."""
    total = 0
    while sealed := _seal_batch(at, batch):
        total += sealed
    return total


def _seal_batch(at: datetime, limit: int) -> int:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEAL_LOCK])
        position, digest = astuple(head())
        seals = []
        for event in Event.objects.filter(seal=None).order_by("id")[:limit]:
            position, digest = position + 1, _digest(digest, event)
            seals.append(EventSeal(position=position, event=event, digest=digest, sealed_at=at))
        EventSeal.objects.bulk_create(seals)
    return len(seals)


@dataclass(frozen=True, slots=True)
class Breach:
    """One row of the trail that is not what was written."""

    event_id: int | None
    position: int | None
    what: str


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain at some moment, to be kept outside the database."""

    position: int
    digest: str


def head() -> Head:
    """The newest seal."""
    last = EventSeal.objects.last()
    return Head(last.position, last.digest) if last else Head(0, GENESIS)


def verify(*anchors: Head) -> list[Breach]:
    """Every place where the trail was changed, cut, swapped or added to.

    ``anchors`` are heads that were kept elsewhere; with them a cut tail and a chain
    rewritten from end to end by somebody who has the key are found as well.
    """
    unsealed = Event.objects.filter(seal=None).order_by("id").iterator(2_000)
    return [
        *_Chain().breaches(),
        *(Breach(event.pk, None, FORGED) for event in unsealed if not _genuine(event)),
        *_against(anchors),
    ]


FORGED = "the event was changed, or written outside the product"
DELETED = "the event was deleted"
MISPLACED = "the event's place in the chain was changed, or the link to the one before"
CUT = "the trail was cut before the kept head"
REWRITTEN = "the chain is not the one whose head was kept"


def _genuine(event: Event) -> bool:
    return hmac.compare_digest(event.signature, signature(event))


def _against(anchors: Sequence[Head]) -> Iterator[Breach]:
    seals = EventSeal.objects.in_bulk([anchor.position for anchor in anchors])
    for anchor in anchors:
        kept = seals.get(anchor.position)
        if kept is None:
            yield Breach(None, anchor.position, CUT)
        elif kept.digest != anchor.digest:
            yield Breach(kept.event_id, kept.position, REWRITTEN)


class _Chain:
    """A walk along the seals; each row answers for itself, so one breach does not hide the next."""

    def __init__(self) -> None:
        self.expected = 1
        # The digest of the row before, as it is stored and as its event gives it. They
        # differ only where that row is a breach already; either is a good link from it.
        self.stored = self.computed = GENESIS

    def breaches(self) -> Iterator[Breach]:
        seals = EventSeal.objects.order_by("position").iterator(2_000)
        while some := list(islice(seals, 2_000)):
            events = Event.objects.in_bulk([seal.event_id for seal in some])
            for seal in some:
                yield from self._check(seal, events.get(seal.event_id))

    def _check(self, seal: EventSeal, event: Event | None) -> Iterator[Breach]:
        follows = seal.position == self.expected
        if not follows:
            lost = f"the seals {self.expected} to {seal.position - 1} were removed"
            yield Breach(None, self.expected, lost)
        if event is None:
            yield Breach(seal.event_id, seal.position, DELETED)
        elif not _genuine(event):
            yield Breach(event.pk, seal.position, FORGED)
        elif follows and seal.digest not in self._links(event):
            yield Breach(event.pk, seal.position, MISPLACED)
        self.computed = _digest(self.stored, event) if event else seal.digest
        self.stored, self.expected = seal.digest, seal.position + 1

    def _links(self, event: Event) -> set[str]:
        return {_digest(previous, event) for previous in {self.stored, self.computed}}
