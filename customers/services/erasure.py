"""Erasing a person: looked for first, taken out of every room after somebody confirmed it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import require
from core import events
from core.errors import Conflict, Invalid
from core.personal import Kind, Person, holders
from customers.models import Erasure, Suppression

_MOST_STEPS = 5


@transaction.atomic
def erasure_look(*, values: Mapping[Kind, str], user: User, at: datetime) -> Erasure:
    """Where a person is held, and how often. Nothing is changed; what was typed is not kept."""
    require(user, Act.INVITE_USER)
    person = _person(values)
    found = {holder.key: holder.count(person) for holder in holders()}
    made = Erasure.objects.create(
        marks=sorted(Person.typed(values).marks), found=found, asked_by=user, asked_at=at
    )
    _record(made, "erasure.looked", user, at, after={"found": found})
    return made


@transaction.atomic
def erasure_do(
    erasure: Erasure, *, values: Mapping[Kind, str], reason: str, user: User, at: datetime
) -> Erasure:
    """Take the person out everywhere and remember the mark, so that no later file brings them back.

    ``values`` must be those of the first step. Raises ``Conflict`` for another person or a
    second time.
    """
    require(user, Act.INVITE_USER)
    current = Erasure.objects.select_for_update().get(pk=erasure.pk)
    if current.state == Erasure.State.DONE:
        raise Conflict("This person is erased already.", code="already_done")
    if current.marks != sorted(Person.typed(values).marks):
        raise Conflict("This is not the person who was looked for.", remedy="Look again first.")
    if not reason.strip():
        raise Invalid("Say why the person is erased.", where="reason")
    person = _person(values)
    current.removed = {holder.key: holder.erase(person, at) for holder in holders()}
    Suppression.objects.bulk_create(
        (Suppression(mark=one) for one in sorted(person.marks)), ignore_conflicts=True
    )
    current.state, current.reason, current.done_at = Erasure.State.DONE, reason.strip(), at
    # They served to bind the two steps; a finished erasure says nothing about whom.
    current.marks = []
    current.save()
    _record(current, "erasure.done", user, at, after={"removed": current.removed}, reason=reason)
    return current


def _person(values: Mapping[Kind, str]) -> Person:
    """The person with every token that some room knows beside the typed ones."""
    person = Person.typed(values)
    if not person.tokens:
        raise Invalid(
            "A name alone belongs to many people.",
            where="email",
            remedy="Give an e-mail address, a phone number or a customer number.",
        )
    for _ in range(_MOST_STEPS):
        more = person.with_tokens(one for holder in holders() for one in holder.known(person))
        if more == person:
            break
        person = more
    return person


def _record(
    erasure: Erasure,
    action: str,
    user: User,
    at: datetime,
    *,
    after: Mapping[str, object],
    reason: str = "",
) -> None:
    events.record(
        actor=user.as_actor(),
        action=action,
        subject=erasure,
        at=at,
        after=after,
        reason=reason,
        is_security=True,
    )
