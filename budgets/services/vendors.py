"""Vendors: entered once, changed, put away and brought back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can
from budgets.models import Vendor
from core import events
from core.errors import Conflict, Invalid, NotAllowed

KEEPS_VENDORS = (Act.DRAFT_REQUEST, Act.CLOSE_PERIOD)
FIELDS = ("name", "code", "currency", "email", "payment_days", "note")


@transaction.atomic
def vendor_create(
    *,
    user: User,
    name: str,
    currency: str,
    at: datetime,
    code: str = "",
    email: str = "",
    payment_days: int = 30,
    note: str = "",
) -> Vendor:
    """Enter a vendor. Raises ``Conflict`` when there is one of this name, put away or not."""
    _require_right(user)
    vendor = Vendor(
        name=name, currency=currency, code=code, email=email, payment_days=payment_days, note=note
    )
    _clean(vendor)
    vendor.save()
    _record(vendor, user, "vendor.created", at, {}, _fields(vendor))
    return vendor


@transaction.atomic
def vendor_edit(*, vendor: Vendor, user: User, at: datetime, **fields: Any) -> Vendor:
    """Change some of a vendor's fields."""
    _require_right(user)
    locked = Vendor.objects.select_for_update().get(pk=vendor.pk)
    before = _fields(locked)
    for name in FIELDS:
        if name in fields:
            setattr(locked, name, fields[name])
    _clean(locked)
    locked.save()
    if _fields(locked) != before:
        _record(locked, user, "vendor.edited", at, before, _fields(locked))
    return locked


@transaction.atomic
def vendor_archive(*, vendor: Vendor, user: User, at: datetime, is_archived: bool = True) -> Vendor:
    """Put a vendor away, or bring it back: forms do not offer it, its orders and bills stay."""
    _require_right(user)
    changed = Vendor.objects.filter(pk=vendor.pk).exclude(is_archived=is_archived)
    if changed.update(is_archived=is_archived):
        verb = "archived" if is_archived else "restored"
        _record(vendor, user, f"vendor.{verb}", at, {}, {"is_archived": is_archived})
    vendor.is_archived = is_archived
    return vendor


def _require_right(user: User) -> None:
    if not any(can(user, act) for act in KEEPS_VENDORS):
        raise NotAllowed(
            "Vendors are kept by those who plan budgets and by finance.", remedy="Ask one of them."
        )


def _clean(vendor: Vendor) -> None:
    vendor.name, vendor.code = " ".join(vendor.name.split()), vendor.code.strip()
    vendor.currency, vendor.email = vendor.currency.upper(), vendor.email.strip()
    twin = Vendor.objects.filter(name__iexact=vendor.name).exclude(pk=vendor.pk).first()
    if twin:
        raise _twin(twin)
    if len(vendor.currency) != 3 or not vendor.currency.isalpha():
        raise Invalid(f"“{vendor.currency}” is not a currency.", where="currency")
    try:
        vendor.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(messages[0], where=field) from error


def _twin(twin: Vendor) -> Conflict:
    remedy = "Restore it from the archive." if twin.is_archived else "Use that one."
    away = ", put away in the archive" if twin.is_archived else ""
    return Conflict(
        f"There is a vendor called {twin.name} already{away}.",
        code="vendor_exists",
        where="name",
        remedy=remedy,
    )


def _fields(vendor: Vendor) -> dict[str, Any]:
    return {name: getattr(vendor, name) for name in FIELDS}


def _record(
    vendor: Vendor,
    user: User,
    action: str,
    at: datetime,
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    events.record(
        actor=user.as_actor(), action=action, subject=vendor, at=at, before=before, after=after,
        live=["budgets"],
    )  # fmt: skip
