"""Making, changing and closing ways in."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import may, require
from core import events, fetching
from core.errors import Invalid
from core.sealed import seal
from integrations.choices import Every, WayKind
from integrations.models import Source, WayIn
from integrations.services.ways.fetches import FROM, TO

SENDER = re.compile(r"[^@\s]*@[^@\s]+\.[^@\s]+")
MOST_SENDERS = 50
SAMPLE_DAY = "2026-01-01"


@dataclass(frozen=True, slots=True)
class WayInput:
    """What a person says about a way. An empty ``url`` leaves the one that is kept."""

    name: str
    responsible: User
    source: Source | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    senders: Sequence[str] = ()
    url: str = ""
    every: str = Every.DAILY
    hour: int = 6
    lookback_days: int = 7


@transaction.atomic
def way_create(*, kind: str, team: Team, given: WayInput, user: User, at: datetime) -> WayIn:
    """A new way of a team; raises ``Invalid`` for an address that may not be fetched."""
    require(user, Act.UPLOAD_IMPORT, team=team, owner_id=user.pk)
    way = WayIn(kind=kind, team=team, key=_key(kind, team, given.name), made_by=user, made_at=at)
    if kind == WayKind.URL and not given.url:
        raise Invalid("Enter the address to fetch.", where="url")
    _fill(way, given)
    way.save()
    _record(way, "way.made", user, at, after=_told(way))
    return way


@transaction.atomic
def way_edit(way: WayIn, *, given: WayInput, user: User, at: datetime) -> WayIn:
    locked = WayIn.objects.select_for_update().get(pk=way.pk)
    require(user, Act.UPLOAD_IMPORT, team=locked.team, owner_id=locked.responsible_id)
    before = _told(locked)
    _fill(locked, given)
    locked.save()
    after = _told(locked) | ({"address": "entered anew"} if given.url else {})
    _record(locked, "way.changed", user, at, before=before, after=after)
    return locked


@transaction.atomic
def way_switch(way: WayIn, *, is_active: bool, user: User, at: datetime) -> None:
    """Close a way, or open it again; what it brought stays."""
    require(user, Act.UPLOAD_IMPORT, team=way.team, owner_id=way.responsible_id)
    changed = WayIn.objects.filter(pk=way.pk, is_active=not is_active).update(is_active=is_active)
    if changed:
        _record(way, "way.opened" if is_active else "way.closed", user, at)


def _key(kind: str, team: Team, name: str) -> str:
    """A folder's name is for people; the key of a mail address is for nobody to guess."""
    if kind == WayKind.MAIL:
        return secrets.token_hex(10)
    wanted = slugify(f"{team.name}-{name}")[:50] or "files"
    key, number = wanted, 2
    while WayIn.objects.filter(key=key).exists():
        key, number = f"{wanted}-{number}", number + 1
    return key


def _fill(way: WayIn, given: WayInput) -> None:
    if not may(given.responsible, Act.UPLOAD_IMPORT, team=way.team, owner_id=given.responsible.pk):
        raise Invalid(
            f"{given.responsible} may not import files for {way.team}.",
            where="responsible",
            remedy="Choose somebody who may, because held files wait for that person.",
        )
    way.name, way.responsible, way.source = given.name, given.responsible, given.source
    way.settings = dict(given.settings)
    if way.kind == WayKind.MAIL:
        way.senders = _senders(given.senders)
    if way.kind == WayKind.URL:
        way.every, way.hour, way.lookback_days = given.every, given.hour, given.lookback_days
        if given.url:
            _fill_url(way, given.url)


def _senders(given: Sequence[str]) -> list[str]:
    senders = list(dict.fromkeys(text.strip().lower() for text in given if text.strip()))
    wrong = next((text for text in senders if not SENDER.fullmatch(text)), None)
    if wrong or not senders or len(senders) > MOST_SENDERS:
        raise Invalid(
            f"“{wrong}” is no address." if wrong else f"Name 1 to {MOST_SENDERS} senders.",
            where="senders",
            remedy="One in each line: ads@agency.example, or @agency.example for all of them.",
        )
    return senders


def _fill_url(way: WayIn, url: str) -> None:
    sample = url.replace(FROM, SAMPLE_DAY).replace(TO, SAMPLE_DAY)
    fetching.refuse_address(sample)
    way.sealed_url, way.shown_url = seal(url), fetching.shown(sample)


def _told(way: WayIn) -> dict[str, Any]:
    told = {"name": way.name, "responsible": way.responsible.name, "settings": way.settings}
    if way.kind == WayKind.MAIL:
        return {**told, "senders": way.senders}
    if way.kind == WayKind.URL:
        schedule = {"every": way.every, "hour": way.hour, "lookback_days": way.lookback_days}
        return {**told, "host and path": way.shown_url, **schedule}
    return told


def _record(
    way: WayIn,
    action: str,
    user: User,
    at: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    events.record(
        actor=user.as_actor(),
        action=action,
        subject=way,
        at=at,
        before=before,
        after=after,
        team_path=way.team.path,
        live=["ways"],
    )
