"""Check: does a budget line spend too much or too little of this month's plan?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from analytics.results import Landing
from budgets.models import BudgetLine
from budgets.selectors import LineLanding, act_words, chance_words, line_landings
from core import formats
from core.models import Organisation
from core.periods import Period
from insights.models import Finding
from insights.rules.spend import GRAVE, QUIET_UNDER, Spending, read_spending
from insights.services.findings import Found

KINDS = {"over": Finding.Kind.OVERSPEND, "under": Finding.Kind.UNDERSPEND}
DAY = timedelta(days=1)
METHOD = (
    "Spent and promised money, and the days left drawn 400 times from the line's plans, flights, "
    "weekdays and its own ups and downs. Told from a chance of 80 % on, held until 50 %."
)


@dataclass(frozen=True, slots=True)
class Spent:
    """A month with its landing and what is said of it."""

    found: LineLanding
    spending: Spending

    def money(self, micros: float | None) -> str:
        return formats.money(self.found.money(micros))

    def advice(self) -> str:
        """What brings the month back to its plan, in numbers."""
        landing = self.found.landing
        if self.spending.kind == "under":
            left = self.money(landing.leftover)
            start = f"about {left} would be left over; move it to where it returns more, or find out what holds it back."
        else:
            start = self._spend_on()
        return " ".join(filter(None, [start, act_words(self.found)]))

    def _spend_on(self) -> str:
        """The daily spend that ends on plan."""
        landing = self.found.landing
        days = landing.days_total - _reported(landing)
        left = landing.plan - landing.spent - landing.certain
        if days and left > 0:
            return f"spend {self.money(left / days)} a day on the {days} days left to end on plan, or ask for more."
        return "the plan is used up; stop what it pays for, or ask for more."

    def facts(self) -> list[list[str]]:
        one = self.found.landing
        rows = [
            ["Plan of the month", formats.money(self.found.plan)],
            ["Spent", self.money(one.spent)],
            ["Promised on top", self.money(one.certain)],
            ["Chance to end over the plan", chance_words(one.chance_over)],
            ["Chance to end more than 5 % under it", chance_words(one.chance_under)],
            ["Ends at (P10, P50, P90)", ", ".join(map(self.money, (one.p10, one.p50, one.p90)))],
            ["Expected left over", self.money(one.leftover)],
            ["Expected overspend", self.money(one.overspend)],
            ["Days with data", f"{_reported(one)} of {one.days_total}"],
            ["Days without data", str(one.days_missing)],
            ["Days of history", str(one.n)],
        ]
        if self.found.through:
            rows.append(["Newest day counted", formats.day(self.found.through)])
        return [*rows, ["Currency", self.found.plan.currency]]

    def kept(self) -> dict[str, Any]:
        """The numbers as they were shown, for whoever quotes the finding."""
        one = self.found.landing
        amounts = ("plan", "spent", "certain", "p10", "p50", "p90", "leftover", "overspend")
        return {
            **{f"{name}_micros": round(getattr(one, name) or 0) for name in amounts},
            "chance_over": repr(one.chance_over),
            "chance_under": repr(one.chance_under),
            "act_by": act_words(self.found),
            "days_missing": one.days_missing,
            "method": one.method,
        }

    def evidence(self, at: datetime) -> dict[str, Any]:
        """What findings about spending have in common."""
        return {
            "spending": self.spending.kind,
            "month": self.found.month.key,
            "unit": "money",
            "currency": self.found.plan.currency,
            "method": METHOD,
            "facts": self.facts(),
            "landing": self.kept(),
            "no_advice": self.advice(),
            "n": self.found.landing.n,
            "as_of": at,
        }

    @property
    def stake_micros(self) -> int:
        """What is expected beyond the plan, or left of it."""
        one = self.found.landing
        return round((one.overspend if self.spending.kind == "over" else one.leftover) or 0)

    @property
    def through(self) -> date:
        """The last day counted."""
        return min(self.found.through or self.found.month.start, self.found.month.end)


def spending_off(*, at: datetime, today: date) -> Iterator[Found]:
    """A finding for each budget line whose month is likely to end beyond its plan, or short of it."""
    # A month is judged while it runs, and its last day on the morning after.
    month = Organisation.current().calendar.month_of(today - DAY)
    lines, held = _lines(month), _held()
    for found in line_landings(lines, month, today=today).values():
        spending = read_spending(found.landing, held=held.get(found.line.pk, ""))
        if spending.kind and found.through and found.through >= month.start:
            yield _found(Spent(found, spending), at)


def _reported(landing: Landing) -> int:
    """Days of the month that are over and arrived."""
    return landing.days_elapsed - landing.days_missing


def _lines(month: Period) -> list[BudgetLine]:
    rows = BudgetLine.objects.filter(accounts__month=month.key).distinct()
    return list(rows.select_related("team", "channel", "owner", "fiscal_year").order_by("pk"))


def _held() -> dict[int, str]:
    """What is open: budget line -> over or under."""
    rows = Finding.objects.open().filter(kind__in=list(KINDS.values()), line=None)
    return {row.evidence["budget_line"]: row.evidence["spending"] for row in rows}


def _found(spent: Spent, at: datetime) -> Found:
    line, month = spent.found.line, spent.found.month
    kind = KINDS[spent.spending.kind]
    return Found(
        kind=kind,
        cause=f"{kind}:budget_line:{line.pk}:{month.key}",
        team=line.team,
        metric="spend",
        title=_title(line, month, spent.spending),
        reason=spent_reason(spent),
        window=(month.start, spent.through),
        stake_micros=spent.stake_micros,
        currency=line.currency,
        evidence={
            "budget_line": line.pk,
            "owner": line.owner_id,
            "severity": _severity(spent.spending),
            "quiet": spent.spending.kind == "under" and spent.spending.gap > -QUIET_UNDER,
            **spent.evidence(at),
        },
    )


def _severity(spending: Spending) -> str:
    if spending.kind == "under":
        return "warning" if spending.gap < -2 * GRAVE else "info"
    return "critical" if spending.gap > GRAVE else "warning"


def _title(line: BudgetLine, month: Period, spending: Spending) -> str:
    name, team = line.name, line.team.name
    share = formats.percent(abs(spending.gap), 0)
    whose = name if team.lower() in name.lower() else f"{name} of {team}"
    return f"{whose} heads for {share} {spending.kind} its plan of {month.label}"


def spent_reason(spent: Spent) -> str:
    """The numbers and the window, in a few sentences."""
    one, plan = spent.found.landing, formats.money(spent.found.plan)
    told = f"{spent.money(one.spent)} of {plan} are spent after {_reported(one)} of {one.days_total} days."
    promised = f" {spent.money(one.certain)} more are promised." if one.certain else ""
    side = "above its plan" if spent.spending.kind == "over" else "more than 5 % below its plan"
    return (
        f"{told}{promised} The chance to end {side} is {chance_words(spent.spending.chance)}: "
        f"it lands at {spent.money(one.p50)}, in 8 of 10 cases between {spent.money(one.p10)} "
        f"and {spent.money(one.p90)}. {act_words(spent.found)}".strip()
    )
