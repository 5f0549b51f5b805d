"""Check: does one campaign line spend its budget line's money beyond its own plan?

The budget line may be on plan while a campaign takes what another was given. Only too much is
said here: what one takes too much, others lack, and that would be the same cause twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta

from budgets.models import BudgetLine, LedgerAccount
from budgets.selectors import part_landings
from campaigns.choices import Status
from campaigns.models import CampaignLine
from core import formats
from core.models import Organisation
from core.money import Money
from core.periods import Period
from insights.models import Finding
from insights.rules.spend import GRAVE, Spending, read_spending
from insights.services.findings import Found
from insights.services.spending import Spent, spent_reason

DAY = timedelta(days=1)


def parts_over(*, at: datetime, today: date, without: Collection[int]) -> Iterator[Found]:
    """A finding for each live campaign line that is likely to end beyond its month's plan.

    ``without`` are budget lines that have a finding of their own.
    """
    month = Organisation.current().calendar.month_of(today - DAY)
    parts, held = _plans(month, without), _held()
    lines = {part.pk: part for _, part, _ in parts}
    for pk, found in part_landings(parts, month, today=today).items():
        spending = read_spending(found.landing, held=held.get(pk, ""))
        if spending.kind == "over":
            yield _found(lines[pk], Spent(found, spending), at)


def _plans(month: Period, without: Collection[int]) -> list[tuple[BudgetLine, CampaignLine, Money]]:
    """Live lines that one budget line in their own currency pays for, and what they may take.

    That is their plan and what their budget line has given to nobody: taking of it harms no one.
    """
    free = dict(
        LedgerAccount.objects.filter(
            month=month.key, campaign_line=None, budget_line__isnull=False
        ).values_list("budget_line", "balance_micros")
    )
    rows = LedgerAccount.objects.filter(
        month=month.key,
        balance_micros__gt=0,
        campaign_line__campaign__status=Status.LIVE,
    ).select_related(
        "campaign_line__campaign__team", "campaign_line__channel", "budget_line__fiscal_year"
    )
    by_line: dict[int, list[LedgerAccount]] = defaultdict(list)
    for row in rows.order_by("campaign_line"):
        by_line[row.campaign_line_id or 0].append(row)
    return [
        (
            row.budget_line,
            row.campaign_line,
            Money(row.balance_micros + free.get(row.budget_line_id or 0, 0), row.currency),
        )
        for (row, *others) in by_line.values()
        if not others
        and row.campaign_line
        and row.budget_line
        and row.currency == row.campaign_line.currency
        and row.budget_line_id not in without
    ]


def _held() -> dict[int, str]:
    rows = Finding.objects.open().filter(kind=Finding.Kind.OVERSPEND, line__isnull=False)
    return {row.line_id or 0: "over" for row in rows}


def _found(line: CampaignLine, spent: Spent, at: datetime) -> Found:
    month, share = spent.found.month, formats.percent(spent.spending.gap, 0)
    return Found(
        kind=Finding.Kind.OVERSPEND,
        cause=f"{Finding.Kind.OVERSPEND}:line:{line.pk}:{month.key}",
        team=line.campaign.team,
        campaign=line.campaign,
        line=line,
        metric="spend",
        title=f"{line} heads for {share} over its plan of {month.label}",
        reason=f"{spent_reason(spent)} Its budget line as a whole is within its plan, so others "
        "get less than they were given.",
        window=(month.start, spent.through),
        stake_micros=spent.stake_micros,
        currency=spent.found.plan.currency,
        evidence={"severity": _severity(spent.spending), **spent.evidence(at)},
    )


def _severity(spending: Spending) -> str:
    return "critical" if spending.gap > 2 * GRAVE else "warning"
