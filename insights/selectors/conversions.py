"""Conversions of customer records: payments, deals and leads, whose they are and what for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import numpy as np
from django.db.models import Case, F, Max, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from accounts.models import Team
from analytics.arrays import BoolArray, IntArray
from core.models import Organisation
from core.periods import Period
from customers.choices import Outcome
from customers.models import Contact, Lead, Opportunity, Payment, StageEntry
from insights.models import Conversion
from insights.selectors.bigints import ACCOUNTS, BIG, MomentNumber, Own, bigints, who_number
from metrics.selectors.rates import rates_between

# Numbers of people nobody knows, each of them one: above all records, below all accounts.
NOBODY = 1 << 61


@dataclass(frozen=True, slots=True, eq=False)
class Amounts:
    """Conversions of one kind: who (numbers of ``who_number``), when, and for how many micros."""

    who: IntArray
    at: IntArray
    micros: IntArray

    def where(self, keep: BoolArray | IntArray) -> Amounts:
        return Amounts(self.who[keep], self.at[keep], self.micros[keep])

    def firsts(self) -> Amounts:
        """Only the first of each."""
        order = np.lexsort((self.at, self.who))
        who = self.who[order]
        is_first = np.concatenate(([True], who[1:] != who[:-1]))[: len(who)]
        return self.where(order[is_first])


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Conversions by kind; only those of the kind asked for have amounts, in ``currency``.

    ``gaps`` of them are in a currency that nobody gave a rate for: their amounts are missing.
    """

    kinds: Mapping[str, Amounts]
    currency: str
    gaps: int


def conversions_read(
    team: Team, kind: str, beside: Sequence[str], *, own: Own, level: str, before: datetime
) -> Found:
    """Every conversion of a kind before a moment, and when those of other kinds were."""
    rows = {one: _ROWS[one](team, own, level).filter(_moment__lt=before) for one in (kind, *beside)}
    currencies = _currencies(rows[kind])
    to = currencies[0] if len(currencies) == 1 else Organisation.current().reporting_currency
    amounts, gaps = _amounts(rows[kind], currencies, to)
    others = {one: _amounts(rows[one], (), to)[0] for one in beside if one != kind}
    if kind == Conversion.CUSTOMER:
        amounts = amounts.where((amounts.who < NOBODY) | (amounts.who >= ACCOUNTS)).firsts()
    return Found({**others, kind: amounts}, to, gaps)


def _has_amount(rows: QuerySet[Any]) -> bool:
    return rows.model is not Lead


def _currencies(rows: QuerySet[Any]) -> list[str]:
    if not _has_amount(rows):
        return []
    named = rows.exclude(currency="").exclude(amount_micros=None)
    return sorted(set(named.order_by().values_list("currency", flat=True).distinct()))


def _amounts(rows: QuerySet[Any], currencies: Sequence[str], to: str) -> tuple[Amounts, int]:
    """Whoever is not known is somebody of their own: nothing can have led to their conversion."""
    code = [When(currency=name, then=Value(n)) for n, name in enumerate(currencies)]
    nothing = Value(0, output_field=BIG)
    found = bigints(
        rows.annotate(
            _at=MomentNumber(F("_moment")),
            _micros=Coalesce(F("amount_micros"), 0, output_field=BIG) if code else nothing,
            _currency=Case(*code, default=Value(-1), output_field=BIG) if code else nothing,
        ),
        "_who", "_at", "_micros", "_currency",
    )  # fmt: skip
    who = np.where(found[:, 0] == 0, NOBODY + np.arange(len(found)), found[:, 0])
    micros = np.where(found[:, 3] < 0, 0, found[:, 2])
    missing = 0
    for number, name in enumerate(currencies):
        if name != to:
            at = np.flatnonzero(found[:, 3] == number)
            micros[at], gaps = _exchanged(found[at, 1], micros[at], name, to)
            missing += gaps
    return Amounts(who, found[:, 1], micros), missing


