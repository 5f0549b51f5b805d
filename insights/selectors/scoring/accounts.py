"""Accounts that are customers: whether they leave, and whether they buy more."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from django.db.models import F, Max
from django.db.models.functions import Coalesce

from customers.choices import Entity, Outcome
from customers.models import Account, Contact, Opportunity, Payment, Touchpoint, Usage
from insights.rules.scores import ACTIVE, CHURN, KINDS
from insights.selectors.scoring.attributes import Attributes
from insights.selectors.scoring.known import known_until
from insights.selectors.scoring.timelines import Came, Look, Row, Subject, Timelines, days_since

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Account:
    industry: str
    country: str


class Accounts:
    """Accounts with what they paid, used, opened and won; deleted ones are left out."""

    def __init__(
        self, kind: str, path: str, now: datetime, only: Collection[int] | None = None
    ) -> None:
        self.kind, self.now, self.horizon = kind, now, KINDS[kind].horizon
        self._path = path
        self._accounts, self.subjects = _read(path, only)
        scope = _Scope(path, now, only)
        self.payments = Timelines(scope.payments(is_failed=False))
        self.failures = Timelines(scope.payments(is_failed=True))
        self.usage = Timelines(scope.usage())
        self.touches = Timelines(scope.touches())
        self.people = Timelines(scope.people())
        self.opened = Timelines(scope.opened())
        self.closed = Timelines(scope.closed())
        self.won = Timelines(scope.won())
        self.was = Attributes(Entity.ACCOUNT, ["industry", "country"], only)

    @cached_property
    def until(self) -> datetime:
        """Up to when it is known what happened; asked for the past only."""
        return known_until(self._path, self.now)

    def past(self) -> list[Look]:
        """Every account one horizon apart, on days that its number decides and that stay."""
        looks = []
        for pk in self._accounts:
            at, first = self._newest(pk), self._since(pk)
            while first is not None and at >= first:
                looks.append(Look(pk, at))
                at -= self.horizon
        return [look for look in looks if self._is_customer(look)]

    def _newest(self, pk: int) -> datetime:
        """The account's newest day of looking whose outcome is known."""
        last = (self.until - self.horizon).date().toordinal()
        back = (last - zlib.crc32(str(pk).encode())) % self.horizon.days
        return datetime.combine(date.fromordinal(last - back), time(), UTC)

    def days(self) -> set[date]:
        lines = (self.payments, self.usage, self.touches, self.opened, self.won)
        return set().union(*(line.days() for line in lines))

    def present(self) -> list[Look]:
        looks = [Look(pk, self.now) for pk in self._accounts]
        return [look for look in looks if self._is_customer(look)]

    def _since(self, pk: int) -> datetime | None:
        known = (self.payments.first(pk), self.usage.first(pk), self.won.first(pk))
        return min(filter(None, known), default=None)

    def _is_customer(self, look: Look) -> bool:
        if self.kind == CHURN:
            return self._active_between(look.subject, look.at - ACTIVE, look.at)
        return self.won.count(look.subject, None, look.at) > 0

    def _active_between(self, pk: int, since: datetime, until: datetime) -> bool:
        return bool(self.payments.count(pk, since, until) or self.usage.count(pk, since, until))

    def came(self, look: Look) -> Came:
        end = look.at + self.horizon
        is_over = end <= self.until
        if self.kind == CHURN:
            back = (
                self.payments.next(look.subject, look.at),
                self.usage.next(look.subject, look.at),
            )
            at = min(filter(None, back), default=None)
            if at is not None and at <= end:
                return Came(value=False, at=at)
            return Came(value=True, at=end) if is_over else Came(None)
        at = self.won.next(look.subject, look.at)
        if at is not None and at <= end:
            return Came(value=True, at=at)
        return Came(value=False, at=end) if is_over else Came(None)

    def row(self, look: Look) -> Row:
        pk, at = look.subject, look.at
        account = self._accounts[pk]
        won = self.won.latest(pk, at)
        return {
            "industry": self.was.at(pk, "industry", at, account.industry),
            "country": self.was.at(pk, "country", at, account.country),
            "known_days": days_since(self._since(pk), at),
            **self._bought(pk, at),
            **self._used(pk, at),
            **self._touched(pk, at),
            "people": float(self.people.count(pk, None, at)),
            "open_deals": float(self.opened.count(pk, None, at) - self.closed.count(pk, None, at)),
            "won_before": float(self.won.count(pk, None, at)),
            "won_days": days_since(won[0] if won else None, at),
        }

    def _bought(self, pk: int, at: datetime) -> Row:
        paid = self.payments.latest(pk, at)
        quarter, before = at - 90 * DAY, at - 180 * DAY
        count = self.payments.count(pk, quarter, at)
        return {
            "paid_90": float(count),
            "paid_change": float(count - self.payments.count(pk, before, quarter)),
            "paid_days": days_since(paid[0] if paid else None, at),
            "failed_90": float(self.failures.count(pk, quarter, at)),
        }

    def _used(self, pk: int, at: datetime) -> Row:
        month, before = at - 30 * DAY, at - 60 * DAY
        used = sum(map(float, self.usage.values(pk, month, at)))
        latest = self.usage.latest(pk, at)
        return {
            "used_30": used if latest else None,
            "used_change": used - sum(map(float, self.usage.values(pk, before, month)))
            if latest
            else None,
            "used_days": days_since(latest[0] if latest else None, at),
        }

    def _touched(self, pk: int, at: datetime) -> Row:
        latest = self.touches.latest(pk, at)
        return {
            "touches_90": float(self.touches.count(pk, at - 90 * DAY, at)),
            "touch_days": days_since(latest[0] if latest else None, at),
            "touch_kind": str(latest[1]) if latest else "",
        }


