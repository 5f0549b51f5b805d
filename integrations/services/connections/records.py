"""Opportunities, accounts and contacts of a customer system, loaded as the rows of its files are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from core.events import SYSTEM
from core.money import MICROS
from customers.services import records_load
from integrations.models import SyncRun
from integrations.rules.api.grammar import Read
from integrations.services.connections.failures import Unreadable
from integrations.services.crm import made_of
from metrics.services import LoadResult

Cells = Mapping[str, str]
MOMENTS, LONGEST = ("created_at", "closes_at"), 200
LONGEST_OF = {"name": 300, "country": 100, "origin": 100, "lifecycle": 60, "lead_status": 60}


def records_sync(
    pages: Iterable[tuple[Read, list[Cells]]], *, run: SyncRun, at: datetime
) -> LoadResult:
    """Write what is new or has changed; a deal in another stage than before has moved."""
    held, found, count = run.connection, dict[str, list[Mapping[str, Any]]](), 0
    for read, items in pages:
        if read.records is None:
            continue
        count += len(items)
        typed = (_typed(item, held.source.currency) for item in items)
        for kind, rows in made_of(read.records.entity, typed).items():
            found.setdefault(kind, []).extend(rows)
    loaded = records_load(
        rows=found,
        team=held.team,
        system=held.platform,
        label=str(held),
        known_at=at,
        actor=SYSTEM,
        source=held.source_id,
    )
    return LoadResult(loaded.batch, count, loaded.created, loaded.changed)


def _typed(cells: Cells, currency: str) -> dict[str, Any]:
    """Moments and amounts as such; the platform names no currency, so it is the account's."""
    typed: dict[str, Any] = {
        name: _moment(text) if name in MOMENTS else text[: LONGEST_OF.get(name, LONGEST)]
        for name, text in cells.items()
        if name != "revenue"
    }
    return {**typed, "revenue": _micros(cells.get("revenue", "")), "currency": currency}


def _micros(text: str) -> int | None:
    if not text:
        return None
    try:
        return int((Decimal(text) * MICROS).to_integral_value())
    except (InvalidOperation, OverflowError, ValueError) as error:
        raise unreadable(text, "amount") from error


def _moment(text: str) -> datetime | None:
    """A day or moment as ISO writes it, or milliseconds since 1970."""
    if not text:
        return None
    try:
        if text.isdecimal():
            return datetime.fromtimestamp(int(text) // 1000, UTC)
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError) as error:
        raise unreadable(text, "moment") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def unreadable(text: Any, wanted: str) -> Unreadable:
    """The refusal of a value that is not what its place should hold."""
    return Unreadable(
        f"“{str(text)[:60]}” is no {wanted}.",
        remedy="It is tried again at the next sync; tell the maintainers if it lasts.",
    )
