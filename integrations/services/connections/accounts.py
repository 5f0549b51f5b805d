"""Connections: made, changed, paused, tested; their credentials set and never shown again."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

from django.db import transaction
from django.utils.text import slugify

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import require
from campaigns.choices import Platform as AdPlatform
from campaigns.models import AdAccount
from core import events, sealed
from core.errors import Conflict, Invalid
from core.events import Actor
from integrations.choices import ConnectionState
from integrations.models import Connection, Source
from integrations.rules.api import Api, api_for, at
from integrations.services.connections.failures import PlatformError, SignInAgain
from integrations.services.connections.talking import Platform

MOST_SECRET = 4_000
# What people may change of a connection after it was made.
CHANGEABLE = ("name", "fields", "events", "lookback_days", "every_hours", "may_write")


@transaction.atomic
def connection_create(
    *,
    platform: str,
    account: str,
    team: Team,
    name: str,
    currency: str,
    time_zone: str,
    user: User,
    at: datetime,
    fields: Mapping[str, str] | None = None,
) -> Connection:
    """A connection to one account; it asks nothing until it has credentials."""
    require(user, Act.WRITE_CREDENTIALS, team=team)
    api = api_for(platform)
    account = account.strip()
    if not re.fullmatch(api.account_pattern, account):
        raise Invalid(
            f"“{account}” is no {api.account_label.lower()} of {api.label}.",
            where="account",
            remedy="Copy it from the platform, without spaces or dashes.",
        )
    known = Connection.objects.filter(platform=platform, account=account).first()
    if known:
        raise Conflict(
            f"This account is connected already, as {known}.",
            where="account",
            remedy="Open that connection, or ask an administrator who sees it.",
        )
    if time_zone not in available_timezones():
        raise Invalid(f"“{time_zone}” is no time zone.", where="time_zone")
    made = Connection.objects.create(
        key=slugify(f"{platform}-{account}")[:60],
        name=name or f"{api.label} {account}",
        platform=platform,
        account=account,
        team=team,
        source=_source(api, account, team, name, currency, time_zone),
        fields=_checked_fields(api, fields or {}),
        events=list(api.events.usual),
        lookback_days=api.lookback_days,
        created_by=user,
        created_at=at,
    )
    _record(made, "connection.created", user.as_actor(), at, after={"platform": platform})
    return made


def _source(api: Api, account: str, team: Team, name: str, currency: str, time_zone: str) -> Source:
    platform = api.key if api.key in AdPlatform.values else AdPlatform.OTHER
    ad_account = None
    if platform != AdPlatform.OTHER:
        ad_account = _ad_account(platform, account, team, name, currency, time_zone)
    return Source.objects.create(
        key=slugify(f"api-{api.key}-{account}")[:60],
        name=f"{name or account}, {api.label}"[:120],
        platform=platform,
        team=team,
        ad_account=ad_account,
        currency=currency,
        time_zone=time_zone,
    )


def _ad_account(
    platform: str, account: str, team: Team, name: str, currency: str, time_zone: str
) -> AdAccount:
    """The account files were imported for, or a new one; another currency is refused."""
    known, _ = AdAccount.objects.get_or_create(
        platform=platform,
        external_id=account,
        defaults={
            "team": team,
            "name": name or account,
            "currency": currency,
            "time_zone": time_zone,
        },
    )
    if known.currency != currency:
        raise Invalid(
            f"The ad account {known} is known already, and paid in {known.currency}.",
            where="currency",
            remedy=f"Choose {known.currency}.",
        )
    return known


def _checked_fields(api: Api, given: Mapping[str, str]) -> dict[str, str]:
    missing = [
        label
        for key, label in api.fields.items()
        if not given.get(key) and not label.endswith("(optional)")
    ]
    if missing:
        raise Invalid(f"{missing[0]} is missing.", where="fields", remedy="Copy it from there.")
    return {key: str(given.get(key, "")).strip()[:300] for key in api.fields}


@transaction.atomic
def connection_change(
    connection: Connection, *, user: User, at: datetime, changes: Mapping[str, Any]
) -> Connection:
    """Change how an account is read: name, lookback, rhythm, conversions, whether orders go out."""
    locked = Connection.objects.select_for_update().get(pk=connection.pk)
    require(user, Act.WRITE_CREDENTIALS, team=locked.team)
    wanted = {key: value for key, value in changes.items() if key in CHANGEABLE}
    api = api_for(locked.platform)
    if "fields" in wanted:
        wanted["fields"] = _checked_fields(api, wanted["fields"])
    if "events" in wanted:
        wanted["events"] = _checked_events(api, wanted["events"], events_known(locked))
    before = {key: getattr(locked, key) for key in wanted if getattr(locked, key) != wanted[key]}
    for key in before:
        setattr(locked, key, wanted[key])
    _require_limits(locked)
    if before:
        locked.save(update_fields=list(before))
        after = {key: wanted[key] for key in before}
        _record(locked, "connection.changed", user.as_actor(), at, before=before, after=after)
    return locked


def _checked_events(api: Api, given: Collection[str], known: Mapping[str, str]) -> list[str]:
    """Known kinds only; without one a platform's own count of conversions stands."""
    unknown = [event for event in given if event not in known]
    if unknown:
        raise Invalid(f"{api.label} has no conversion “{unknown[0]}”.", where="events")
    return list(dict.fromkeys(given))


def _require_limits(connection: Connection) -> None:
    if not 1 <= connection.lookback_days <= 60:
        raise Invalid(
            "The lookback is 1 to 60 days.",
            where="lookback_days",
            remedy="Read older days anew with a backfill.",
        )
    if not 1 <= connection.every_hours <= 168:
        raise Invalid("A sync runs every 1 to 168 hours.", where="every_hours")


