"""Check: does a budget line spend too much or too little of this month's plan?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import nan

from analytics.results import Pace
from analytics.year_before import YEAR, YearBefore, share_by_then
from budgets.models import BudgetLine
from budgets.selectors import pacing, planned
from campaigns.choices import Status
from core import formats
from core.models import Organisation
from core.money import Money
from core.periods import Period
from insights.models import Finding
from insights.rules.spend import GRAVE, Spending, read_spending
from insights.services.findings import Found
from metrics.selectors import query

KINDS = {"over": Finding.Kind.OVERSPEND, "under": Finding.Kind.UNDERSPEND}
DAY = timedelta(days=1)
METHOD = (
    "Run-rate of the last four weeks carried to the end of the month, with an 80 % range. "
    "It knows no plan of the days ahead; it is not a forecast."
)
# Team, channel and currency: what a line of this year shares with that of the year before.
Place = tuple[int, int, str]
Daily = Mapping[date, float]


@dataclass(frozen=True, slots=True)
class Spent:
    """A plan of a month with its pace; ``through`` is the last day counted."""

    plan: Money
    pace: Pace
    spending: Spending
    through: date

    def money(self, micros: float | None) -> str:
        return formats.money(Money(round(micros or 0), self.plan.currency))

    def advice(self) -> str:
        """What brings the month back to its plan, in numbers and without a model."""
        days = self.pace.days_total - self.pace.days_elapsed
        needed = self.pace.needed
        if self.spending.kind == "under":
            left = self.money(self.plan.micros - (self.pace.landing or 0))
            return f"about {left} would be left over; move it to where it returns more, or find out what holds it back."  # fmt: skip
        if needed is not None and needed > 0:
            return f"spend {self.money(needed)} a day on the {days} days left to end on plan, or ask for more."  # fmt: skip
        return "the plan is used up; stop what it pays for, or ask for more."

    def facts(self) -> list[list[str]]:
        pace = self.pace
        return [
            ["Plan of the month", formats.money(self.plan)],
            ["Spent", self.money(pace.actual)],
            ["Expected by now", self.money(pace.expected)],
            ["Run-rate ends at", self.money(pace.landing)],
            ["Days over", f"{pace.days_elapsed} of {pace.days_total}"],
            ["Newest day counted", formats.day(self.through)],
            ["Currency", self.plan.currency],
        ]


@dataclass(frozen=True, slots=True)
class _Judged:
    line: BudgetLine
    month: Period
    spent: Spent
    before: YearBefore


def spending_off(*, at: datetime, today: date) -> Iterator[Found]:
    """A finding for each budget line whose month ends beyond what its plan allows."""
    # A month is judged while it runs, and its last day on the morning after.
    month = Organisation.current().calendar.month_of(today - DAY)
    newest, before = _newest(month, today), _year_before(month)
    if not newest:
        return
    held, live = _held(), _live(month)
    for line in _lines(month):
        place = (line.team_id, line.channel_id, line.currency)
        # Days of live work that did not arrive are not days without spend; a line that was
        # stopped while others go on did stop.
        latest = max(newest.values())
        through = newest.get(place, latest) if line.pk in live else latest
        judged = _judge(line, month, through, before.get(place, {}), held.get(line.pk, ""))
        if judged.spent.spending.kind:
            yield _found(judged, at)


def _lines(month: Period) -> list[BudgetLine]:
    rows = BudgetLine.objects.filter(accounts__month=month.key).distinct()
    return list(rows.select_related("team", "channel", "owner", "fiscal_year").order_by("pk"))


def _live(month: Period) -> set[int]:
    """Budget lines that pay for something live."""
    rows = BudgetLine.objects.filter(accounts__month=month.key)
    rows = rows.filter(campaign_lines__campaign__status=Status.LIVE)
    return set(rows.values_list("pk", flat=True))


def _held() -> dict[int, str]:
    """What is open: budget line -> over or under."""
    rows = Finding.objects.open().filter(kind__in=list(KINDS.values()), line=None)
    return {row.evidence["budget_line"]: row.evidence["spending"] for row in rows}


def _newest(month: Period, today: date) -> dict[Place, date]:
    """The newest day of the month with spend, by place."""
    daily = _spend(Period("month", month.start, min(month.end, today - DAY)))
    return {place: max(days) for place, days in daily.items()}


def _year_before(month: Period) -> Mapping[Place, Daily]:
    """The same team's spend in the same channel, on the days a year before."""
    back = timedelta(days=YEAR)
    return _spend(Period("before", month.start - back, month.end - back))


