"""Shops, schools and huts that buy in bulk: what the sales team's HubSpot says of them, week by week.

The files are invented; they come in the way any export does. One touch has a day that does not
exist and waits in quarantine, one payment fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

import numpy as np

from demo.company.handed_in import bring_in
from demo.company.records import Company

# Mornings on which sales hands over its exports, counted back from today.
EXPORTED = (84, 56, 28, 2)
HISTORY = 300
STAGES = ("Appointment scheduled", "Qualified to buy", "Proposal", "Negotiation", "Closed won")
LOST = "Closed lost"
# Days a deal stays in each stage at the median, and the share that is lost there.
STAYS = ((9, 0.12), (16, 0.16), (21, 0.18), (12, 0.14))
KINDS = (
    ("Mountain school", "Education"),
    ("Ski rental", "Rental"),
    ("Outdoor shop", "Retail"),
    ("Hut keepers of", "Hospitality"),
    ("Alpine club", "Associations"),
    ("Guides of", "Education"),
)
PLACES = (
    ("Arlberg", "Austria"), ("Zillertal", "Austria"), ("Stubai", "Austria"), ("Tannheim", "Austria"),
    ("Allgäu", "Germany"), ("Garmisch", "Germany"), ("Berchtesgaden", "Germany"),
    ("Freiburg", "Germany"), ("Zermatt", "Switzerland"), ("Engelberg", "Switzerland"),
    ("Davos", "Switzerland"), ("Grindelwald", "Switzerland"),
)  # fmt: skip
FIRST = ("Anna", "Lukas", "Marie", "Felix", "Sofia", "Jan", "Klara", "Emil", "Nora", "David")
LAST = ("Huber", "Moser", "Gruber", "Keller", "Brunner", "Frei", "Wolf", "Steiner", "Lang", "Auer")
SELLERS = ("Ola Berg", "Tim Falk")
ORIGINS = ("Paid search", "Organic search", "Trade fair", "Referral", "E-mail")
TOUCHES = ("Paid search", "E-mail", "Webinar", "Trade fair", "Paid social")


@dataclass(frozen=True, slots=True)
class Deal:
    """A sale to an account: when each stage was entered, and how it ends."""

    number: int
    account: int
    name: str
    amount: int
    created: date
    entered: tuple[tuple[date, str], ...]

    def stage(self, day: date) -> str:
        return [stage for since, stage in self.entered if since <= day][-1]


@dataclass(frozen=True, slots=True)
class Trade:
    """Everything that will be exported; an account's number is its place plus 500."""

    accounts: tuple[tuple[int, str, str, str], ...]
    people: tuple[tuple[int, str, str, int, str, date], ...]
    deals: tuple[Deal, ...]
    touches: tuple[tuple[int, date, str, str, str], ...]


def plan_trade(company: Company) -> None:
    """Let the exports of the last quarter come in, each with what was known on its morning."""
    trade = _invent(company)
    add, ago = company.timeline.add, company.moments.ago
    for days in EXPORTED:
        add(ago(days, 8, 20), "customers", partial(_hand_over, company, trade))
    add(ago(1, 16, 45), "customers", partial(_payments, company, trade))


def _invent(company: Company) -> Trade:
    dice = np.random.default_rng((company.market.seed, 77))
    names = [(kind, place) for place in PLACES for kind in KINDS]
    chosen = sorted(dice.choice(len(names), 46, replace=False))
    accounts = tuple(
        (500 + at, f"{names[n][0][0]} {names[n][1][0]}", names[n][0][1], names[n][1][1])
        for at, n in enumerate(chosen)
    )
    first = company.today - timedelta(days=HISTORY)
    people = tuple(_people(dice, accounts, first))
    deals = tuple(_deals(dice, accounts, first))
    campaigns = [line.name for line in company.market.lines if line.team == "dach"]
    return Trade(accounts, people, deals, tuple(_touches(dice, people, first, campaigns)))


def _people(
    dice: np.random.Generator, accounts: Iterable[tuple[int, str, str, str]], first: date
) -> Iterator[tuple[int, str, str, int, str, date]]:
    number = 9_000
    for account, *_ in accounts:
        for _ in range(int(dice.integers(1, 4))):
            number += 1
            name = FIRST[dice.integers(len(FIRST))], LAST[dice.integers(len(LAST))]
            mail = f"{name[0]}.{name[1]}.{number}@trade.example".lower()
            met = first + timedelta(days=int(dice.integers(0, HISTORY - 10)))
            origin = ORIGINS[dice.integers(len(ORIGINS))]
            yield number, " ".join(name), mail, account, origin, met


def _deals(
    dice: np.random.Generator, accounts: Sequence[tuple[int, str, str, str]], first: date
) -> Iterator[Deal]:
    for number in range(140):
        account = accounts[int(dice.integers(len(accounts)))]
        created = first + timedelta(days=int(dice.integers(0, HISTORY - 3)))
        season = "Winter" if created.month in range(5, 12) else "Summer"
        amount = 100 * round(dice.lognormal(4.6, 0.7))
        yield Deal(
            number + 3_001, account[0], f"{season} outfit {account[1]}", amount, created,
            tuple(_path(dice, created)),
        )  # fmt: skip


