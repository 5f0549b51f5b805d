"""Opportunities by stage: how many, worth how much, for how long."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import cast

from django.db.models import OuterRef, Subquery

from accounts.models import User
from core.money import Money
from customers.choices import Outcome
from customers.models import Opportunity, RecordQuerySet, StageEntry


@dataclass(frozen=True, slots=True)
class StageSum:
    """The open opportunities of one stage. ``values``: one amount per currency, never added
    across; ``without_amount`` of them name none. ``age`` is the median time in the stage."""

    pipeline: str
    stage: str
    count: int
    values: tuple[Money, ...]
    without_amount: int
    age: timedelta | None


def opportunities_for(user: User) -> RecordQuerySet:
    """Opportunities in sight, with the moment each entered its stage."""
    current = StageEntry.objects.filter(opportunity=OuterRef("pk"), left_at=None)
    found: RecordQuerySet = Opportunity.objects.for_user(user)
    return cast(
        RecordQuerySet,
        found.filter(is_deleted=False)
        .select_related("account", "team")
        .annotate(entered_at=Subquery(current.order_by("-entered_at").values("entered_at")[:1])),
    )


def pipeline_for(user: User, now: datetime) -> list[StageSum]:
    """The open pipeline, the fullest stage first."""
    open_deals = opportunities_for(user).filter(outcome=Outcome.OPEN)
    groups: dict[tuple[str, str], list[Opportunity]] = defaultdict(list)
    for deal in open_deals:
        groups[deal.pipeline, deal.stage].append(deal)
    sums = [_sum(*key, deals, now) for key, deals in groups.items()]
    return sorted(sums, key=lambda one: (-one.count, one.stage))


def _sum(pipeline: str, stage: str, deals: list[Opportunity], now: datetime) -> StageSum:
    amounts = [deal.amount for deal in deals]
    entered = [entered_at for deal in deals if (entered_at := getattr(deal, "entered_at", None))]
    age = median((now - at).total_seconds() for at in entered) if entered else None
    return StageSum(
        pipeline,
        stage or "No stage",
        len(deals),
        by_currency(amount for amount in amounts if amount),
        amounts.count(None),
        None if age is None else timedelta(seconds=age),
    )


def by_currency(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """Sums apart by currency, the largest first."""
    sums: dict[str, int] = defaultdict(int)
    for amount in amounts:
        sums[amount.currency] += amount.micros
    found = [Money(micros, currency) for currency, micros in sums.items()]
    return tuple(sorted(found, key=lambda money: -money.micros))
