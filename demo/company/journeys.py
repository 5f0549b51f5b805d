"""The club of UK & Ireland: what its members met before they ordered, and what they ordered since.

Two exports, as a shop writes them; what happened in stores comes as a file of its own. Then the
nightly runs of attribution and lifetime value, as the product itself makes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from demo.company.handed_in import bring_in
from demo.company.records import Company
from demo.market.journeys import CURRENCY, LINES, TEAM, Order, Touch, drawn_journeys
from insights.models import Conversion
from insights.services.journeys import (
    LIFETIME,
    Asked,
    attribution_run,
    lifetime_run,
    plan_for,
    plan_set,
)

IN_STORES = "Store event"
# What is left of an order to pay for the channel that won it.
MARGIN = 58
# Which of the nightly runs are there at once: team, kind. The worker makes the others.
RUNS = ((TEAM, Conversion.CUSTOMER), (TEAM, LIFETIME), ("dach", Conversion.WON))


def plan_journeys(company: Company) -> None:
    """Let the exports come in two mornings ago, and the runs last night."""
    add, ago = company.timeline.add, company.moments.ago
    add(ago(2, 9, 5), "journeys", lambda at: _hand_over(company, at))
    add(ago(0, 4, 40), "attribution", lambda at: _run(company, at))


def _hand_over(company: Company, at: datetime) -> None:
    day = company.today - timedelta(days=3)
    touches, orders = drawn_journeys(company.market.seed, day)
    names = {channel: company.lines[key].name for channel, key in LINES.items()}
    online = [touch for touch in touches if touch.channel != IN_STORES]
    stores = [touch for touch in touches if touch.channel == IN_STORES]
    for name, rows in (
        (f"club-touches-{day}.csv", _met(online, names)),
        (f"store-events-{day}.csv", _met(stores, names)),
        (f"club-orders-{day}.csv", _paid(orders)),
    ):
        bring_in(company, name, rows, at, team=TEAM, by="eilidh")


def _met(touches: Iterable[Touch], names: dict[str, str]) -> Iterator[Sequence[object]]:
    yield "Touch ID", "Touch date", "Touch type", "Campaign", "Contact email"
    for touch in touches:
        campaign = names.get(touch.channel, "")
        kind = ("View" if touch.is_view else "Click") if campaign else touch.channel
        yield f"{touch.channel[:2]}{touch.member}-{touch.at:%j%H%M%S}", f"{touch.at:%Y-%m-%d %H:%M}", kind, campaign, _mail(touch.member)  # fmt: skip


def _paid(orders: Iterable[Order]) -> Iterator[Sequence[object]]:
    yield "Payment ID", "Payment date", "Payment status", "Amount", "Currency", "Customer email"
    for number, order in enumerate(orders):
        yield f"o{number + 70_001}", f"{order.at:%Y-%m-%d %H:%M}", "Paid", f"{order.pennies / 100:.2f}", CURRENCY, _mail(order.member)  # fmt: skip


def _mail(member: int) -> str:
    return f"member.{member}@club.example"


def _run(company: Company, at: datetime) -> None:
    """The team chose its margin; otherwise the settings are the usual ones."""
    owner, team = company.people["eilidh"], company.teams[TEAM]
    for kind in (Conversion.CUSTOMER, LIFETIME):
        asked = plan_for(team, kind)
        plan_set(team=team, kind=kind, asked=_with_margin(asked), user=owner, at=at)
    for key, kind in RUNS:
        team = company.teams[key]
        asked = plan_for(team, kind)
        if kind == LIFETIME:
            lifetime_run(team=team, asked=asked, user=None, at=at)
        else:
            attribution_run(team=team, conversion=kind, asked=asked, user=None, at=at)


def _with_margin(asked: Asked) -> Asked:
    return Asked.read({**asked.plain(), "margin": MARGIN})
