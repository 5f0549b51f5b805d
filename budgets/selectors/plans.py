"""What is planned: where money lies, and how it came there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Sum
from django.urls import reverse

from accounts.models import User
from budgets.models import BudgetLine, LedgerAccount, LedgerEntry, LedgerTransaction
from budgets.rules.moves import Place
from campaigns.models import CampaignLine
from core.models import Organisation
from core.money import Money
from core.once import once
from core.periods import Period
from core.search import Hit


def planned(line: BudgetLine, campaign_line: CampaignLine | None, month: str) -> int:
    """Micros planned for a line's month in whole, or for a campaign line's part."""
    accounts = LedgerAccount.objects.filter(budget_line=line, month=month)
    if campaign_line:
        accounts = accounts.filter(campaign_line=campaign_line)
    return accounts.aggregate(total=Sum("balance_micros"))["total"] or 0


def plan_of(campaign_line: CampaignLine, period: Period) -> list[Money]:
    """What a campaign line may spend in the fiscal months of a period, one amount per currency."""
    calendar = Organisation.current().calendar
    months = [month.key for month in calendar.months_between(period.start, period.end)]
    rows = (
        LedgerAccount.objects.filter(campaign_line=campaign_line, month__in=months)
        .values_list("currency")
        .annotate(total=Sum("balance_micros"))
    )
    return [Money(total, currency) for currency, total in rows.order_by("currency")]


def accounts_at(places: Iterable[Place]) -> Mapping[Place, LedgerAccount]:
    """The accounts at places; a place that never held money has none."""
    wanted = set(places)
    return once(("accounts", frozenset(wanted)), lambda: _accounts_at(wanted)) if wanted else {}


def _accounts_at(wanted: Collection[Place]) -> Mapping[Place, LedgerAccount]:
    # Many places are found faster by their lines and months than one by one.
    rows = LedgerAccount.objects.filter(
        budget_line__in={place.budget_line for place in wanted},
        month__in={place.month for place in wanted},
    )
    found = {_place(account): account for account in rows}
    return {place: account for place, account in found.items() if place in wanted}


def _place(account: LedgerAccount) -> Place:
    return Place(account.budget_line_id or 0, account.month, account.campaign_line_id)


@dataclass(frozen=True, slots=True)
class CellChange:
    """One change of a planned amount: by how much, to what, and who, when and why."""

    change: Money
    after: Money
    transaction: LedgerTransaction


def cell_history(
    line: BudgetLine, month: str, campaign_line: CampaignLine | None = None
) -> list[CellChange]:
    """Every change of a line's month (or of a campaign line's part of it), newest first.

    What was only given out inside the line does not change the line's amount.
    """
    entries = LedgerEntry.objects.filter(account__budget_line=line, account__month=month)
    if campaign_line:
        entries = entries.filter(account__campaign_line=campaign_line)
    sums = entries.values("transaction").annotate(change=Sum("amount_micros")).exclude(change=0)
    rows = list(sums.order_by("-transaction").values_list("transaction", "change"))
    made = LedgerTransaction.objects.in_bulk([pk for pk, _ in rows])
    after, changes = planned(line, campaign_line, month), []
    for pk, change in rows:
        changes.append(
            CellChange(Money(change, line.currency), Money(after, line.currency), made[pk])
        )
        after -= change
    return changes


def find_lines(user: User, text: str, limit: int) -> list[Hit]:
    """Budget lines for the global search, by name."""
    rows = BudgetLine.objects.for_user(user).filter(name__icontains=text)
    return [
        Hit(
            "Budget lines",
            line.name,
            f"{line.fiscal_year} · {line.team}",
            reverse("budgets:centre"),
            "wallet",
        )
        for line in rows.select_related("fiscal_year", "team")[:limit]
    ]
