"""Leads: what was known of each on one of its first days, and whether an opportunity came of it."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from customers.choices import Entity
from customers.models import Contact, Lead, Opportunity, Payment, Touchpoint
from insights.rules.scores import KINDS, LEAD_AGE, LEADS
from insights.selectors.scoring.attributes import Attributes
from insights.selectors.scoring.known import known_until
from insights.selectors.scoring.timelines import Came, Look, Row, Subject, Timelines, days_since

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Lead:
    contact: int
    account: int | None
    became: datetime
    origin: str
    contact_origin: str
    industry: str
    country: str


class Leads:
    """Leads that have a person and a day on which they came in."""

    def __init__(self, path: str, now: datetime, only: Collection[int] | None = None) -> None:
        self.now, self.horizon = now, KINDS[LEADS].horizon
        self._path = path
        self._leads, self.subjects = _read(path, now, only)
        people = {one.contact for one in self._leads.values()} if only is not None else None
        firms = {one.account for one in self._leads.values() if one.account}
        accounts = firms if only is not None else None
        self.touches = Timelines(_touches(path, now, people))
        self.known_people = Timelines(_people(path, now, accounts))
        self.payments = Timelines(_payments(path, now, accounts))
        self.own_deals = Timelines(_own_deals(path, now, people))
        self.deals = Timelines(_deals(path, now, accounts))
        self.nameless_deals = Timelines(_deals(path, now, accounts, contacts=None))
        self.lead_was = Attributes(Entity.LEAD, ["origin"], only)
        self.contact_was = Attributes(Entity.CONTACT, ["origin"], people)
        self.account_was = Attributes(Entity.ACCOUNT, ["industry", "country"], accounts)

    @cached_property
    def until(self) -> datetime:
        """Up to when it is known what happened; asked for the past only."""
        return known_until(self._path, self.now)

    def past(self) -> list[Look]:
        """Each lead once, on a day of its first weeks that its number decides."""
        looks = [
            Look(pk, lead.became + DAY * (zlib.crc32(str(pk).encode()) % (LEAD_AGE + 1)))
            for pk, lead in self._leads.items()
        ]
        return [
            look
            for look in looks
            if look.at + self.horizon <= self.until and not self._is_converted(look)
        ]

    def present(self) -> list[Look]:
        """Leads of the last weeks that have not converted."""
        since = self.now - DAY * LEAD_AGE
        looks = [Look(pk, self.now) for pk, lead in self._leads.items() if lead.became >= since]
        return [look for look in looks if not self._is_converted(look)]

    def _is_converted(self, look: Look) -> bool:
        lead = self._leads[look.subject]
        first = self._converts(lead, lead.became)
        return first is not None and first <= look.at

    def _converts(self, lead: _Lead, after: datetime) -> datetime | None:
        own = self.own_deals.next(lead.contact, after)
        firm = self.nameless_deals.next(lead.account, after)
        return min(filter(None, (own, firm)), default=None)

    def came(self, look: Look) -> Came:
        """Converted within the horizon; not, once it is over."""
        at = self._converts(self._leads[look.subject], look.at)
        end = look.at + self.horizon
        if at is not None and at <= end:
            return Came(value=True, at=at)
        return Came(value=False, at=end) if end <= self.until else Came(None)

    def days(self) -> set[date]:
        came_in = {lead.became.date() for lead in self._leads.values()}
        return came_in | self.touches.days() | self.deals.days() | self.payments.days()

    def row(self, look: Look) -> Row:
        lead, at = self._leads[look.subject], look.at
        latest = self.touches.latest(lead.contact, at)
        origin = self.lead_was.at(look.subject, "origin", at, lead.origin)
        return {
            "age_days": days_since(lead.became, at),
            "origin": origin
            or self.contact_was.at(lead.contact, "origin", at, lead.contact_origin),
            "industry": self.account_was.at(lead.account, "industry", at, lead.industry),
            "country": self.account_was.at(lead.account, "country", at, lead.country),
            "touches_7": float(self.touches.count(lead.contact, at - 7 * DAY, at)),
            "touches_30": float(self.touches.count(lead.contact, at - 30 * DAY, at)),
            "touch_kinds": float(len(set(self.touches.values(lead.contact, None, at)))),
            "touch_days": days_since(latest[0] if latest else None, at),
            "touch_kind": str(latest[1]) if latest else "",
            "people": float(self.known_people.count(lead.account, None, at)),
            "deals_before": float(self.deals.count(lead.account, None, at)),
            "paid_before": float(self.payments.count(lead.account, None, at)),
        }


def _within(rows: Any, field: str, only: Collection[Any] | None) -> Any:
    return rows if only is None else rows.filter(**{f"{field}__in": only})


def _read(
    path: str, now: datetime, only: Collection[int] | None
) -> tuple[Mapping[int, _Lead], Mapping[int, Subject]]:
    found = _within(Lead.objects.filter(team__path__startswith=path), "pk", only)
    rows = found.filter(became_at__lte=now, contact__isnull=False).values_list(
        "pk", "team_id", "team__path", "contact_ref", "contact_id", "contact__account_id",
        "became_at", "origin", "contact__origin", "contact__account__industry",
        "contact__account__country",
    )  # fmt: skip
    leads, subjects = {}, {}
    for pk, team, of, ref, contact, account, became, origin, other, *firm in rows:
        leads[pk] = _Lead(contact, account, became, origin, other, *(text or "" for text in firm))
        subjects[pk] = Subject(team, of, ref)
    return leads, subjects


def _touches(path: str, now: datetime, people: Collection[int] | None) -> Iterable[Any]:
    rows = Touchpoint.objects.filter(team__path__startswith=path, contact__isnull=False)
    rows = _within(rows, "contact", people).filter(at__lte=now).order_by()
    yield from rows.values_list("contact_id", "at", "kind").iterator()


def _people(path: str, now: datetime, accounts: Collection[int] | None) -> Iterable[Any]:
    rows = Contact.objects.filter(team__path__startswith=path, account__isnull=False)
    rows = _within(rows, "account", accounts).filter(created_at__lte=now).order_by()
    return ((account, at, 1.0) for account, at in rows.values_list("account_id", "created_at"))


def _payments(path: str, now: datetime, accounts: Collection[int] | None) -> Iterable[Any]:
    rows = Payment.objects.filter(team__path__startswith=path, account__isnull=False)
    rows = _within(rows, "account", accounts).filter(at__lte=now, is_failed=False).order_by()
    return ((account, at, 1.0) for account, at in rows.values_list("account_id", "at"))


def _own_deals(path: str, now: datetime, people: Collection[int] | None) -> Iterable[Any]:
    rows = Opportunity.contacts.through.objects.filter(opportunity__team__path__startswith=path)
    rows = _within(rows, "contact", people).filter(
        opportunity__created_at__lte=now, opportunity__is_deleted=False
    )
    pairs = rows.values_list("contact_id", "opportunity__created_at")
    return ((contact, at, 1.0) for contact, at in pairs)


def _deals(
    path: str, now: datetime, accounts: Collection[int] | None, **more: object
) -> Iterable[Any]:
    rows = Opportunity.objects.filter(
        team__path__startswith=path, account__isnull=False, is_deleted=False, created_at__lte=now
    )
    rows = _within(rows, "account", accounts).filter(**more).order_by()
    pairs = rows.values_list("account_id", "created_at")
    return ((account, at, 1.0) for account, at in pairs)