def _read(
    path: str, only: Collection[int] | None
) -> tuple[Mapping[int, _Account], Mapping[int, Subject]]:
    found = Account.objects.filter(team__path__startswith=path, is_deleted=False)
    found = found if only is None else found.filter(pk__in=only)
    accounts, subjects = {}, {}
    for pk, team, of, *said in found.values_list(
        "pk", "team_id", "team__path", "industry", "country"
    ):
        accounts[pk], subjects[pk] = _Account(*said), Subject(team, of)
    return accounts, subjects


@dataclass(frozen=True, slots=True)
class _Scope:
    """Rows of a team's accounts, or of some of them, up to a moment."""

    path: str
    now: datetime
    only: Collection[int] | None

    def _of(self, model: Any) -> Any:
        found = model.objects.filter(team__path__startswith=self.path, account__isnull=False)
        return (found if self.only is None else found.filter(account__in=self.only)).order_by()

    def payments(self, *, is_failed: bool) -> Iterable[Any]:
        rows = self._of(Payment).filter(at__lte=self.now, is_failed=is_failed)
        return ((account, at, 1.0) for account, at in rows.values_list("account_id", "at"))

    def usage(self) -> Iterable[Any]:
        rows = self._of(Usage).filter(day__lte=self.now.date(), events__gt=0)
        for account, day, events in rows.values_list("account_id", "day", "events"):
            yield account, datetime.combine(day, time(), UTC), float(events)

    def touches(self) -> Iterable[Any]:
        rows = self._of(Touchpoint).filter(at__lte=self.now)
        yield from rows.values_list("account_id", "at", "kind").iterator()

    def people(self) -> Iterable[Any]:
        rows = self._of(Contact).filter(created_at__lte=self.now)
        return ((account, at, 1.0) for account, at in rows.values_list("account_id", "created_at"))

    def _deals(self) -> Any:
        return self._of(Opportunity).filter(is_deleted=False, created_at__lte=self.now)

    def opened(self) -> Iterable[Any]:
        pairs = self._deals().values_list("account_id", "created_at")
        return ((account, at, 1.0) for account, at in pairs)

    def _ended(self) -> Any:
        """With the moment a deal entered its last stage, else when it was to close."""
        ended = self._deals().exclude(outcome=Outcome.OPEN)
        at = Coalesce(Max("stages__entered_at"), F("closes_at"))
        return ended.annotate(ended_at=at).filter(ended_at__lte=self.now)

    def closed(self) -> Iterable[Any]:
        pairs = self._ended().values_list("account_id", "ended_at")
        return ((account, at, 1.0) for account, at in pairs)

    def won(self) -> Iterable[Any]:
        pairs = self._ended().filter(outcome=Outcome.WON).values_list("account_id", "ended_at")
        return ((account, at, 1.0) for account, at in pairs)
