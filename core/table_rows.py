"""Searching and ordering the rows of a table: in the database where they come from it, else here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet

from core.money import Money


def read(row: Any, key: str) -> Any:
    """``row[key]`` or ``row.key``; dots reach deeper, methods without arguments are called."""
    value = row
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else getattr(value, part, None)
        if value is None:
            return None
    return value() if callable(value) else value


def searched_query(rows: QuerySet[Any], text: str, names: Sequence[str]) -> QuerySet[Any]:
    """The rows in which one of the fields holds ``text``."""
    if not text or not names:
        return rows
    wanted = Q()
    for name in names:
        wanted |= Q(**{f"{name.replace('.', '__')}__icontains": text})
    return rows.filter(wanted)


def ordered_query(rows: QuerySet[Any], key: str, *, is_descending: bool) -> QuerySet[Any]:
    """The rows by a field, missing values last, ties by primary key."""
    if not key:
        return rows
    field = F(key.replace(".", "__"))
    order = field.desc(nulls_last=True) if is_descending else field.asc(nulls_last=True)
    # Rows that are groups have no key of their own to break ties with.
    is_grouped = isinstance(rows.query.group_by, tuple)
    return rows.order_by(order) if is_grouped else rows.order_by(order, "pk")


def searched(rows: Sequence[Any], text: str, names: Sequence[str]) -> list[Any]:
    """The same for rows that are in memory."""
    wanted = text.casefold()
    return [
        row
        for row in rows
        if not wanted or any(wanted in str(read(row, n) or "").casefold() for n in names)
    ]


def ordered(
    rows: Sequence[Any], value_of: Callable[[Any], Any], *, is_descending: bool
) -> list[Any]:
    """The same for rows that are in memory; equal rows keep their order."""
    keyed = [(_order_key(value_of(row)), row) for row in rows]
    known = [pair for pair in keyed if pair[0] is not None]
    known.sort(key=lambda pair: pair[0], reverse=is_descending)
    return [row for _, row in known] + [row for value, row in keyed if value is None]


def _order_key(value: Any) -> Any:
    """What a value is ordered by: amounts by micros, texts without regard to case."""
    if isinstance(value, Money):
        return value.micros
    if isinstance(value, str):
        return value.casefold()
    if isinstance(value, int | float | Decimal | date | datetime) or value is None:
        return value
    return str(value)
