"""Leads and customers whose outcome follows a rule that tests know.

``come_in`` leads convert more often the more touches they had and never because of their
country; ``customers`` leave when their payments fail.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

import numpy as np

from accounts.models import Team
from analytics.scores import Record
from analytics.scores.encoding import Encoding, Numeric, Textual
from analytics.scores.record import LOGISTIC
from core.personal import Kind, token
from customers.models import Account, Contact, Lead, Opportunity, Payment, Touchpoint
from insights.models import ModelVersion, Score
from insights.services.scores import scores_give
from insights.services.versions import Trained, version_add
from metrics.models import Batch

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
_numbers = count(1)


def batch(at: datetime = NOW) -> Batch:
    """The import that brought the records."""
    return Batch.objects.create(known_at=at, source=0, label="CRM")


def come_in(
    team: Team, n: int = 1_500, *, days: int = 400, seed: int = 5, now: datetime = NOW
) -> list[Lead]:
    """Leads that came in over the last days, oldest first; about one in five converts."""
    dice = np.random.default_rng(seed)
    brought = batch(now)
    common = {"team": team, "batch": brought}
    start = next(_numbers) * 100_000
    became = [now - DAY * float(days * (n - at) / n) for at in range(n)]
    origins = dice.choice(["Referral", "Download"], n)
    touches = dice.poisson(1.2, n)
    accounts = Account.objects.bulk_create(
        Account(number=f"a{start + at}", name=f"Account {start + at}", industry="Retail",
                country=str(dice.choice(["AT", "DE"])), created_at=became[at], **common)
        for at in range(n)
    )  # fmt: skip
    people = Contact.objects.bulk_create(
        Contact(number=token(Kind.NUMBER, str(start + at)), account=accounts[at],
                account_ref=accounts[at].number, origin=origins[at], created_at=became[at],
                seen_at=now, **common)
        for at in range(n)
    )  # fmt: skip
    leads = Lead.objects.bulk_create(
        Lead(number=token(Kind.NUMBER, f"l{start + at}"), contact=people[at],
             contact_ref=people[at].number, origin=origins[at], became_at=became[at], **common)
        for at in range(n)
    )  # fmt: skip
    Touchpoint.objects.bulk_create(
        Touchpoint(number=f"t{start + at}-{k}", at=became[at] + timedelta(hours=k + 1), kind="Call",
                   contact=people[at], account=accounts[at], **common)
        for at in range(n) for k in range(touches[at])
    )  # fmt: skip
    odds = -2.9 + 0.9 * touches + 1.1 * (origins == "Referral")
    comes = dice.random(n) < 1 / (1 + np.exp(-odds))
    converted = [(at, people[at]) for at in range(n) if comes[at]]
    _deals(team, brought, converted, became, dice, now)
    return leads


def contact_of(lead: Lead) -> Contact:
    """The person of a lead, who is there."""
    assert lead.contact is not None
    return lead.contact


def account_of(lead: Lead) -> Account:
    """The account that the person of a lead belongs to."""
    account = contact_of(lead).account
    assert account is not None
    return account


def _deals(
    team: Team,
    brought: Batch,
    converted: list[tuple[int, Contact]],
    became: list[datetime],
    dice: np.random.Generator,
    now: datetime,
) -> None:
    """An opportunity for each, some weeks after the lead came in, when that is over."""
    made = []
    for at, person in converted:
        opened = became[at] + DAY * float(dice.uniform(46, 60))
        if opened <= now:
            made.append((person, Opportunity(team=team, batch=brought, number=f"o{person.pk}",
                                             account=person.account, created_at=opened)))  # fmt: skip
    deals = Opportunity.objects.bulk_create(deal for _, deal in made)
    through = Opportunity.contacts.through
    through.objects.bulk_create(
        through(opportunity_id=deal.pk, contact_id=person.pk)
        for (person, _), deal in zip(made, deals, strict=True)
    )


def customers(team: Team, n: int = 60, *, months: int = 18, now: datetime = NOW) -> list[Account]:
    """Accounts that pay each month; every fifth stops after a payment that failed."""
    brought = batch(now)
    common = {"team": team, "batch": brought}
    start = next(_numbers) * 100_000
    accounts = Account.objects.bulk_create(
        Account(number=f"c{start + at}", name=f"Customer {start + at}", industry="Rental", **common)
        for at in range(n)
    )
    payments = []
    for at, account in enumerate(accounts):
        stops = months // 2 if at % 5 == 0 else months
        for month in range(stops):
            paid = now - DAY * (30 * (months - month) - 5)
            payments.append(Payment(number=f"p{account.pk}-{month}", account=account, at=paid,
                                    is_failed=stops < months and month == stops - 1, **common))  # fmt: skip
    Payment.objects.bulk_create(payments)
    return accounts


def a_model(team: Team, kind: str = "leads", *, at: datetime = NOW) -> ModelVersion:
    """A model in use that was written by hand: each touch of the week doubles the odds.

    One touch: log-odds −2 + 0.693; referrals stand 1 higher than downloads.
    """
    column = "touches_7" if kind == "leads" else "failed_90"
    encoding = Encoding(
        (Numeric(column, -1.0, 0.0, 0.0, 1.0), Textual("origin", ("Download", "Referral"), 0.5))
        if kind == "leads"
        else (Numeric(column, -1.0, 0.0, 0.0, 1.0),)
    )
    slopes = (0.6931472, 0.0, -0.5, 0.5) if kind == "leads" else (2.0, 0.0)
    record = Record(
        target=kind, kind=LOGISTIC, encoding=encoding, base=-2.0, coefficients=slopes,
        centre=(0.0,) * len(slopes), trees=(), rows=1_000, positives=150,
    )  # fmt: skip
    tenths = [
        {"n": 100, "said": 0.03 * n + 0.02, "came": 0.03 * n + 0.03, "low": 0.03 * n, "high": 0.1 + 0.03 * n}
        for n in range(10)
    ]  # fmt: skip
    scores = {
        "auc": 0.8, "auc_low": 0.77, "auc_high": 0.83, "brier": 0.1, "brier_base": 0.1275,
        "calibration_error": 0.01, "lift": 2.0, "base_rate": 0.15, "positives": 150, "judged": 1_000,
        "calibration": tenths, "suspects": [], "left_out": [],
        "factors": [{"name": column, "strength": 0.7, "raises": "high", "lowers": "low"}],
    }  # fmt: skip
    trained = Trained(
        sha256="a" * 64, rows=1_000, batch=None, known_at=at, record=record.plain(), scores=scores,
        params={"table": 1, "columns": [one.name for one in encoding.columns]},
    )  # fmt: skip
    return version_add(kind=kind, team=team, trained=trained, user=None, at=at)


def a_chance(team: Team) -> Score:
    """One lead of the team with a chance, by the model above."""
    come_in(team, 2, days=10)
    a_model(team)
    scores_give(kind="leads", team=team, now=NOW)
    return Score.objects.filter(kind="leads").latest("pk")
