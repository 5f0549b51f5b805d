"""Where a line's spend of a month stands against its plan, at its present run-rate."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from analytics.pace import HISTORY_DAYS, pace_total
from analytics.results import Pace
from budgets.models import BudgetLine
from budgets.rules.actuals import shares
from budgets.selectors.months import part_plans, payers_of, rate_finder
from budgets.selectors.plans import planned
from core.models import Organisation
from core.money import Money, convert
from core.periods import Period
from metrics.selectors import query

DAY = timedelta(days=1)
# The draws of a run-rate are the same at every look.
SEED = 20_261


def pacing(line: BudgetLine, month: Period, *, today: date) -> Pace:
    """Pace of a budget line in a month: spent, expected by now, and where the run-rate ends.

    Amounts are micros of the line's currency. Days count up to yesterday. A run-rate is no
    forecast: it knows no season and no plan. Refuses with a reason when data is too thin.
    """
    last = min(month.end, today - DAY)
    first = min(month.start, last) - HISTORY_DAYS * DAY
    daily = _daily_spend(line, Period("history", first, max(last, first)))
    started = min(daily, default=last)
    days = [started + n * DAY for n in range((last - started).days + 1)]
    return pace_total(
        [daily.get(day, 0) for day in days],
        [day.toordinal() for day in days],
        target=planned(line, None, month.key),
        first_day=month.start.toordinal(),
        last_day=month.end.toordinal(),
        seed=SEED + line.pk,
    )


def _daily_spend(line: BudgetLine, period: Period) -> dict[date, int]:
    """Day -> micros that the line bears, in its own currency; days without a row are left out."""
    payers = {
        part: lines for part, lines in payers_of(line.fiscal_year).items() if line.pk in lines
    }
    if not payers:
        return {}
    found = query(
        metrics=["spend"],
        by=["line", "day", "currency"],
        where={"line": list(payers)},
        period=period,
        viewer=None,
    )
    rates, sums = rate_finder(), defaultdict[date, int](int)
    plans, calendar = part_plans(line.fiscal_year), Organisation.current().calendar
    for row in found.rows:
        rate = rates.find(row["currency"], line.currency, row["day"])
        if row["spend"] is None or rate is None:
            continue
        lines = list(payers[row["line"]])
        month = calendar.month_of(row["day"]).key
        part = shares(row["spend"], lines, plans.get((row["line"], month), {}))[line.pk]
        sums[row["day"]] += convert(Money(part, row["currency"]), rate.rate, line.currency).micros
    return sums
