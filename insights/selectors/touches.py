"""Touches and conversions of a team as arrays: people and accounts are numbers, never names."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce, Lower

from accounts.models import Team
from analytics.arrays import IntArray
from analytics.attribution import Touches, grouped
from core.models import Organisation
from customers.models import Touchpoint
from insights.rules.attribution import Asked, channel_named, how_of
from insights.selectors.bigints import (
    BIG,
    MomentNumber,
    Own,
    TextNumber,
    bigints,
    own_people,
    who_number,
)
from insights.selectors.conversions import Amounts, conversions_read


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """The days that conversions are counted on, and from when touches before them are read."""

    first_day: date
    last_day: date
    reach: int

    @property
    def reads_from(self) -> datetime:
        return _midnight(self.first_day - timedelta(days=self.reach))

    @property
    def begins(self) -> datetime:
        return _midnight(self.first_day)

    @property
    def ends(self) -> datetime:
        """The moment after the last day."""
        return _midnight(self.last_day + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(Organisation.current().time_zone))


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """What a run read: numbers of people in ``touches.who`` and ``kinds``, amounts in micros.

    ``nobody`` are touches of which no person or account is known; ``gaps`` as in ``Found``.
    """

    touches: Touches
    kinds: Mapping[str, Amounts]
    currency: str
    nobody: int
    gaps: int

    @property
    def sha256(self) -> str:
        """Of exactly the rows that were read, in their order of time."""
        found = hashlib.sha256("|".join(self.touches.channels).encode())
        order = np.lexsort((self.touches.channel, self.touches.at, self.touches.who))
        for array in (self.touches.who, self.touches.at, self.touches.channel, self.touches.how):
            found.update(np.ascontiguousarray(array[order]).tobytes())
        for kind, amounts in sorted(self.kinds.items()):
            found.update(kind.encode())
            order = np.lexsort((amounts.micros, amounts.at, amounts.who))
            for array in (amounts.who, amounts.at, amounts.micros):
                found.update(np.ascontiguousarray(array[order]).tobytes())
        return found.hexdigest()


def read_records(
    team: Team, kind: str, asked: Asked, window: Window, *, beside: Sequence[str] = ()
) -> Read:
    """Touches of the window and before, every conversion of a kind up to its end, and when those
    of other kinds were."""
    own = own_people(team, asked.staff)
    touches, nobody = _touches(team, asked, window, own)
    found = conversions_read(team, kind, beside, own=own, level=asked.level, before=window.ends)
    return Read(touches, found.kinds, found.currency, nobody, found.gaps)


def _touches(team: Team, asked: Asked, window: Window, own: Own) -> tuple[Touches, int]:
    rows = Touchpoint.objects.filter(
        team__path__startswith=team.path, at__gte=window.reads_from, at__lt=window.ends
    )
    for word in asked.brand:
        rows = rows.exclude(campaign_name__icontains=word)
    rows = rows.exclude(contact__in=own.contacts).exclude(account__in=own.accounts)
    found = bigints(
        rows.annotate(
            _who=who_number(contact="contact", ref="contact_ref", account="account", level=asked.level),
            _at=MomentNumber(F("at")),
            _channel=Coalesce(F("channel"), Value(0), output_field=BIG),
            _kind=TextNumber(Lower("kind")),
        ),
        "_who", "_at", "_channel", "_kind",
    )  # fmt: skip
    known = found[found[:, 0] != 0]
    return _named(rows, known, asked), len(found) - len(known)


def _named(rows: QuerySet[Touchpoint], found: IntArray, asked: Asked) -> Touches:
    """With the channel's name and the way of each touch; without channels that are left out."""
    kinds = rows.order_by().annotate(_kind=TextNumber(Lower("kind")))
    labels = {
        (channel or 0, number): (channel_named(name, kind), how_of(kind))
        for channel, name, kind, number in kinds.values_list(
            "channel", "channel__name", "kind", "_kind"
        ).distinct()
    }
    channels = tuple(sorted({name for name, _ in labels.values()}))
    code = {name: number for number, name in enumerate(channels)}
    pairs, which = np.unique(found[:, 2:], axis=0, return_inverse=True)
    said = [labels[int(channel), int(kind)] for channel, kind in pairs]
    touches = Touches(
        who=found[:, 0],
        at=found[:, 1],
        channel=np.array([code[name] for name, _ in said], dtype=np.int64)[which.ravel()],
        how=np.array([how for _, how in said], dtype=np.int64)[which.ravel()],
        channels=channels,
    )
    return _kept(grouped(touches, dict(asked.groups)), asked.left_out)


def _kept(touches: Touches, left_out: Sequence[str]) -> Touches:
    """Without channels that do not count; by code, so that raw numbers of people stay."""
    names = {name.casefold() for name in left_out}
    keep = [n for n, name in enumerate(touches.channels) if name.casefold() not in names]
    code = np.full(len(touches.channels), -1)
    code[keep] = np.arange(len(keep))
    stays = code[touches.channel] >= 0
    return Touches(
        who=touches.who[stays],
        at=touches.at[stays],
        channel=code[touches.channel[stays]],
        how=touches.how[stays],
        channels=tuple(touches.channels[n] for n in keep),
    )
