"""The plan of a whole year as rows of months, with what an editor has to know of every cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import can
from budgets.choices import LockLevel
from budgets.models import BudgetLine, Draw, FiscalYear, LedgerAccount, PlanLock
from budgets.rules.cells import minor_text
from budgets.rules.fx import Quote
from budgets.selectors.closes import closed_months
from budgets.selectors.grids import moves_by_place, pending_requests
from budgets.selectors.locks import lock_of, lock_sentence
from budgets.selectors.months import rate_finder
from campaigns.models import CampaignLine, Channel
from core.models import Organisation
from core.money import minor_digits
from core.periods import Period

# (budget line, campaign line or 0, month) -> (micros, version)
Cells = Mapping[tuple[int, int, str], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A budget line, or a campaign line's part of one: micros and version of each month."""

    line: BudgetLine
    part: CampaignLine | None
    micros: Sequence[int]
    versions: Sequence[int]


@dataclass(frozen=True, slots=True)
class PlanRows:
    """Every visible line of a year, each followed by its campaign lines.

    ``shut`` months take no change; ``pending`` are (line, month) that requests would change;
    ``rates`` bring a currency into the reporting currency, month by month, None where unknown.
    """

    year: FiscalYear
    months: Sequence[Period]
    rows: Sequence[PlanRow]
    shut: Mapping[str, str]
    pending: set[tuple[int, str]]
    currency: str
    rates: Mapping[str, Sequence[Quote | None]]
    may_edit: bool
    lock: PlanLock | None


def plan_rows(user: User, year: FiscalYear, *, today: date) -> PlanRows:
    """What the person sees of a year's plan, in a fixed number of queries."""
    months = Organisation.current().calendar.months(year.year)
    cells, parts = _cells(year), _parts(year)
    rows = [
        row
        for line in _lines(user, year)
        for row in _rows_of(line, parts.get(line.pk, ()), cells, months)
    ]
    currency, lock = Organisation.current().reporting_currency, lock_of(year)
    return PlanRows(
        year=year,
        months=months,
        rows=rows,
        shut=shut_months(year, months, today),
        pending=set(moves_by_place(pending_requests(user))),
        currency=currency,
        rates=_rates({row.line.currency for row in rows}, currency, months),
        may_edit=can(user, Act.DRAFT_REQUEST) and not (lock and lock.level == LockLevel.ALL),
        lock=lock,
    )


def _lines(user: User, year: FiscalYear) -> list[BudgetLine]:
    """Visible lines in the order of their channels; what many of them share is made once, not for
    each, which for 2,000 lines is most of the work."""
    rows = BudgetLine.objects.for_user(user).filter(fiscal_year=year)
    lines = list(rows.order_by("channel__position", "channel__key", "name", "pk"))
    teams = Team.objects.in_bulk({line.team_id for line in lines})
    channels = Channel.objects.in_bulk({line.channel_id for line in lines})
    owners = User.objects.in_bulk({line.owner_id for line in lines})
    for line in lines:
        line.fiscal_year, line.team = year, teams[line.team_id]
        line.channel, line.owner = channels[line.channel_id], owners[line.owner_id]
    return lines


def shut_months(year: FiscalYear, months: Sequence[Period], today: date) -> dict[str, str]:
    """Month -> why its plan stays as it is."""
    closed = closed_months(year)
    found = {month.key: "over" for month in months if month.end < today}
    return found | {month.key: "closed" for month in months if month.key in closed}


def _cells(year: FiscalYear) -> Cells:
    rows = LedgerAccount.objects.filter(fiscal_year=year, budget_line__isnull=False)
    fields = ("budget_line", "campaign_line", "month", "balance_micros", "version")
    return {
        (line or 0, part or 0, month): (micros, version)
        for line, part, month, micros, version in rows.order_by().values_list(*fields)
    }


def _parts(year: FiscalYear) -> Mapping[int, Sequence[CampaignLine]]:
    draws = Draw.objects.filter(budget_line__fiscal_year=year)
    draws = draws.select_related("campaign_line__campaign")
    found: dict[int, list[CampaignLine]] = defaultdict(list)
    for draw in draws.order_by("campaign_line__campaign__name", "campaign_line__name"):
        found[draw.budget_line_id].append(draw.campaign_line)
    return found


def _rows_of(
    line: BudgetLine, parts: Sequence[CampaignLine], cells: Cells, months: Sequence[Period]
) -> list[PlanRow]:
    own = [cells.get((line.pk, 0, month.key), (0, 0)) for month in months]
    shares = [
        [cells.get((line.pk, part.pk, month.key), (0, 0)) for month in months] for part in parts
    ]
    # A line's cell is the sum of its accounts, so any change of one of them is a new version.
    together = list(zip(own, *shares, strict=True))
    whole = PlanRow(
        line,
        None,
        [sum(micros for micros, _ in month) for month in together],
        [sum(version for _, version in month) for month in together],
    )
    return [
        whole,
        *(
            PlanRow(line, part, [m for m, _ in share], [v for _, v in share])
            for part, share in zip(parts, shares, strict=True)
        ),
    ]


def _rates(
    currencies: set[str], to: str, months: Sequence[Period]
) -> dict[str, list[Quote | None]]:
    rates = rate_finder()
    return {
        currency: [rates.find(currency, to, month.start) for month in months]
        for currency in currencies
    }


# As a script reads it


def as_content(found: PlanRows) -> dict[str, Any]:
    """The rows for the editor of the page and of the API: amounts as decimal text."""
    return {
        "fiscal_year": found.year.year,
        "currency": found.currency,
        "may_edit": found.may_edit,
        "lock": lock_sentence(found.lock) if found.lock else "",
        "months": [
            {
                "month": month.key,
                "label": month.label,
                "shut": found.shut.get(month.key, ""),
            }
            for month in found.months
        ],
        "rates": {name: [_rate(rate) for rate in rates] for name, rates in found.rates.items()},
        "rows": [_content(row, found) for row in found.rows],
    }


def _rate(rate: Quote | None) -> list[str] | None:
    """A rate as a fraction of whole numbers, so that whoever adds up stays exact."""
    if rate is None:
        return None
    above, below = rate.rate.as_integer_ratio()
    return [str(above), str(below)]


def _content(row: PlanRow, found: PlanRows) -> dict[str, Any]:
    line, currency = row.line, row.line.currency
    return {
        "line": line.pk,
        "campaign_line": row.part.pk if row.part else None,
        "name": str(row.part or line),
        "team": line.team.name,
        "channel": line.channel.key,
        "channel_name": line.channel.name,
        "owner": line.owner.name,
        "gl_code": line.gl_code,
        "cost_centre": line.cost_centre,
        "currency": currency,
        "digits": minor_digits(currency),
        "amounts": [minor_text(micros, currency) for micros in row.micros],
        "versions": list(row.versions),
        "pending": [
            number for number, m in enumerate(found.months) if (line.pk, m.key) in found.pending
        ]
        if row.part is None
        else [],
    }
