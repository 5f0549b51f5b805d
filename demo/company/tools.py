"""The marketing tools under contract, and who used them month by month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from budgets.models import Tool
from budgets.rules.tool_uses import UseRow
from budgets.services.tools import tool_cancel, tool_create, tool_uses_enter
from core.money import MICROS
from demo.company.records import Company

# Entered when the register began.
BEGAN = 190
COUNTS = 6


@dataclass(frozen=True, slots=True)
class Contract:
    """A tool of a team; days are counted from today, users are those of the last six months."""

    name: str
    purpose: str
    team: str
    by: str
    yearly: int
    currency: str
    renews_in: int
    notice: int
    users: tuple[int, ...]
    seats: int | None = None
    renews_itself: bool = True
    cancelled: str = ""


CONTRACTS = (
    Contract("Mailflow", "Newsletters and flows", "dach", "jonas", 38_400, "EUR", 71, 60,
             (21, 22, 24, 24, 25, 26), 30),
    Contract("Panorama Listening", "What people say about the brand", "dach", "lea", 27_000, "EUR",
             38, 30, (14, 11, 9, 6, 5, 4), 25),
    Contract("Tagkeeper", "Consent and tags on the shops", "europe", "mara", 14_900, "EUR", 203, 90,
             (7, 7, 8, 8, 8, 8)),
    Contract("Storm Studio", "Pictures and films, one library", "europe", "mara", 52_000, "EUR",
             151, 90, (33, 36, 35, 39, 41, 44), 60),
    Contract("Rankwise", "Search positions and terms", "uki", "eilidh", 9_600, "GBP", 26, 30,
             (5, 5, 6, 6, 6, 6), 8),
    Contract("Creator Ledger", "Contracts and posts of creators", "na", "rosa", 31_200, "USD", 95, 60,
             (9, 9, 10, 11, 11, 12), 15),
    Contract("Pixelboard", "Boards for banners", "na", "theo", 12_500, "USD", 120, 30,
             (8, 6, 4, 3, 2, 1), 20, cancelled="Storm Studio does the same; nobody opened it in October."),
)  # fmt: skip


def plan_tools(company: Company) -> None:
    """Let the register be kept: every contract entered, its users counted each month."""
    for number, contract in enumerate(CONTRACTS):
        at = company.moments.ago(BEGAN, 10, number)
        company.timeline.add(at, "tools", partial(_enter, company, contract))
    for months in range(COUNTS):
        at = company.moments.ago(3 + 30 * months, 9, 30)
        company.timeline.add(at, "tools", partial(_count, company, COUNTS - 1 - months))
    for contract in CONTRACTS:
        if contract.cancelled:
            at = company.moments.ago(12, 15)
            company.timeline.add(at, "tools", partial(_cancel, company, contract))


def _enter(company: Company, contract: Contract, at: datetime) -> None:
    owner = company.people[contract.by]
    renews = company.today + timedelta(days=contract.renews_in)
    tool_create(
        user=owner,
        fields={
            "name": contract.name,
            "purpose": contract.purpose,
            "team": company.teams[contract.team],
            "owner": owner,
            "contract": f"{contract.name[:2].upper()}-{renews:%Y%m}",
            "yearly_micros": contract.yearly * MICROS,
            "currency": contract.currency,
            "seats": contract.seats,
            "starts_on": _earlier(renews, 2),
            "renews_on": renews,
            "notice_days": contract.notice,
            "renews_itself": contract.renews_itself,
        },
        at=at,
    )


def _earlier(day: date, years: int) -> date:
    return day - timedelta(days=round(365.25 * years))


def _count(company: Company, position: int, at: datetime) -> None:
    day = at.astimezone(company.moments.zone).date()
    for contract in CONTRACTS:
        row = UseRow(contract.name, day, contract.users[position])
        tool = Tool.objects.get(name=contract.name)
        if not tool.is_cancelled:
            tool_uses_enter(
                user=company.people[contract.by], rows=[row], source="Sign-in log", at=at, tool=tool
            )


def _cancel(company: Company, contract: Contract, at: datetime) -> None:
    tool = Tool.objects.get(name=contract.name)
    tool_cancel(tool=tool, user=company.people[contract.by], reason=contract.cancelled, at=at)
