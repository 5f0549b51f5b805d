"""The daily check: target, pace, trend, budget and data, each in a module of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime

from budgets.selectors import local_day
from core import features
from insights.choices import ADVICE
from insights.models import Finding
from insights.services.anomalies import anomalies_seen
from insights.services.arrivals import data_gone
from insights.services.efficiency import results_dearer
from insights.services.explaining import anomalies_explain
from insights.services.findings import Found, findings_sync
from insights.services.goals import goals_off, targets_now
from insights.services.maturity import maturity_learn
from insights.services.outcomes import advice_expire
from insights.services.part_spending import parts_over
from insights.services.recommendations import recommend_for
from insights.services.risks import risks_keep
from insights.services.spending import spending_off
from insights.services.tools import renewals_due, tools_unused
from insights.services.trends import falling_returns

Kind = Finding.Kind
TREND_KINDS = (Kind.TREND,)
TARGET_KINDS = (Kind.TARGET_MISS, Kind.PACE)
BUDGET_KINDS = (Kind.OVERSPEND, Kind.UNDERSPEND)
EFFICIENCY_KINDS = (Kind.EFFICIENCY,)
TOOL_KINDS = (Kind.RENEWAL, Kind.UNUSED_TOOL)
DATA_KINDS = (Kind.STALE_DATA,)
ANOMALY_KINDS = (Kind.ANOMALY,)
# In this order: of two findings about one campaign the first carries the advice.
ADVISED = (Kind.TREND, Kind.TARGET_MISS)


def daily_check(*, now: datetime) -> dict[str, dict[str, int]]:
    """Schedule: look at everything, keep what holds, end what does not, advise what to do."""
    today = local_day(now)
    learnt = maturity_learn(now=now)
    goals = targets_now(today)
    result = {
        "maturity": learnt,
        "trend": _sync(TREND_KINDS, falling_returns(at=now), now),
        "targets": _sync(TARGET_KINDS, goals_off(at=now, today=today, goals=goals), now),
        "budgets": _sync(BUDGET_KINDS, _money_off(now, today), now),
        "efficiency": _sync(EFFICIENCY_KINDS, results_dearer(at=now, today=today), now),
        "tools": _sync(TOOL_KINDS, _tools(now, today), now),
        "data": _sync(DATA_KINDS, data_gone(at=now, today=today), now),
        "anomalies": _sync(ANOMALY_KINDS, anomalies_seen(at=now, today=today), now),
        "explanations": {"kept": anomalies_explain(at=now)},
        "risks": risks_keep(at=now, today=today, goals=goals),
    }
    advice_expire(at=now)
    for kind in ADVISED if features.is_on(ADVICE) else ():
        for finding in Finding.objects.open().filter(kind=kind).select_related("team__parent"):
            recommend_for(finding, at=now)
    return result


def _money_off(now: datetime, today: date) -> list[Found]:
    """Budget lines first; a campaign line is told of only where its budget line is not."""
    lines = list(spending_off(at=now, today=today))
    told = {found.evidence["budget_line"] for found in lines}
    return [*lines, *parts_over(at=now, today=today, without=told)]


def _tools(now: datetime, today: date) -> list[Found]:
    return [*renewals_due(at=now, today=today), *tools_unused(at=now, today=today)]


def _sync(kinds: Sequence[str], found: Iterable[Found], at: datetime) -> dict[str, int]:
    return asdict(findings_sync(kinds=kinds, found=list(found), at=at))