def _exchanged(at: IntArray, micros: IntArray, base: str, to: str) -> tuple[IntArray, int]:
    """Amounts at the rate of their day, 0 where nobody knew one, and how many those are."""
    if not len(at):
        return micros, 0
    days = [_day(int(moment)) for moment in at]
    rates = rates_between([base], to, Period("amounts", min(days), max(days)))
    starts = np.array([rate.valid_from.toordinal() for rate in rates], dtype=np.int64)
    place = np.searchsorted(starts, [day.toordinal() for day in days], side="right") - 1
    exact = [Fraction(rate.rate) for rate in rates]
    found = [
        round(int(amount) * exact[at_rate]) if at_rate >= 0 else 0
        for amount, at_rate in zip(micros, place, strict=True)
    ]
    return np.array(found, dtype=np.int64), int((place < 0).sum())


def _day(micros: int) -> date:
    return datetime.fromtimestamp(micros / 1_000_000, UTC).date()


def _payments(team: Team, own: Own, level: str) -> QuerySet[Any]:
    """Payments that succeeded, refunds left out; a payer is found by e-mail, else by number."""
    same = Contact.objects.filter(team=OuterRef("team"))
    by_mail = same.filter(email=OuterRef("contact_ref")).exclude(email="")
    by_number = same.filter(number=OuterRef("contact_ref"), system=OuterRef("system"))
    rows = Payment.objects.filter(team__path__startswith=team.path, is_failed=False)
    found = (
        rows.filter(amount_micros__gte=0)
        .annotate(
            _moment=F("at"),
            _contact=Coalesce(
                Subquery(by_mail.order_by("pk").values("pk")[:1]),
                Subquery(by_number.order_by("pk").values("pk")[:1]),
                output_field=BIG,
            ),
        )
        .annotate(
            _who=who_number(contact="_contact", ref="contact_ref", account="account", level=level)
        )
    )
    return _without(found, own, person="_contact")


def _without(
    rows: QuerySet[Any], own: Own, *, person: str, account: str = "account"
) -> QuerySet[Any]:
    if own.contacts:
        rows = rows.filter(Q(**{f"{person}__isnull": True}) | ~Q(**{f"{person}__in": own.contacts}))
    if own.accounts:
        rows = rows.filter(
            Q(**{f"{account}__isnull": True}) | ~Q(**{f"{account}__in": own.accounts})
        )
    return rows


def _deals(team: Team, own: Own, level: str) -> QuerySet[Any]:
    """Deals that were not deleted, the first of their people standing for them."""
    people = Opportunity.contacts.through.objects.filter(opportunity=OuterRef("pk"))
    first = people.order_by("contact").values("contact")[:1]
    rows = Opportunity.objects.filter(team__path__startswith=team.path, is_deleted=False)
    found = rows.annotate(_contact=Subquery(first, output_field=BIG)).annotate(
        _who=who_number(contact="_contact", ref="", account="account", level=level)
    )
    return _without(found, own, person="_contact")


def _opened(team: Team, own: Own, level: str) -> QuerySet[Any]:
    found: QuerySet[Any] = _deals(team, own, level).annotate(_moment=F("created_at"))
    return found.exclude(_moment=None)


def _won(team: Team, own: Own, level: str) -> QuerySet[Any]:
    """Won when the stage that it is in was entered, else on the day it was to close."""
    entries = StageEntry.objects.filter(opportunity=OuterRef("pk"), stage=OuterRef("stage"))
    entered = entries.order_by().values("opportunity").annotate(n=Max("entered_at")).values("n")
    rows = _deals(team, own, level).filter(outcome=Outcome.WON)
    moment = Coalesce(Subquery(entered), F("closes_at"), F("created_at"))
    found: QuerySet[Any] = rows.annotate(_moment=moment)
    return found.exclude(_moment=None)


def _leads(team: Team, own: Own, level: str) -> QuerySet[Any]:
    rows = Lead.objects.filter(team__path__startswith=team.path).exclude(became_at=None)
    found = rows.annotate(
        _moment=F("became_at"),
        _who=who_number(
            contact="contact", ref="contact_ref", account="contact__account", level=level
        ),
    )
    return _without(found, own, person="contact", account="contact__account")


_ROWS: Mapping[str, Callable[[Team, Own, str], QuerySet[Any]]] = {
    Conversion.CUSTOMER: _payments,
    Conversion.PAYMENT: _payments,
    Conversion.WON: _won,
    Conversion.OPPORTUNITY: _opened,
    Conversion.LEAD: _leads,
}
