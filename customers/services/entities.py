"""The tables of customer records, and which of their fields say who a person is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Field

from core.events import plain
from core.personal import Kind
from customers.choices import Entity
from customers.models import (
    Account,
    Contact,
    Lead,
    Opportunity,
    Payment,
    Record,
    StageEntry,
    Touchpoint,
    Usage,
)

MODELS: Mapping[str, type[Record]] = {
    Entity.ACCOUNT: Account,
    Entity.CONTACT: Contact,
    Entity.LEAD: Lead,
    Entity.OPPORTUNITY: Opportunity,
    Entity.STAGE: StageEntry,
    Entity.TOUCH: Touchpoint,
    Entity.PAYMENT: Payment,
    Entity.USAGE: Usage,
}
# Hashed already when they come out of a file; what a connector brings is hashed by loading it.
PERSONAL: Mapping[str, Mapping[str, Kind]] = {
    Entity.CONTACT: {
        "number": Kind.NUMBER,
        "email": Kind.EMAIL,
        "phone": Kind.PHONE,
        "name": Kind.NAME,
    },
    Entity.LEAD: {"number": Kind.NUMBER, "contact_ref": Kind.NUMBER},
    Entity.OPPORTUNITY: {"owner": Kind.NAME, "contact_refs": Kind.NUMBER},
    Entity.TOUCH: {"contact_ref": Kind.NUMBER},
    Entity.PAYMENT: {"contact_ref": Kind.NUMBER},
}
# Filled by linking or by the load itself, never by a row.
_OWN = frozenset({"id", "team", "system", "account", "contact", "opportunity", "seen_at"})


def fields_of(entity: str) -> dict[str, Field[Any, Any]]:
    """The fields of an entity that its rows may fill, by name."""
    found = MODELS[entity]._meta.concrete_fields
    return {field.name: field for field in found if field.name not in {*_OWN, "batch"}}


def links_of(model: type[Record]) -> list[str]:
    """The foreign keys of a model that follow from a number beside them."""
    names = {field.name for field in model._meta.concrete_fields}
    return [
        name for name in ("account", "contact", "opportunity") if {name, f"{name}_ref"} <= names
    ]


def snapshot(record: Record) -> dict[str, Any]:
    """A record as it stands, in plain values that ``restore`` takes."""
    kept = {name: plain(getattr(record, name)) for name in fields_of(entity_of(record))}
    return {**kept, "batch_id": record.batch_id}


def restore(record: Record, before: Mapping[str, Any]) -> None:
    """Put a snapshot back into the record (not yet into the database)."""
    fields = fields_of(entity_of(record))
    for name, value in before.items():
        setattr(record, name, fields[name].to_python(value) if name in fields else value)


def entity_of(record: Record) -> str:
    return next(entity for entity, model in MODELS.items() if model is type(record))
