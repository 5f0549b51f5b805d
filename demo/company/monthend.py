"""Month-end at Tarn & Fell: finance closed the older months, owners signed the newest ones.

Of the months of the running year that are over the last one is still to be closed, with
some signatures missing: a visitor finds closed, closable and open months.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from accounts.models import User
from budgets.selectors.closing import FiscalMonth, MonthItems, fiscal_month, month_items
from budgets.selectors.signoffs import Subject, subjects
from budgets.selectors.variance import variances
from budgets.services.closing import freeze
from budgets.services.signoffs import owners_remind, subjects_sign
from budgets.services.variance import note_write
from core.models import Organisation
from core.periods import Period
from demo.company.records import Company

# Owners sign in the first days of the next month, finance closes on the sixth.
SIGNED_AFTER, CLOSED_AFTER = timedelta(days=4), timedelta(days=6)
# Who is late with the month that is still to be closed.
LATE = ("rosa", "eilidh")
COMMENTS = (
    "Figures agree with the platforms’ bills.",
    "Checked against the media plan; nothing is missing.",
    "Agreed. The late delivery of the feed is explained under variances.",
)
REASONS = (
    "Started a week later than planned, the money is used in the weeks after.",
    "Prices per click were above plan while demand held; kept running on purpose.",
    "Fewer impressions than booked; the rest stays with the platform.",
)


def plan_month_end(company: Company) -> None:
    """Let every month of the running year that is over be signed or closed in its time."""
    over = _over(company)
    for number, period in enumerate(over):
        is_last = number == len(over) - 1
        signed = company.moments.on(period.end + SIGNED_AFTER, 15)
        closed = company.moments.on(period.end + CLOSED_AFTER, 11)
        if number >= len(over) - 2:
            company.timeline.add(
                signed, "month-end", partial(_sign, company, period, is_last=is_last)
            )
        if not is_last:
            company.timeline.add(closed, "month-end", partial(_close, company, period))


def _over(company: Company) -> list[Period]:
    calendar = Organisation.current().calendar
    months = calendar.months(calendar.year_of(company.today))
    return [month for month in months if month.end + CLOSED_AFTER < company.today]


def _close(company: Company, period: Period, at: datetime) -> None:
    """Finance leaves every difference as a variance, so that no money has to move."""
    month = fiscal_month(period.key)
    actor = company.people["ben"].as_actor()
    freeze(month, actor, reason=f"{month.label} agrees with the books.", at=at)


def _sign(company: Company, period: Period, at: datetime, *, is_last: bool) -> None:
    month = fiscal_month(period.key)
    items = month_items(month)
    _explain(month, items, at)
    rows = subjects(month, None, items)
    late = {company.people[key].pk for key in LATE} if is_last else set[int]()
    owners = {row.owner.pk: row.owner for row in rows}
    for number, owner in enumerate(owners.values()):
        if owner.pk not in late:
            _sign_own(month, owner, rows, COMMENTS[number % len(COMMENTS)], at)
    if is_last:
        owners_remind(
            user=company.people["ben"], month=month.key, owners=late, at=at + timedelta(hours=1)
        )


def _sign_own(
    month: FiscalMonth, owner: User, rows: list[Subject], comment: str, at: datetime
) -> None:
    own = [row for row in rows if row.owner.pk == owner.pk]
    subjects_sign(user=owner, month=month, rows=own, comment=comment, at=at)


def _explain(month: FiscalMonth, items: MonthItems, at: datetime) -> None:
    """Every larger variance gets a word of its line's owner."""
    missing = [row for row in variances(month, None, items) if row.is_missing]
    for number, row in enumerate(missing):
        text = REASONS[number % len(REASONS)]
        note_write(user=row.line.owner, row=row, month=month, text=text, at=at)
