"""Approved changes on their way to a platform: looked at first, sent once, looked at again.

Before anything is sent the order is marked as sent. So whatever happens then, the next try
knows that the outcome is unknown and reads the platform's value before it does anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import require
from campaigns.models import CampaignLine
from core import events, features, killswitch, outbox
from core.errors import Conflict
from core.events import SYSTEM, Actor
from integrations.choices import PLATFORM_ORDER, PLATFORM_ORDERS, ConnectionState, OrderState
from integrations.models import Connection, PlatformOrder
from integrations.rules import api as rules
from integrations.services.connections.failures import (
    Later,
    PlatformError,
    Unavailable,
    Unreadable,
)
from integrations.services.connections.talking import Platform

MOST_TRIES = 4
FIRST_PAUSE = timedelta(seconds=20)
OPEN = (OrderState.WAITING, OrderState.SENT)


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be set to what; ``target`` is the platform's number of a part of the campaign."""

    line: CampaignLine
    kind: str
    wanted: str
    target: str = ""


def connection_for(line: CampaignLine, kind: str) -> Connection | None:
    """The connection an order for this line may go through, None where there is none."""
    if line.ad_account is None or not line.external_id or not features.is_on(PLATFORM_ORDERS):
        return None
    held = Connection.objects.filter(
        source__ad_account=line.ad_account, may_write=True, state=ConnectionState.ACTIVE
    ).first()
    return held if held and kind in rules.api_for(held.platform).commands else None


@transaction.atomic
def order_ask(
    change: Change, *, key: str, actor: Actor, at: datetime, request_id: int | None = None
) -> PlatformOrder | None:
    """Ask once for a change under ``key``; None when no connection can carry it out."""
    if known := PlatformOrder.objects.filter(key=key).first():
        return known
    held = connection_for(change.line, change.kind)
    if held is None:
        return None
    order, created = PlatformOrder.objects.get_or_create(
        key=key,
        defaults={
            "connection": held,
            "line": change.line,
            "request_id": request_id,
            "kind": change.kind,
            "target": change.target or change.line.external_id,
            "wanted": rules.wanted_value(change.kind, change.wanted, change.line.currency),
            "asked_by_name": actor.name,
            "asked_at": at,
        },
    )
    if created:
        _record(order, "platform_order.asked", actor, at, after={"wanted": order.wanted})
        _enqueue(order, at, at)
    return order


def _enqueue(order: PlatformOrder, at: datetime, due: datetime) -> None:
    key = f"{PLATFORM_ORDER}:{order.pk}:{order.tries}:{due.isoformat()}"
    outbox.enqueue(PLATFORM_ORDER, key, {"order": order.pk}, at=at, not_before=due)


def order_work(order: PlatformOrder, *, platform: Platform) -> PlatformOrder:
    """Bring an order one try further; what it is afterwards stands on the order."""
    if order.state not in OPEN:
        return order
    if not features.is_on(PLATFORM_ORDERS) or order.connection.state != ConnectionState.ACTIVE:
        return _give_up(
            order, platform, "The connection is not in use, or orders are switched off.",
            "Switch it on and try again, or make the change at the platform.",
        )  # fmt: skip
    try:
        return _try(order, platform)
    except Later as error:
        return _put_off(order, platform, error.message, error.until)
    except (Unavailable, Unreadable) as error:
        return _again(order, platform, error.message)
    except (PlatformError, Conflict) as error:
        return _give_up(order, platform, error.message, error.remedy)


def _try(order: PlatformOrder, platform: Platform) -> PlatformOrder:
    command = platform.api.commands[order.kind]
    told, now = _read(order, platform, command)
    if rules.is_same(order.wanted, now):
        return _done(order, platform)
    if order.state == OrderState.SENT and order.before and now != order.before:
        return _give_up(
            order, platform,
            f"It stands at {now or 'nothing'} at the platform, neither what it was ({order.before}) "
            f"nor what was ordered ({order.wanted}).",
            "Somebody changed it there meanwhile. Decide which value holds, then try again or settle it.",
        )  # fmt: skip
    if order.tries >= MOST_TRIES:
        return _give_up(
            order, platform, f"Sent {order.tries} times, and the platform still says {now}.",
            "Make the change at the platform by hand, and settle the order here.",
        )  # fmt: skip
    if not _mark_sent(order, now, platform.clock()):
        return order
    _write(order, platform, command, told)
    _, after = _read(order, platform, command)
    if rules.is_same(order.wanted, after):
        return _done(order, platform)
    return _again(order, platform, f"The platform took the order, but still says {after}.")


def _read(order: PlatformOrder, platform: Platform, command: rules.Command) -> tuple[Any, str]:
    told = platform.ask(command.read, _values(order), tries=2)
    return told, rules.understood(command, rules.at(told, command.value), order.line.currency)


