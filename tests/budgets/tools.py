"""A tool of DACH to keep: Mailflow, 18,000 EUR a year, 40 seats, renews on 1 January 2027."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from accounts.models import User
from budgets.models import Tool
from budgets.services.tools import tool_create
from core.money import MICROS
from tests.cast import Cast

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def make_tool(cast: Cast, name: str = "Mailflow", user: User | None = None, **fields: Any) -> Tool:
    """Enter a tool as its owner; any field of the service may be given."""
    given: dict[str, Any] = {
        "name": name,
        "purpose": "Newsletters",
        "team": cast.dach,
        "owner": cast.manager,
        "contract": "MF-2291",
        "yearly_micros": 18_000 * MICROS,
        "currency": "EUR",
        "seats": 40,
        "starts_on": date(2024, 1, 1),
        "renews_on": date(2027, 1, 1),
        "notice_days": 30,
        "renews_itself": True,
    }
    return tool_create(user=user or cast.manager, fields=given | fields, at=AT)