@transaction.atomic
def credentials_set(
    connection: Connection, *, secrets: Mapping[str, str], user: User, at: datetime
) -> Connection:
    """Put new credentials in the place of the old ones. No event, log or answer holds them."""
    locked = Connection.objects.select_for_update().get(pk=connection.pk)
    require(user, Act.WRITE_CREDENTIALS, team=locked.team)
    wanted = api_for(locked.platform).auth.secrets
    given = {key: str(secrets.get(key, "")).strip() for key in wanted}
    missing = [label for key, label in wanted.items() if not given[key]]
    if missing:
        raise Invalid(
            f"{missing[0]} is missing.",
            where=next(key for key in wanted if not given[key]),
            remedy="Enter all of them; they are stored together.",
        )
    if any(len(text) > MOST_SECRET or not text.isprintable() for text in given.values()):
        raise Invalid("One of the credentials is no text of one line.", where="secrets")
    had = locked.sealed is not None
    locked.sealed = sealed.seal(json.dumps(given))
    locked.access = locked.access_until = None
    locked.credentials_at = at
    if locked.state in (ConnectionState.NEW, ConnectionState.SIGN_IN):
        locked.state, locked.next_at = ConnectionState.ACTIVE, at
    locked.error = locked.remedy = ""
    locked.save()
    action = "connection.credentials_rotated" if had else "connection.credentials_set"
    _record(locked, action, user.as_actor(), at, is_security=True)
    return locked


@transaction.atomic
def connection_pause(
    connection: Connection, *, user: User, at: datetime, paused: bool
) -> Connection:
    """Let an account rest, or go on with it at once."""
    locked = Connection.objects.select_for_update().get(pk=connection.pk)
    require(user, Act.WRITE_CREDENTIALS, team=locked.team)
    expected = ConnectionState.ACTIVE if paused else ConnectionState.PAUSED
    if locked.state != expected:
        raise Conflict(f"{locked} is {locked.get_state_display().lower()}.")
    locked.state = ConnectionState.PAUSED if paused else ConnectionState.ACTIVE
    locked.next_at = None if paused else at
    locked.save(update_fields=["state", "next_at"])
    action = "connection.paused" if paused else "connection.resumed"
    _record(locked, action, user.as_actor(), at)
    return locked


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What the platform says of its account; "" where it does not say."""

    name: str
    currency: str
    time_zone: str


def account_check(platform: Platform) -> AccountFacts:
    """Ask the platform who the account is; ``Invalid`` when its currency or time zone is another.

    Facts in two currencies or with days cut at different hours can never be told apart again.
    """
    shape = platform.api.account
    told = platform.ask(shape.request)
    found = AccountFacts(*(str(at(told, place) or "") if place else "" for place in (
        shape.name, shape.currency, shape.time_zone,
    )))  # fmt: skip
    source = platform.connection.source
    if found.currency and found.currency != source.currency:
        raise _differs("currency", found.currency, source.currency)
    if found.time_zone in available_timezones() and found.time_zone != source.time_zone:
        raise _differs("time zone", found.time_zone, source.time_zone)
    return found


def _differs(what: str, theirs: str, ours: str) -> Invalid:
    return Invalid(
        f"The account’s {what} is {theirs} at the platform and {ours} here; nothing was taken.",
        code="ACCOUNT_DIFFERS",
        remedy=f"If the account really changed its {what}, connect it as a new account; "
        "otherwise correct the account number.",
    )


def connection_test(platform: Platform, *, user: User, at: datetime) -> AccountFacts:
    """Ask one question and keep how it went; raises what went wrong."""
    held = platform.connection
    require(user, Act.WRITE_CREDENTIALS, team=held.team)
    try:
        found = account_check(platform)
        choices = _event_choices(platform)
    except (PlatformError, Invalid) as error:
        changes: dict[str, Any] = {"error": error.message, "remedy": error.remedy}
        if isinstance(error, SignInAgain) and held.sealed is not None:
            changes |= {"state": ConnectionState.SIGN_IN, "next_at": None}
        Connection.objects.filter(pk=held.pk).update(**changes)
        raise
    Connection.objects.filter(pk=held.pk).update(error="", remedy="", event_choices=choices)
    _record(held, "connection.tested", user.as_actor(), at, after={"account": found.name})
    return found


def events_known(connection: Connection) -> dict[str, str]:
    """The events that may be chosen as conversions: the platform's and the account's own."""
    return {**api_for(connection.platform).events.choices, **connection.event_choices}


def _event_choices(platform: Platform) -> dict[str, str]:
    """The events that the account itself has, by key."""
    known = platform.api.events.known
    if known is None:
        return {}
    listed = at(platform.ask(known.request), known.items) or []
    found = {str(at(one, known.key)): str(at(one, known.label) or "") for one in listed}
    return {key: label[:200] or key for key, label in found.items()}


def connections_reseal() -> int:
    """Bring everything that is sealed under the first key of today; returns how many."""
    count = 0
    for held in Connection.objects.exclude(sealed=None).select_for_update().iterator():
        held.sealed = sealed.reseal(held.sealed or b"")
        held.access = held.access_until = None
        held.save(update_fields=["sealed", "access", "access_until"])
        count += 1
    return count


def next_sync(connection: Connection, at: datetime) -> datetime:
    """When the account is due again."""
    return at + timedelta(hours=connection.every_hours)


def _record(
    connection: Connection,
    action: str,
    actor: Actor,
    at: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    is_security: bool = False,
) -> None:
    events.record(
        actor=actor,
        action=action,
        subject=connection,
        at=at,
        before=before,
        after=after,
        team_path=connection.team.path,
        is_security=is_security,
        live=["connections"],
    )