def _path(dice: np.random.Generator, created: date) -> Iterator[tuple[date, str]]:
    """Stage after stage, each for about its usual time, until the deal is lost or won."""
    day = created
    for stage, (stay, lost) in zip(STAGES, STAYS, strict=False):
        yield day, stage
        day += timedelta(days=max(1, int(dice.lognormal(np.log(stay), 0.5))))
        if dice.random() < lost:
            yield day, LOST
            return
    yield day, STAGES[-1]


def _touches(
    dice: np.random.Generator,
    people: Iterable[tuple[int, str, str, int, str, date]],
    first: date,
    campaigns: Sequence[str],
) -> Iterator[tuple[int, date, str, str, str]]:
    number = 0
    for _, _, mail, _, _, met in people:
        for _ in range(int(dice.integers(1, 7))):
            number += 1
            day = met + timedelta(days=int(dice.integers(0, max(1, HISTORY - (met - first).days))))
            kind = TOUCHES[dice.integers(len(TOUCHES))]
            campaign = campaigns[int(dice.integers(len(campaigns)))] if "Paid" in kind else ""
            yield number, day, kind, campaign, mail


def _hand_over(company: Company, trade: Trade, at: datetime) -> None:
    day = at.astimezone(company.moments.zone).date() - timedelta(days=1)
    bring_in(company, f"companies-{day}.csv", _companies(trade), at)
    bring_in(company, f"contacts-{day}.csv", _contacts(trade, day), at)
    bring_in(company, f"deals-{day}.csv", _open_deals(trade, day), at)
    is_latest = (company.today - day).days <= EXPORTED[-1] + 1
    bring_in(company, f"touches-{day}.csv", _met(trade, day, broken=is_latest), at)


def _companies(trade: Trade) -> Iterator[Sequence[object]]:
    yield "Record ID", "Company name", "Company owner", "Industry", "Country/Region"
    for number, name, industry, country in trade.accounts:
        yield number, name, SELLERS[number % 2], industry, country


def _contacts(trade: Trade, day: date) -> Iterator[Sequence[object]]:
    yield (
        "Record ID", "First Name", "Last Name", "Email", "Lifecycle Stage", "Lead Status",
        "Original Source", "Associated Company IDs", "Create Date",
    )  # fmt: skip
    won = {deal.account for deal in trade.deals if deal.stage(max(day, deal.created)) == STAGES[-1]}
    for number, name, mail, account, origin, met in trade.people:
        if met <= day:
            stage = "Customer" if account in won else _come_so_far(number, (day - met).days)
            status = "" if stage == "Customer" else "Open"
            yield number, *name.split(), mail, stage, status, origin, account, met


def _come_so_far(number: int, days: int) -> str:
    """How far a lead has come after so many days: two of five are qualified, one of them for sales."""
    if number % 5 == 0 and days > 9:
        return "Sales Qualified Lead"
    return "Marketing Qualified Lead" if number % 5 < 2 and days > 4 else "Lead"


def _open_deals(trade: Trade, day: date) -> Iterator[Sequence[object]]:
    yield (
        "Record ID", "Deal Name", "Deal Stage", "Amount", "Deal currency code", "Pipeline",
        "Create Date", "Close Date", "Deal owner", "Associated Company IDs",
    )  # fmt: skip
    for deal in trade.deals:
        if deal.created <= day:
            yield (
                deal.number, deal.name, deal.stage(day), deal.amount, "EUR", "Trade", deal.created,
                deal.created + timedelta(days=75), SELLERS[deal.number % 2], deal.account,
            )  # fmt: skip


def _met(trade: Trade, day: date, *, broken: bool) -> Iterator[Sequence[object]]:
    yield "Touch ID", "Touch date", "Touch type", "Campaign", "Contact email"
    for number, when, kind, campaign, mail in trade.touches:
        if when <= day:
            yield f"t{number}", when, kind, campaign, mail
    if broken:
        yield f"t{len(trade.touches) + 1}", f"{day:%Y-%m}-32", "Webinar", "", trade.people[0][2]


def _payments(company: Company, trade: Trade, at: datetime) -> None:
    """Three invoices of the trade; a card has expired."""
    day = at.astimezone(company.moments.zone).date() - timedelta(days=1)
    won = [deal for deal in trade.deals if deal.stage(max(day, deal.created)) == STAGES[-1]]
    rows: list[Sequence[object]] = [
        ("Payment ID", "Payment date", "Payment status", "Failure reason", "Amount", "Currency",
         "Account ID")
    ]  # fmt: skip
    for place, deal in enumerate(won[-3:]):
        said = ("Failed", "card expired") if place == 1 else ("Paid", "")
        rows.append((f"p{deal.number}", day, *said, deal.amount, "EUR", deal.account))
    bring_in(company, f"payments-{day}.csv", rows, at)