def _spend(period: Period) -> Mapping[Place, Daily]:
    answer = query(
        metrics=["spend"],
        by=["team", "channel", "currency", "day"],
        period=period,
        viewer=None,
    )
    found: dict[Place, dict[date, float]] = defaultdict(dict)
    for row in answer.rows:
        if row["spend"] is not None:
            found[row["team"], row["channel"], row["currency"]][row["day"]] = row["spend"]
    return found


def _judge(line: BudgetLine, month: Period, through: date, before: Daily, held: str) -> _Judged:
    plan = Money(planned(line, None, month.key), line.currency)
    pace = pacing(line, month, today=through + DAY)
    days = [month.start + n * DAY for n in range(month.days)]
    back = timedelta(days=YEAR)
    shape = share_by_then(
        [before.get(day - back, nan) for day in days],
        [(day - back).toordinal() for day in days],
        first_day=month.start.toordinal(),
        through=through.toordinal(),
        last_day=month.end.toordinal(),
    )
    spending = read_spending(pace, plan=plan.micros, share_before=shape.share, held=held)
    return _Judged(line, month, Spent(plan, pace, spending, through), shape)


def _found(one: _Judged, at: datetime) -> Found:
    line, spent = one.line, one.spent
    kind = KINDS[spent.spending.kind]
    return Found(
        kind=kind,
        cause=f"{kind}:budget_line:{line.pk}:{one.month.key}",
        team=line.team,
        metric="spend",
        title=_title(one),
        reason=" ".join([spent_reason(spent), _season(one.before)]),
        window=(one.month.start, spent.through),
        stake_micros=abs(round(spent.spending.gap * spent.plan.micros)),
        currency=line.currency,
        evidence={
            "spending": spent.spending.kind,
            "budget_line": line.pk,
            "month": one.month.key,
            "owner": line.owner_id,
            "severity": _severity(spent.spending),
            "unit": "money",
            "currency": line.currency,
            "method": METHOD,
            "facts": spent.facts(),
            "no_advice": spent.advice(),
            "n": spent.pace.n,
            "as_of": at,
        },
    )


def _severity(spending: Spending) -> str:
    if spending.kind == "under":
        return "warning" if spending.gap < -2 * GRAVE else "info"
    return "critical" if spending.gap > GRAVE else "warning"


def _title(one: _Judged) -> str:
    name, team = one.line.name, one.line.team.name
    share = formats.percent(abs(one.spent.spending.gap), 0)
    whose = name if team.lower() in name.lower() else f"{name} of {team}"
    return f"{whose} heads for {share} {one.spent.spending.kind} its plan of {one.month.label}"


def spent_reason(spent: Spent) -> str:
    """The numbers and the window, in a sentence or two."""
    pace, range_ = spent.pace, spent.pace.landing_interval
    told = (
        f"{spent.money(pace.actual)} of {formats.money(spent.plan)} are spent after "
        f"{pace.days_elapsed} of {pace.days_total} days."
    )
    if range_ is None:
        return told
    return (
        f"{told} At the run-rate of the last four weeks the month ends at "
        f"{spent.money(pace.landing)} (80 % range {spent.money(range_.low)} to "
        f"{spent.money(range_.high)})."
    )


def _season(before: YearBefore) -> str:
    if before.share is None:
        return "There is no full year before to compare with, so a season may explain it."
    share = formats.percent(before.share, 0)
    return f"A year ago {share} of the month was spent by this day."
