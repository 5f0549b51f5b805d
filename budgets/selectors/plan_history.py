"""How plans came to be what they are: every transaction of the ledger, and every entry of one cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery, Sum

from accounts.models import User
from approvals.models import ChangeRequest
from approvals.selectors import requests_visible
from budgets.models import BudgetLine, LedgerEntry, LedgerTransaction
from budgets.selectors.plans import planned
from campaigns.models import CampaignLine
from core.money import Money


def plan_changes(user: User) -> QuerySet[LedgerTransaction]:
    """Transactions that touched a line the person sees, newest first, each with its visible legs."""
    lines = BudgetLine.objects.for_user(user)
    legs = LedgerEntry.objects.filter(account__budget_line__in=lines).select_related(
        "account__budget_line", "account__campaign_line__campaign"
    )
    asked = requests_visible(user).filter(pk=OuterRef("request_id")).order_by()
    seen = LedgerEntry.objects.filter(account__budget_line__in=lines).values("transaction")
    return (
        LedgerTransaction.objects.filter(pk__in=seen)
        .annotate(asked_number=Subquery(asked.values("number")[:1]))
        .prefetch_related(Prefetch("entries", legs, to_attr="legs"))
        .order_by("-pk")
    )


def visible_requests(user: User, numbers: Iterable[int | None]) -> Mapping[int, ChangeRequest]:
    """The requests behind transactions, as far as the person sees them."""
    return requests_visible(user).in_bulk({number for number in numbers if number})


@dataclass(frozen=True, slots=True)
class CellEntry:
    """One transaction at a cell: by how much, to what; ``inside`` where the line's total stayed."""

    change: Money
    after: Money
    inside: Money | None
    transaction: LedgerTransaction


def cell_entries(
    line: BudgetLine,
    month: str,
    part: CampaignLine | None = None,
    *,
    words: str = "",
    inside: bool = False,
) -> list[CellEntry]:
    """Every change of a line's month, or of a campaign line's part of it, newest first.

    ``inside`` also lists what was only given out within the line; ``words`` keeps those whose
    person, reason or request number holds them.
    """
    entries = LedgerEntry.objects.filter(account__budget_line=line, account__month=month)
    if part:
        entries = entries.filter(account__campaign_line=part)
    rows = (
        entries.values("transaction")
        .annotate(
            change=Sum("amount_micros"),
            given=Sum("amount_micros", filter=Q(amount_micros__gt=0)),
        )
        .order_by("-transaction")
        .values_list("transaction", "change", "given")
    )
    return _entries(line, planned(line, part, month), list(rows), words.strip().lower(), inside)


def _entries(
    line: BudgetLine,
    after: int,
    rows: Sequence[tuple[int, int, int | None]],
    words: str,
    inside: bool,
) -> list[CellEntry]:
    made = LedgerTransaction.objects.in_bulk([pk for pk, _, _ in rows])
    found = []
    for pk, change, given in rows:
        is_shown = (change or inside) and _holds(made[pk], words)
        if is_shown:
            moved = None if change else Money(given or 0, line.currency)
            now = Money(after, line.currency)
            found.append(CellEntry(Money(change, line.currency), now, moved, made[pk]))
        after -= change
    return found


def _holds(made: LedgerTransaction, words: str) -> bool:
    return not words or words in f"{made.actor_name} {made.reason}".lower()
