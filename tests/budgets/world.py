"""A small plan to move money in: two teams, three lines, three campaign lines, October to December.

DACH  Shopping DE   EUR  Oct 100k, Nov 165k, Dec 200k   ├ Winter Shopping  Nov 120k, Dec 150k
                                                        └ Winter Feed      Nov  30k
DACH  Display DE    EUR  Nov 124k, Dec 100k             └ Winter Display   Nov 100k, Dec 80k
UK    Shopping UK   GBP  Nov  80k
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from accounts.models import Team, User
from approvals import services as approvals
from approvals.models import ChangeRequest
from budgets import services
from budgets.choices import REALLOCATION
from budgets.models import BudgetLine, FiscalYear, LedgerAccount
from campaigns.models import Campaign, CampaignLine, Channel
from core.models import Organisation
from core.money import MICROS
from tests.approvals.actions import decide, execute
from tests.cast import Cast

AT = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
EARLIER = datetime(2026, 9, 18, 9, 0, tzinfo=UTC)
NOV, DEC = "2026-11", "2026-12"

__all__ = ["AT", "DEC", "NOV", "World", "create_world", "decide", "execute", "k", "move"]


def k(thousands: int) -> int:
    """Thousands of a currency in micros."""
    return thousands * 1_000 * MICROS


@dataclass(frozen=True)
class World:
    year: FiscalYear
    shopping: BudgetLine
    display: BudgetLine
    uk: BudgetLine
    winter_shopping: CampaignLine
    winter_feed: CampaignLine
    winter_display: CampaignLine

    def balance(self, line: BudgetLine, month: str = DEC, part: CampaignLine | None = None) -> int:
        """Micros on one account."""
        account = LedgerAccount.objects.filter(
            budget_line=line, campaign_line=part, month=month
        ).first()
        return account.balance_micros if account else 0


def channel(key: str, name: str) -> Channel:
    return Channel.objects.get_or_create(key=key, defaults={"name": name})[0]


def campaign_line(
    name: str, team: Team, owner: User, where: Channel, currency: str = "EUR"
) -> CampaignLine:
    campaign, _ = Campaign.objects.get_or_create(
        name="Winter Layers", team=team, defaults={"owner": owner, "created_at": EARLIER}
    )
    return CampaignLine.objects.create(
        campaign=campaign, channel=where, name=name, currency=currency
    )


def plan(line: BudgetLine, month: str, thousands: int, part: CampaignLine | None = None) -> None:
    services.plan_set(
        user=None,
        budget_line=line,
        campaign_line=part,
        month=month,
        amount_micros=k(thousands),
        reason="Plan approved",
        at=EARLIER,
    )


def create_world(cast: Cast) -> World:
    """Make everything; call inside a test with a database."""
    Organisation.objects.update_or_create(pk=1, defaults={"name": "Tarn & Fell"})
    shop, show = channel("shopping", "Shopping"), channel("display", "Display")
    year = services.year_open(user=None, year=2026, at=EARLIER)
    common: dict[str, Any] = {"user": None, "fiscal_year": year, "at": EARLIER}
    parts = [
        campaign_line("Winter Shopping", cast.dach, cast.manager, shop),
        campaign_line("Winter Feed", cast.dach, cast.manager, shop),
        campaign_line("Winter Display", cast.dach, cast.manager, show),
    ]
    dach = {**common, "team": cast.dach, "owner": cast.manager, "currency": "EUR"}
    shopping = services.line_create(
        name="Shopping DE", channel=shop, campaign_lines=parts[:2], **dach
    )
    display = services.line_create(
        name="Display DE", channel=show, campaign_lines=parts[2:], **dach
    )
    uk = services.line_create(
        name="Shopping UK", channel=shop, team=cast.uk, owner=cast.uk_manager, currency="GBP",
        **common,
    )  # fmt: skip
    for line, month, amount in (
        (shopping, "2026-10", 100), (shopping, NOV, 165), (shopping, DEC, 200),
        (display, NOV, 124), (display, DEC, 100), (uk, NOV, 80),
    ):  # fmt: skip
        plan(line, month, amount)
    for line, month, amount, part in (
        (shopping, NOV, 120, parts[0]), (shopping, DEC, 150, parts[0]), (shopping, NOV, 30, parts[1]),
        (display, NOV, 100, parts[2]), (display, DEC, 80, parts[2]),
    ):  # fmt: skip
        plan(line, month, amount, part)
    return World(year, shopping, display, uk, *parts)


def rate(
    base: str, quote: str, value: str, day: date, user: User | None = None, kind: str = "budget"
) -> None:
    services.rate_enter(
        user=user, kind=kind, base=base, quote=quote, valid_from=day, rate=Decimal(value),
        source="Treasury", at=EARLIER,
    )  # fmt: skip


def payload(*moves: tuple[BudgetLine, CampaignLine | None, str, int]) -> dict[str, Any]:
    """Moves as a request holds them; amounts in thousands."""
    return {
        "moves": [
            {
                "budget_line": line.pk,
                "campaign_line": part.pk if part else None,
                "month": month,
                "amount_micros": k(thousands),
            }
            for line, part, month, thousands in moves
        ],
        "currency": moves[0][0].currency,
        "hypothesis": "Shopping still has room at peak demand.",
        "expected": {"metric": "revenue", "low": k(-3), "mid": k(61), "high": k(128)},
    }


def move(
    world: World, user: User, thousands: int = 4, *, at: datetime = AT, kind: str = REALLOCATION,
    content: dict[str, Any] | None = None,
) -> ChangeRequest:  # fmt: skip
    """A request to move December money from the display campaign line to the shopping one."""
    wanted = content or payload(
        (world.display, world.winter_display, DEC, -thousands),
        (world.shopping, world.winter_shopping, DEC, thousands),
    )
    return approvals.request_create(
        user=user,
        kind=kind,
        payload=wanted,
        title="Move from Display to Shopping",
        reason="Shopping still has room at peak demand.",
        evidence={"Data as of": "Sat 21 Nov, 16:00"},
        at=at,
    )
