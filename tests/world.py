"""Campaigns, lines and facts for tests, in one call each.

    line = make_line(cast, channel="search", currency="EUR")
    load_days(line, {"2026-10-01": {"impressions": 1000, "clicks": 20, "spend": "12.50"}})
    load_steady(line, "2026-10-01", 30, clicks=20, spend="10", revenue="42")

Amounts and conversions are written as people do ("12.50") and stored in micros.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pandas as pd

from accounts.models import Team, User
from campaigns.models import Campaign, CampaignLine, Channel
from core import events
from metrics.choices import MEASURES, MICRO_MEASURES
from metrics.services import LoadResult, facts_load
from tests.cast import Cast

# When everything in tests becomes known, unless a test says otherwise.
KNOWN = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)

KEYS = {"creative_id": 0, "segment_id": 0, "period_days": 1}
Value = int | str | Decimal | None
_numbers = count(1)


def make_channel(key: str = "search") -> Channel:
    """The channel of that key, created when the installation does not have it."""
    name = key.replace("_", " ").title()
    return Channel.objects.get_or_create(key=key, defaults={"name": name})[0]


def make_campaign(
    cast: Cast,
    name: str = "",
    *,
    team: Team | None = None,
    owner: User | None = None,
    **fields: Any,
) -> Campaign:
    """A live campaign of DACH and Jonas; any field of the model may be given."""
    defaults: dict[str, Any] = {"status": "live", "created_at": KNOWN}
    return Campaign.objects.create(
        name=name or f"Campaign {next(_numbers)}",
        team=team or cast.dach,
        owner=owner or cast.manager,
        **(defaults | fields),
    )


def make_line(
    cast: Cast,
    campaign: Campaign | None = None,
    *,
    channel: str = "search",
    currency: str = "EUR",
    name: str = "",
    **fields: Any,
) -> CampaignLine:
    """A line of ``campaign`` (a new one when none is given; its fields go to ``make_campaign``)."""
    return CampaignLine.objects.create(
        campaign=campaign or make_campaign(cast, **fields),
        channel=make_channel(channel),
        currency=currency,
        name=name or f"Line {next(_numbers)}",
    )


def load_rows(
    rows: Iterable[Mapping[str, Any]],
    *,
    known_at: datetime = KNOWN,
    label: str = "test.csv",
    source: int = 0,
) -> LoadResult:
    """Load facts given as mappings of keys (``line``, ``day`` ...) and measures as people write them."""
    stored = [KEYS | {"source": source} | _stored(row) for row in rows]
    columns = list(dict.fromkeys(name for row in stored for name in row))
    frame = pd.DataFrame(
        {
            c: pd.array([row.get(c) for row in stored], dtype="Int64" if c != "day" else object)
            for c in columns
        }
    )
    return facts_load(
        frame=frame, label=label, source=source, known_at=known_at, actor=events.SYSTEM
    )


def load_days(
    line: CampaignLine,
    days: Mapping[Any, Mapping[str, Value]],
    *,
    known_at: datetime = KNOWN,
    **keys: Any,
) -> LoadResult:
    """Load one line's days: ``{"2026-10-01": {"clicks": 20, "spend": "12.50"}}``."""
    rows = [{"line": line, "day": day, **keys, **measures} for day, measures in days.items()]
    return load_rows(rows, known_at=known_at)


def load_steady(
    line: CampaignLine,
    first_day: str | date,
    days: int,
    *,
    known_at: datetime = KNOWN,
    **measures: Value,
) -> LoadResult:
    """Load the same measures on each of ``days`` days from ``first_day`` on."""
    start = as_day(first_day)
    each = {start + timedelta(days=n): measures for n in range(days)}
    return load_days(line, each, known_at=known_at)


def as_day(day: str | date) -> date:
    return date.fromisoformat(day) if isinstance(day, str) else day


def micros(value: Value) -> int | None:
    """``"12.50"`` as 12,500,000."""
    return None if value is None else int(Decimal(value) * 1_000_000)


def _stored(row: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"line_id": row["line"].pk, "day": as_day(row["day"])}
    for name, value in row.items():
        if name in MEASURES:
            found[name] = micros(value) if name in MICRO_MEASURES else value
        elif name not in ("line", "day"):
            found[name] = value
    return found
