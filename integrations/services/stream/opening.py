"""Opening a stream: a source of its own, so that what comes in by it stays apart from files."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import available_timezones

from django.db import transaction
from django.utils.text import slugify

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import require
from campaigns.choices import Platform
from campaigns.models import AdAccount
from core import events
from core.errors import Conflict, Invalid
from integrations.models import EventStream, Source


@transaction.atomic
def stream_open(
    *,
    user: User,
    team: Team,
    name: str,
    currency: str,
    time_zone: str,
    at: datetime,
    ad_account: AdAccount | None = None,
) -> EventStream:
    """A stream for a team, with the currency its amounts are in and the time zone of its days.

    With an ad account its campaigns are those of the account, known by the platform's number.
    """
    require(user, Act.SEND_EVENTS, team=team)
    key = _key(name, currency, time_zone)
    if ad_account and ad_account.currency != currency:
        raise Invalid(
            f"{ad_account} is paid in {ad_account.currency}.",
            where="currency",
            remedy=f"Choose {ad_account.currency}, or another ad account.",
        )
    source = Source.objects.create(
        key=key,
        name=name.strip(),
        platform=ad_account.platform if ad_account else Platform.OTHER,
        team=team,
        ad_account=ad_account,
        currency=currency,
        time_zone=time_zone,
    )
    stream = EventStream.objects.create(source=source, opened_by=user, opened_at=at)
    events.record(
        actor=user.as_actor(),
        action="stream.opened",
        subject=stream,
        at=at,
        after={"key": key, "currency": currency, "time_zone": time_zone},
        team_path=team.path,
        live=["streams"],
    )
    return stream


def _key(name: str, currency: str, time_zone: str) -> str:
    key = slugify(name)[:60]
    if not key:
        raise Invalid("Give the stream a name with letters or digits.", where="name")
    if len(currency) != 3 or not currency.isascii() or not currency.isupper():
        raise Invalid(f"“{currency}” is no currency; write EUR.", where="currency")
    if time_zone not in available_timezones():
        raise Invalid(f"“{time_zone}” is no time zone; write Europe/Berlin.", where="time_zone")
    if Source.objects.filter(key=key).exists():
        raise Conflict(
            f"There is a source called “{key}” already.",
            where="name",
            remedy="Choose another name.",
        )
    return key