def _mark_sent(order: PlatformOrder, now: str, at: datetime) -> bool:
    """Of two workers with the same order only one gets True."""
    order.before = order.before or now
    mine = PlatformOrder.objects.filter(pk=order.pk, tries=order.tries, state__in=OPEN)
    changes = {"state": OrderState.SENT, "tries": order.tries + 1, "before": order.before}
    if not mine.update(sent_at=at, **changes):
        return False
    order.state, order.tries, order.sent_at = OrderState.SENT, order.tries + 1, at
    return True


@transaction.atomic
def _write(order: PlatformOrder, platform: Platform, command: rules.Command, told: Any) -> None:
    """Send it, while nobody can throw the kill switch; whoever throws it waits for this answer."""
    killswitch.refuse_when_on()
    kept = {name: rules.at(told, place) for name, place in command.keep.items()}
    value = rules.written(command, order.wanted, order.line.currency)
    values = {**_values(order), **kept, "value": value}
    platform.ask(command.write, values, tries=1)


def _values(order: PlatformOrder) -> Mapping[str, Any]:
    return {
        "campaign": order.line.external_id,
        "target": order.target,
        "currency": order.line.currency,
        "wanted": order.wanted,
    }


def _put_off(
    order: PlatformOrder, platform: Platform, message: str, due: datetime
) -> PlatformOrder:
    order.error, order.remedy = message, "Nothing to do: it goes on by itself."
    with transaction.atomic():
        order.save(update_fields=["error", "remedy"])
        _enqueue(order, platform.clock(), due)
    return order


def _again(order: PlatformOrder, platform: Platform, message: str) -> PlatformOrder:
    """Once more after a while, or never: then a person has to look."""
    if order.tries >= MOST_TRIES:
        return _give_up(
            order, platform, message,
            "Look at the campaign at the platform. Settle the order here when it is right.",
        )  # fmt: skip
    return _put_off(order, platform, message, platform.clock() + FIRST_PAUSE * 2**order.tries)


@transaction.atomic
def _done(order: PlatformOrder, platform: Platform) -> PlatformOrder:
    order.state, order.done_at = OrderState.DONE, platform.clock()
    order.error = order.remedy = ""
    order.save(update_fields=["state", "done_at", "error", "remedy"])
    values = {"before": order.before, "now": order.wanted, "tries": order.tries}
    _record(order, "platform_order.done", SYSTEM, order.done_at, after=values)
    return order


@transaction.atomic
def _give_up(order: PlatformOrder, platform: Platform, message: str, remedy: str) -> PlatformOrder:
    order.state, order.error, order.remedy = OrderState.NEEDS_PERSON, message, remedy
    order.save(update_fields=["state", "error", "remedy"])
    _record(
        order, "platform_order.needs_person", SYSTEM, platform.clock(), after={"error": message}
    )
    return order


@transaction.atomic
def order_retry(order: PlatformOrder, *, user: User, at: datetime) -> PlatformOrder:
    """Try again from the start; the platform's value is read first, as always."""
    locked = _parked(order, user)
    locked.state = OrderState.SENT if locked.tries else OrderState.WAITING
    # What stands there now is what a person has just looked at.
    locked.tries, locked.before = 0, ""
    locked.error = locked.remedy = ""
    locked.save()
    _record(locked, "platform_order.retried", user.as_actor(), at)
    _enqueue(locked, at, at)
    return locked


@transaction.atomic
def order_settle(
    order: PlatformOrder, *, user: User, at: datetime, done: bool, reason: str
) -> PlatformOrder:
    """A person says that it is done by hand, or that it is not wanted any more."""
    locked = _parked(order, user)
    locked.state = OrderState.DONE if done else OrderState.CANCELLED
    locked.done_at = at
    locked.save(update_fields=["state", "done_at"])
    action = "platform_order.settled" if done else "platform_order.cancelled"
    _record(locked, action, user.as_actor(), at, reason=reason)
    return locked


def _parked(order: PlatformOrder, user: User) -> PlatformOrder:
    locked = PlatformOrder.objects.select_for_update().get(pk=order.pk)
    require(
        user, Act.PAUSE_CAMPAIGN, team=locked.line.campaign.team,
        owner_id=locked.line.campaign.owner_id,
    )  # fmt: skip
    if locked.state != OrderState.NEEDS_PERSON:
        raise Conflict(
            f"This order is {locked.get_state_display().lower()}; nothing waits for you."
        )
    return locked


def _record(
    order: PlatformOrder,
    action: str,
    actor: Actor,
    at: datetime,
    *,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    live = [f"connection:{order.connection_id}", "platformorders"]
    events.record(
        actor=actor, action=action, subject=order, at=at, after=after, reason=reason,
        team_path=order.connection.team.path,
        live=[*live, f"changerequest:{order.request_id}"] if order.request_id else live,
    )  # fmt: skip
