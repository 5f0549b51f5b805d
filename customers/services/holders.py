"""Where this app holds something about people; see ``core.personal``."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import F, Model, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

from core.personal import IN_COLUMNS, Person
from customers.models import (
    Account,
    Contact,
    Lead,
    Opportunity,
    Payment,
    RecordChange,
    Touchpoint,
)
from customers.services.renewing import history_renew, records_renew

M = TypeVar("M", bound=Model)


class People:
    """Contacts: their tokens go, the contact stays as a number among others."""

    key, label = "contacts", "Contacts"

    def _of(self, person: Person) -> QuerySet[Contact]:
        known = person.tokens
        named = Q(number__in=known) | Q(email__in=known) | Q(phone__in=known)
        found: QuerySet[Contact] = Contact.objects.filter(named)
        return found

    def known(self, person: Person) -> Collection[str]:
        rows = self._of(person).values_list("number", "email", "phone", "name")
        return {one for row in rows for one in row if one}

    def count(self, person: Person) -> int:
        return self._of(person).count()

    def erase(self, person: Person, at: datetime) -> int:
        return contacts_forget(self._of(person), at)

    def renew(self) -> int:
        return records_renew()


# The number of a record whose person is gone: nothing but its own place among the others.
NAMELESS = Concat(Value("erased-"), Cast(F("pk"), TextField()))


def contacts_forget(contacts: QuerySet[Contact], at: datetime) -> int:
    """Take everything out of contacts that says who they are; their deals and touches let go."""
    ids = list(contacts.values_list("pk", flat=True))
    touches_forget(Touchpoint.objects.filter(contact__in=ids))
    Opportunity.contacts.through.objects.filter(contact__in=ids).delete()
    Lead.objects.filter(contact__in=ids).update(contact_ref="", number=NAMELESS)
    return Contact.objects.filter(pk__in=ids).update(
        number=NAMELESS, email="", phone="", name="", erased_at=at
    )


def touches_forget(touches: QuerySet[Touchpoint]) -> int:
    """Take the person out of touches; without an own number, a touch is called by who it reached."""
    ids = list(touches.values_list("pk", flat=True))
    found = Touchpoint.objects.filter(pk__in=ids)
    found.filter(number__regex=IN_COLUMNS).update(number=NAMELESS)
    return found.update(contact=None, contact_ref="")


class Journeys:
    """Touches, leads and payments: the person goes, the account and the totals stay."""

    key, label = "journeys", "Journeys: touches, leads and payments"

    def _of(self, person: Person) -> list[QuerySet[Any]]:
        named = Q(contact_ref__in=person.tokens)
        people = Q(contact__number__in=person.tokens) | Q(contact__email__in=person.tokens)
        return [
            Touchpoint.objects.filter(named | people),
            Lead.objects.filter(named | people),
            Payment.objects.filter(named),
        ]

    def known(self, _person: Person) -> Collection[str]:
        return ()

    def count(self, person: Person) -> int:
        return sum(rows.count() for rows in self._of(person))

    def erase(self, person: Person, _at: datetime) -> int:
        count = 0
        for rows in self._of(person):
            if rows.model is Touchpoint:
                count += touches_forget(rows)
                continue
            ids = list(rows.values_list("pk", flat=True))
            linked: dict[str, Any] = {} if rows.model is Payment else {"contact": None}
            linked |= {"number": NAMELESS} if rows.model is Lead else {}
            count += rows.model.objects.filter(pk__in=ids).update(contact_ref="", **linked)
        return count

    def renew(self) -> int:
        return 0


class Deals:
    """Opportunities and accounts: who is named in them goes, amounts and stages stay."""

    key, label = "deals", "Opportunities and accounts that name the person"

    def _deals(self, person: Person) -> QuerySet[Opportunity]:
        named = _worded("name", person)
        for one in person.tokens:
            named |= Q(contact_refs__contains=[one])
        found: QuerySet[Opportunity] = Opportunity.objects.filter(named)
        return found

    def known(self, _person: Person) -> Collection[str]:
        return ()

    def count(self, person: Person) -> int:
        accounts = Account.objects.filter(_worded("name", person)).count()
        return self._deals(person).count() + accounts

    def erase(self, person: Person, _at: datetime) -> int:
        deals = list(self._deals(person))
        for deal in deals:
            deal.contact_refs = [one for one in deal.contact_refs if one not in person.tokens]
            deal.name = person.taken_out(deal.name)
        Opportunity.objects.bulk_update(deals, ["contact_refs", "name"])
        accounts = list(Account.objects.filter(_worded("name", person)))
        for account in accounts:
            account.name = person.taken_out(account.name)
        Account.objects.bulk_update(accounts, ["name"])
        return len(deals) + len(accounts)

    def renew(self) -> int:
        return 0


def _worded(field: str, person: Person) -> Q:
    found = Q(pk__in=[])
    for word in person.words:
        found |= Q(**{f"{field}__icontains": word})
    return found


class History:
    """What records were before an import changed them."""

    key, label = "history", "Earlier versions of records"

    def known(self, person: Person) -> Collection[str]:
        """The number somebody had in a version that has been replaced."""
        rows = (change.before or {} for change in self._of(person) if change.entity == "contact")
        return {
            str(row.get(name, "")) for row in rows for name in ("number", "email", "phone", "name")
        }

    def _of(self, person: Person) -> QuerySet[RecordChange]:
        return naming(RecordChange.objects.exclude(before=None), "before", person)

    def count(self, person: Person) -> int:
        return self._of(person).count()

    def erase(self, person: Person, _at: datetime) -> int:
        changes = list(self._of(person))
        for change in changes:
            change.before = json.loads(person.taken_out(_json(change.before)))
        RecordChange.objects.bulk_update(changes, ["before"], batch_size=500)
        return len(changes)

    def renew(self) -> int:
        return history_renew()


def _json(value: Any) -> str:
    """JSON with every letter as it is, as the database writes it: “ö” must be found as such."""
    return json.dumps(value, ensure_ascii=False)


def naming(rows: QuerySet[M], field: str, person: Person) -> QuerySet[M]:
    """The rows whose JSON in ``field`` names the person."""
    named = Q(pk__in=[])
    for text in (*person.tokens, *person.words):
        named |= Q(_text__icontains=_json(text)[1:-1])
    found: QuerySet[M] = rows.annotate(_text=Cast(field, TextField())).filter(named)
    return found
