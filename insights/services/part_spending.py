"""Check: does one campaign line spend its budget line's money beyond its own plan?

The budget line may be on plan while a campaign takes what another was given. Only too much is
said here: what one takes too much, others lack, and that would be the same cause twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, timedelta

from analytics.pace import HISTORY_DAYS, pace_total
from analytics.results import Pace
from budgets.models import LedgerAccount
from campaigns.choices import Status
from campaigns.models import CampaignLine
from core import formats
from core.models import Organisation
from core.money import Money
from core.periods import Period
from insights.models import Finding
from insights.rules.spend import GRAVE, Spending, read_spending
from insights.services.findings import Found
from insights.services.spending import METHOD, Spent, spent_reason
from metrics.selectors import query

SEED = 20_263
DAY = timedelta(days=1)


def parts_over(*, at: datetime, today: date, without: Collection[int]) -> Iterator[Found]:
    """A finding for each live campaign line that heads beyond its month's plan.

    ``without`` are budget lines that have a finding of their own.
    """
    month = Organisation.current().calendar.month_of(today - DAY)
    plans = _plans(month, without)
    spent = _spent([line.pk for line, _ in plans], month, today)
    held = _held()
    for line, plan in plans:
        days = spent.get(line.pk, {})
        if not days or max(days) < month.start:
            continue
        pace = _pace(line, plan, days, month)
        spending = read_spending(pace, plan=plan.micros, held=held.get(line.pk, ""))
        if spending.kind == "over":
            yield _found(line, Spent(plan, pace, spending, max(days)), month, at)


def _plans(month: Period, without: Collection[int]) -> list[tuple[CampaignLine, Money]]:
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
    ).select_related("campaign_line__campaign__team", "campaign_line__channel", "budget_line")
    by_line: dict[int, list[LedgerAccount]] = defaultdict(list)
    for row in rows.order_by("campaign_line"):
        by_line[row.campaign_line_id or 0].append(row)
    return [
        (
            row.campaign_line,
            Money(row.balance_micros + free.get(row.budget_line_id or 0, 0), row.currency),
        )
        for (row, *others) in by_line.values()
        if not others
        and row.campaign_line
        and row.currency == row.campaign_line.currency
        and row.budget_line_id not in without
    ]


def _spent(lines: list[int], month: Period, today: date) -> Mapping[int, dict[date, int]]:
    period = Period("parts", month.start - HISTORY_DAYS * DAY, min(month.end, today - DAY))
    if not lines:
        return {}
    answer = query(
        metrics=["spend"],
        by=["line", "currency", "day"],
        where={"line": lines},
        period=period,
        viewer=None,
    )
    found: dict[int, dict[date, int]] = defaultdict(dict)
    for row in answer.rows:
        if row["spend"] is not None:
            found[row["line"]][row["day"]] = row["spend"]
    return found


def _held() -> dict[int, str]:
    rows = Finding.objects.open().filter(kind=Finding.Kind.OVERSPEND, line__isnull=False)
    return {row.line_id or 0: "over" for row in rows}


def _pace(line: CampaignLine, plan: Money, spent: dict[date, int], month: Period) -> Pace:
    first, last = min(spent), max(spent)
    days = [first + n * DAY for n in range((last - first).days + 1)]
    return pace_total(
        [spent.get(day, 0) for day in days],
        [day.toordinal() for day in days],
        target=plan.micros,
        first_day=month.start.toordinal(),
        last_day=month.end.toordinal(),
        seed=SEED + line.pk,
    )


def _found(line: CampaignLine, spent: Spent, month: Period, at: datetime) -> Found:
    share = formats.percent(spent.spending.gap, 0)
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
        stake_micros=abs(round(spent.spending.gap * spent.plan.micros)),
        currency=spent.plan.currency,
        evidence={
            "spending": "over",
            "month": month.key,
            "severity": _severity(spent.spending),
            "unit": "money",
            "currency": spent.plan.currency,
            "method": METHOD,
            "facts": spent.facts(),
            "no_advice": spent.advice(),
            "n": spent.pace.n,
            "as_of": at,
        },
    )


def _severity(spending: Spending) -> str:
    return "critical" if spending.gap > 2 * GRAVE else "warning"
