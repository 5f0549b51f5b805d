"""Failed payments and drops in usage: told to whoever listens, as soon as they are imported.

Alerts live above this floor; ``automation`` registers itself from its ``AppConfig.ready``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Max, Sum
from django.urls import reverse

from accounts.models import Team
from core import formats
from customers.choices import Entity
from customers.models import Account, Payment, Record, Usage

# A week against the four before it: shorter is noise, longer tells too late.
RECENT, BEFORE = timedelta(days=7), timedelta(days=28)
DROP = 0.5
# A handful of events a week halves by chance.
LEAST_EVENTS_A_WEEK = 20


@dataclass(frozen=True, slots=True)
class Incident:
    """``is_over`` says that what was told under this ``cause`` has ended."""

    cause: str
    team: Team
    title: str
    reason: str
    is_critical: bool = False
    is_over: bool = False


Listener = Callable[[Incident, datetime], None]
_listeners: list[Listener] = []


def register_listener(listener: Listener) -> None:
    """Add ``listener(incident, at)``; it is called in the transaction of the import."""
    if listener not in _listeners:
        _listeners.append(listener)


def incidents_tell(*, rows: Mapping[str, Sequence[Record]], at: datetime) -> None:
    """Look at the accounts whose payments or usage just came in."""
    payments = _accounts(Payment, rows.get(Entity.PAYMENT, ()))
    usage = _accounts(Usage, rows.get(Entity.USAGE, ()))
    for incident in [*_payment_incidents(payments), *_usage_incidents(usage)]:
        for listener in _listeners:
            listener(incident, at)


def _accounts(model: type[Record], records: Iterable[Record]) -> list[Account]:
    ids = model.objects.filter(pk__in=[record.pk for record in records]).values("account")
    return list(Account.objects.filter(pk__in=ids).select_related("team"))


def _payment_incidents(accounts: Iterable[Account]) -> Iterator[Incident]:
    for account in accounts:
        newest = account.payments.order_by("-at", "-id").first()
        if newest is None:
            continue
        cause = f"customers:payment:{account.pk}"
        if not newest.is_failed:
            yield Incident(cause, account.team, f"{account} has paid", "", is_over=True)
            continue
        amount = f" of {formats.money_exact(newest.amount)}" if newest.amount else ""
        yield Incident(
            cause,
            account.team,
            f"A payment{amount} of {account} failed",
            f"On {formats.day(newest.at.date())}: {newest.reason or 'no reason was given'}. "
            f"Its page: {reverse('customers:account', args=[account.pk])}",
            is_critical=account.payments.filter(is_failed=True).count() > 1,
        )


def _usage_incidents(accounts: Iterable[Account]) -> Iterator[Incident]:
    for account in accounts:
        last = account.usage.aggregate(last=Max("day"))["last"]
        recent, weekly = _used(account, last, RECENT), _used_before(account, last)
        if weekly is None or weekly < LEAST_EVENTS_A_WEEK:
            continue
        fall = 1 - recent / weekly
        yield Incident(
            f"customers:usage:{account.pk}",
            account.team,
            f"{account} uses {formats.percent(fall, 0)} less than before",
            f"{formats.number(recent)} events in the week to {formats.day(last)}, "
            f"{formats.number(round(weekly))} a week in the four weeks before. "
            f"Its page: {reverse('customers:account', args=[account.pk])}",
            is_over=fall < DROP,
        )


def _used(account: Account, until: date, length: timedelta) -> int:
    days = account.usage.filter(day__gt=until - length, day__lte=until)
    return int(days.aggregate(sum=Sum("events"))["sum"] or 0)


def _used_before(account: Account, last: date) -> float | None:
    """Events a week in the four weeks before the newest one; None where they are not all known."""
    start = last - RECENT - BEFORE
    if not account.usage.filter(day__lte=start + timedelta(days=1)).exists():
        return None
    return _used(account, last - RECENT, BEFORE) / 4
