"""How the organisation counts time and money.

Its name, time zone, first weekday and classification are set by one administrator (the
right to configure the installation, ``Act.WRITE_CREDENTIALS``: the matrix has no line
of its own for them). What amounts and periods mean (reporting currency, fiscal start
and pattern) moves the thresholds of the approval policy, so it is changed as the policy
is (``Act.CHANGE_POLICY``): proposed by one person, confirmed by an executive.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import require
from core import events
from core.errors import Conflict, Invalid
from core.models import Organisation

ONE_PERSON = ("name", "time_zone", "week_start", "classification")
BOOKS = ("reporting_currency", "fiscal_start_month", "fiscal_pattern")

OrganisationCheck = Callable[[Mapping[str, Any]], str]
_checks: list[OrganisationCheck] = []


def register_organisation_check(check: OrganisationCheck) -> None:
    """Add ``check(changes)``, which says why the books cannot change so now, or ``""``."""
    if check not in _checks:
        _checks.append(check)


def organisation_edit(*, by: User, at: datetime, **changes: Any) -> Organisation:
    """Change name, time zone, first weekday or classification."""
    require(by, Act.WRITE_CREDENTIALS)
    if unknown := set(changes) - set(ONE_PERSON):
        raise Invalid(f"{', '.join(sorted(unknown))}: a second person has to confirm this.")
    return organisation_apply(changes, by=by, at=at, reason="")


def organisation_check(changes: Mapping[str, Any]) -> None:
    """Raise when the organisation could not have these values."""
    for check in _checks:
        if why := check(changes):
            raise Conflict(why, code="books_in_use")
    zone = changes.get("time_zone")
    if zone is not None and zone not in available_timezones():
        raise Invalid(f"“{zone}” is not a time zone.", where="time_zone")
    currency = changes.get("reporting_currency")
    if currency is not None and not (
        len(currency) == 3 and currency.isascii() and currency.isupper()
    ):
        raise Invalid(f"“{currency}” is not a currency code.", where="reporting_currency")


@transaction.atomic
def organisation_apply(
    changes: Mapping[str, Any], *, by: User, at: datetime, reason: str
) -> Organisation:
    """Write values that were allowed before."""
    Organisation.current()
    organisation = Organisation.objects.select_for_update().get(pk=1)
    changed = {key: value for key, value in changes.items() if getattr(organisation, key) != value}
    organisation_check(changed)
    if not changed:
        return organisation
    before = {key: getattr(organisation, key) for key in changed}
    for key, value in changed.items():
        setattr(organisation, key, value)
    try:
        organisation.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(f"{messages[0]}", where=field) from error
    organisation.save(update_fields=sorted(changed))
    events.record(
        actor=by.as_actor(), action="organisation.edited", subject=organisation, at=at,
        before=before, after=changed, reason=reason, is_security=True,
    )  # fmt: skip
    return organisation
