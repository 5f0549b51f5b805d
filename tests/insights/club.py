"""Members of a club whose way to an order is known, loaded as files would be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from accounts.models import Team
from campaigns.models import CampaignLine
from core import events
from customers.choices import Entity
from customers.services import records_load
from demo.market.journeys import LINES, Order, Touch, drawn_journeys
from tests.cast import Cast
from tests.world import AT, make_line

# Records by their kind, as files would hold them.
Rows = Mapping[str, Iterable[Mapping[str, Any]]]

LAST_DAY = date(2026, 11, 21)


def touch(number: str, who: str, at: str, kind: str = "Search", **more: Any) -> dict[str, Any]:
    """A touch of a person at a moment of UTC, ``2026-11-01 09:00``."""
    return {"number": number, "contact_ref": who, "at": moment(at), "kind": kind, **more}


def payment(number: str, who: str, at: str, amount: str, **more: Any) -> dict[str, Any]:
    """A payment in euros."""
    micros = round(float(amount) * 100) * 10_000
    return {
        "number": number, "contact_ref": who, "at": moment(at), "amount_micros": micros,
        "currency": "EUR", **more,
    }  # fmt: skip


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def load(team: Team, rows: Rows, *, at: datetime = AT) -> None:
    """Load records of a team as one file."""
    records_load(
        rows=rows, team=team, system="", label="journeys.csv", known_at=at, actor=events.SYSTEM
    )


def load_club(cast: Cast, *, seed: int = 7, most: int | None = None) -> dict[str, CampaignLine]:
    """The club's touches and orders in DACH, and the lines that the touches name."""
    lines = {
        channel: make_line(cast, channel=channel.lower().replace(" ", "_"), name=f"{channel} club")
        for channel in LINES
    }
    touches, orders = drawn_journeys(seed, LAST_DAY)
    if most is not None:
        touches = [one for one in touches if one.member % most == 0]
        orders = [one for one in orders if one.member % most == 0]
    load(
        cast.dach,
        {
            Entity.TOUCH: [_touch(number, one) for number, one in enumerate(touches)],
            Entity.PAYMENT: [_order(number, one) for number, one in enumerate(orders)],
        },
    )
    return lines


def _touch(number: int, one: Touch) -> dict[str, Any]:
    is_named = one.channel in LINES
    return {
        "number": f"t{number}", "contact_ref": f"m{one.member}", "at": one.at.replace(tzinfo=UTC),
        "kind": ("View" if one.is_view else "Click") if is_named else one.channel,
        "campaign_name": f"{one.channel} club" if is_named else "",
    }  # fmt: skip


def _order(number: int, one: Order) -> dict[str, Any]:
    return {
        "number": f"o{number}", "contact_ref": f"m{one.member}", "at": one.at.replace(tzinfo=UTC),
        "amount_micros": one.pennies * 10_000, "currency": "EUR",
    }  # fmt: skip
