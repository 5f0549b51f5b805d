"""The trade desk of North America: shops and schools that ask for prices, and what decides who buys.

What decides is planted, so that whatever learns from these records can be held against it
(``planted_chances_truth``). All of it comes from the desk's Salesforce in one morning, as a
first connection brings it. Names and addresses are invented.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from accounts.models import Team
from customers.choices import Entity, Outcome
from customers.services import records_load
from demo.company.records import Company
from insights.models import ModelVersion
from insights.services.scores import scores_give
from insights.services.scoring import scores_train

TEAM, BY = "na", "rosa"
LEADS, DAYS = 1_700, 480
# The morning on which the desk's records came in, counted back from today.
CONNECTED = 2
# Log-odds that a lead asks for an offer, and what moves them.
BASE = -2.6
ORIGINS: Mapping[str, tuple[float, float]] = {
    "Trade fair": (0.16, 0.6),
    "Referral": (0.14, 1.6),
    "Webinar": (0.2, 0.4),
    "Catalogue request": (0.25, 0.0),
    "Price list download": (0.25, -0.7),
}
INDUSTRIES: Mapping[str, tuple[float, float]] = {
    "Education": (0.3, 0.8),
    "Retail": (0.35, 0.0),
    "Rental": (0.2, 0.3),
    "Hospitality": (0.15, -0.8),
}
COUNTRIES = ("United States", "Canada")
# Each touch within a week after the lead came in.
TOUCH = 0.8
TOUCHES = ("E-mail answered", "Sample ordered", "Price list opened", "Call")


@dataclass(frozen=True, slots=True)
class Prospect:
    """A lead with what happened to it."""

    number: int
    became: datetime
    origin: str
    industry: str
    country: str
    touched: tuple[tuple[datetime, str], ...]
    converted: datetime | None


def planted_chances_truth() -> dict[str, Any]:
    """What decides whether a lead converts, in log-odds, strongest first."""
    origin = max(up for _, up in ORIGINS.values()) - min(up for _, up in ORIGINS.values())
    industry = max(up for _, up in INDUSTRIES.values()) - min(up for _, up in INDUSTRIES.values())
    return {
        "drivers": {"touches_7": TOUCH, "origin": origin, "industry": industry},
        "origin": {"raises": "Referral", "lowers": "Price list download"},
        "industry": {"raises": "Education", "lowers": "Hospitality"},
        "no_driver": ["country", "age_days"],
    }


def plan_prospects(company: Company) -> None:
    """Let the desk's records come in."""
    at = company.moments.ago(CONNECTED, 7, 15)
    company.timeline.add(at, "prospects", lambda at: _connect(company, at))


def chances_first(at: datetime) -> None:
    """The first trainings and chances, once each; thin kinds say what is missing."""
    root = Team.objects.get(parent=None)
    for kind in ("leads", "churn", "expansion"):
        if not ModelVersion.objects.filter(kind=kind, team=root).exists():
            scores_train(kind=kind, team=root, at=at)
        scores_give(kind=kind, team=root, now=at)


def _connect(company: Company, at: datetime) -> None:
    prospects = list(_invent(company, at))
    records_load(
        rows=_rows(prospects),
        team=company.teams[TEAM],
        system="salesforce",
        label="Trade desk, first reading",
        known_at=at,
        actor=company.people[BY].as_actor(),
        follow_stages=False,
    )


def _invent(company: Company, at: datetime) -> Iterator[Prospect]:
    dice = np.random.default_rng((company.market.seed, 131))
    origins, industries = list(ORIGINS), list(INDUSTRIES)
    from_origin = dice.choice(len(origins), LEADS, p=[share for share, _ in ORIGINS.values()])
    from_industry = dice.choice(len(industries), LEADS, p=[s for s, _ in INDUSTRIES.values()])
    back = np.sort(dice.uniform(0, DAYS, LEADS))[::-1]
    early = dice.poisson(0.8, LEADS)
    for n in range(LEADS):
        became = at - timedelta(days=float(back[n])) - timedelta(hours=6)
        touched = tuple(_touched(dice, became, int(early[n]), at))
        origin, industry = origins[from_origin[n]], industries[from_industry[n]]
        odds = BASE + ORIGINS[origin][1] + INDUSTRIES[industry][1] + TOUCH * int(early[n])
        wait = timedelta(days=float(15 + dice.gamma(2.0, 16.0)))
        comes = dice.random() < 1 / (1 + np.exp(-odds)) and became + wait <= at
        yield Prospect(
            20_000 + n, became, origin, industry, COUNTRIES[int(dice.random() < 0.3)], touched,
            became + wait if comes else None,
        )  # fmt: skip


def _touched(
    dice: np.random.Generator, became: datetime, early: int, at: datetime
) -> Iterator[tuple[datetime, str]]:
    for _ in range(early):
        when = became + timedelta(days=float(dice.uniform(0, 7)))
        if when <= at:
            yield when, TOUCHES[int(dice.integers(len(TOUCHES)))]


def _rows(prospects: list[Prospect]) -> dict[str, list[dict[str, Any]]]:
    return {
        Entity.ACCOUNT: [_account(one) for one in prospects],
        Entity.CONTACT: [_contact(one) for one in prospects],
        Entity.LEAD: [_lead(one) for one in prospects],
        Entity.TOUCH: [
            {"number": f"d{one.number}-{n}", "at": at, "kind": kind,
             "contact_ref": str(one.number)}
            for one in prospects
            for n, (at, kind) in enumerate(one.touched)
        ],
        Entity.OPPORTUNITY: [_deal(one) for one in prospects if one.converted],
    }  # fmt: skip


def _account(one: Prospect) -> dict[str, Any]:
    return {
        "number": f"a{one.number}", "name": f"{one.industry} {one.number}",
        "industry": one.industry, "country": one.country, "created_at": one.became,
    }  # fmt: skip


def _contact(one: Prospect) -> dict[str, Any]:
    return {
        "number": str(one.number), "email": f"desk.{one.number}@trade.example",
        "account_ref": f"a{one.number}", "lifecycle": "Opportunity" if one.converted else "Lead",
        "origin": one.origin, "created_at": one.became,
    }  # fmt: skip


def _lead(one: Prospect) -> dict[str, Any]:
    return {
        "number": f"l{one.number}", "contact_ref": str(one.number), "origin": one.origin,
        "status": "Qualified" if one.converted else "Open", "became_at": one.became,
    }  # fmt: skip


def _deal(one: Prospect) -> dict[str, Any]:
    return {
        "number": f"o{one.number}", "name": f"First outfit {one.industry} {one.number}",
        "account_ref": f"a{one.number}", "contact_refs": [str(one.number)],
        "pipeline": "Trade desk", "stage": "Proposal", "outcome": Outcome.OPEN,
        "created_at": one.converted,
    }  # fmt: skip
