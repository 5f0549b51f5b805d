"""Spending checks: what happens when more is asked of a budget line than it has, and who says so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import transaction

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import may
from budgets.choices import CheckLevel
from budgets.models import BudgetLine, SpendingCheck
from budgets.rules.checks import (
    Claim,
    Levels,
    MonthBooks,
    Shortage,
    Stage,
    breaks_floor,
    shortages,
)
from budgets.rules.position import Part
from budgets.selectors.checks import levels_of
from budgets.selectors.months import books_of
from budgets.services.commitments import Change
from campaigns.models import CampaignLine, Channel
from core import events, formats
from core.errors import Conflict, NotAllowed
from core.models import Organisation
from core.money import Money
from core.once import once
from core.periods import Period

SETS_CHECKS = (Act.MOVE_BUDGET, Act.CLOSE_PERIOD)
REMEDY = "Ask for less, choose another month or line, or ask for more plan first."
Books = Mapping[str, MonthBooks]


@dataclass(frozen=True, slots=True)
class Ask:
    """What a month of a budget line is asked for: micros of its currency, plus asks, minus lets go.

    ``planned`` is what a request adds to the plan or (minus) takes from it; the rest are
    the sums of the commitment ledger.
    """

    budget_line: BudgetLine
    month: str
    campaign_line: CampaignLine | None = None
    planned: int = 0
    reserved: int = 0
    committed: int = 0
    accrued: int = 0
    billed: int = 0
    whole_bills: int = 0

    @classmethod
    def of(cls, change: Change) -> Ask:
        """What a change of the commitment ledger asks for."""
        return cls(
            change.budget_line,
            change.month,
            change.campaign_line,
            reserved=change.reserved_micros,
            committed=change.committed_micros,
            accrued=change.accrued_micros,
            billed=change.billed_micros,
            whole_bills=change.whole_bills,
        )

    @property
    def claim(self) -> Claim:
        return Claim(
            self.month,
            self.campaign_line.pk if self.campaign_line else 0,
            self.planned,
            self.reserved,
            self.committed,
            self.accrued,
            self.billed,
            self.whole_bills,
        )


@dataclass(frozen=True, slots=True)
class Warning_:  # noqa: N801 - the built-in name is taken
    """A month that would be overdrawn, in a sentence; ``level`` says what follows."""

    budget_line: BudgetLine
    month: str
    over: Money
    level: CheckLevel
    is_cumulative: bool
    text: str

    @property
    def stops(self) -> bool:
        return self.level == CheckLevel.STOP


def spending_check(
    asks: Sequence[Ask],
    stage: Stage,
    *,
    at: datetime,  # noqa: ARG001 - part of the interface: checks of a later moment may differ
) -> list[Warning_]:
    """What must be told of the asks; raises ``Conflict`` (``over_budget``) where a check stops them.

    Call it under ``commitments.hold_lines`` in the transaction that writes: then nobody
    takes the same money in between.
    """
    found = foresee(asks, stage)
    stopped = [warning for warning in found if warning.stops]
    if stopped:
        raise Conflict(
            stopped[0].text,
            code="over_budget",
            where=str(stopped[0].budget_line),
            remedy=REMEDY,
            details=[{"where": str(one.budget_line), "message": one.text} for one in stopped],
        )
    return found


def foresee(asks: Sequence[Ask], stage: Stage) -> list[Warning_]:
    """The same without raising: what would be warned of or stopped, for a form or an approver."""
    lines = {ask.budget_line.pk: ask.budget_line for ask in asks}
    levels, books = levels_of(lines.values()), month_books(lines.values())
    return [
        _warning(lines[pk], short)
        for pk, line_asks in _by_line(asks)
        for short in shortages(
            books[pk], [ask.claim for ask in line_asks], levels.get(pk, Levels()), stage
        )
    ]


def require_floor(asks: Sequence[Ask]) -> None:
    """Raise ``Conflict`` where plan would be taken away that open orders hold."""
    lines = {ask.budget_line.pk: ask.budget_line for ask in asks}
    books = month_books(lines.values())
    for pk, line_asks in _by_line(asks):
        for month, group in groupby(sorted(line_asks, key=_month), key=_month):
            claims = [ask.claim for ask in group]
            if breaks_floor(books[pk].get(month, MonthBooks()), claims):
                raise _floor(lines[pk], month, books[pk][month])


def _floor(line: BudgetLine, month: str, book: MonthBooks) -> Conflict:
    held = formats.money_exact(Money(book.now.committed, line.currency))
    return Conflict(
        f"Orders hold {held} of {line} in {month_label(line, month)}; that money cannot be moved away.",
        code="committed_floor",
        where=str(line),
        remedy="Move less, or close the orders that are not needed any more.",
    )


def _by_line(asks: Sequence[Ask]) -> list[tuple[int, list[Ask]]]:
    ordered = sorted(asks, key=lambda ask: ask.budget_line.pk)
    return [(pk, list(group)) for pk, group in groupby(ordered, key=lambda ask: ask.budget_line.pk)]


def _month(ask: Ask) -> str:
    return ask.month


def month_books(lines: Iterable[BudgetLine]) -> Mapping[int, Books]:
    """Budget line -> its months in order, with plan and parts as they stand now."""
    lines = list(lines)
    key = ("month_books", frozenset(line.pk for line in lines))
    return once(key, lambda: _month_books(lines))


def _month_books(lines: Sequence[BudgetLine]) -> Mapping[int, Books]:
    found: dict[int, Books] = {}
    for year in {line.fiscal_year for line in lines}:
        ids = {line.pk for line in lines if line.fiscal_year_id == year.pk}
        books = books_of(year, ids)
        parts: dict[tuple[int, str], dict[int, Part]] = defaultdict(dict)
        for (line, part, month), amount in books.parts.items():
            parts[line, month][part] = amount
        months = [month.key for month in Organisation.current().calendar.months(year.year)]
        for pk in ids:
            found[pk] = {
                month: MonthBooks(books.planned.get((pk, month), 0), parts.get((pk, month), {}))
                for month in months
            }
    return found


def month_label(line: BudgetLine, month: str) -> str:
    """ "Dec 2026" for a month of the line's year."""
    months: Sequence[Period] = Organisation.current().calendar.months(line.fiscal_year.year)
    return next((period.label for period in months if period.key == month), month)


def _warning(line: BudgetLine, short: Shortage) -> Warning_:
    over, label = Money(short.micros, line.currency), month_label(line, short.month)
    when = f"for the year up to {label}" if short.is_cumulative else f"in {label}"
    text = f"{line} would be {formats.money_exact(over)} over {when}."
    return Warning_(line, short.month, over, short.level, short.is_cumulative, text)


def in_words(warnings: Iterable[Warning_]) -> dict[str, str]:
    """Evidence for approvers: empty when nothing is wrong."""
    text = " ".join(dict.fromkeys(warning.text for warning in warnings))
    return {"Spending check": text} if text else {}


def may_set_check(user: User, line: BudgetLine | None, team: Team | None) -> bool:
    """Directors in their teams, finance everywhere; what holds for all teams is finance's."""
    if may(user, Act.CLOSE_PERIOD):
        return True
    scope = line.team if line else team
    return scope is not None and may(user, Act.MOVE_BUDGET, team=scope)


@transaction.atomic
def check_set(
    *,
    user: User,
    levels: Mapping[str, str],
    at: datetime,
    budget_line: BudgetLine | None = None,
    team: Team | None = None,
    channel: Channel | None = None,
) -> SpendingCheck:
    """Say what happens at each stage for a line, or for a team and a channel (none: everything)."""
    _require_setting(user, budget_line, team)
    scope: dict[str, Any] = {"budget_line": budget_line, "team": team, "channel": channel}
    if budget_line:
        scope |= {"team": None, "channel": None}
    row, is_new = SpendingCheck.objects.get_or_create(**scope, defaults=dict(levels))
    before = {} if is_new else _levels(row)
    for name, level in levels.items():
        setattr(row, name, level)
    row.clean_fields(exclude=("budget_line", "team", "channel"))
    row.save()
    if before != _levels(row):
        _record(row, user, "spending_check.set", at, before, _levels(row))
    return row


@transaction.atomic
def check_clear(*, check: SpendingCheck, user: User, at: datetime) -> None:
    """Take a row away: the next less specific one decides from now on."""
    _require_setting(user, check.budget_line, check.team)
    _record(check, user, "spending_check.cleared", at, _levels(check), {})
    check.delete()


def _require_setting(user: User, line: BudgetLine | None, team: Team | None) -> None:
    if not may_set_check(user, line, team):
        raise NotAllowed(
            "Spending checks are set by a marketing director for their teams, and by finance.",
            remedy="Ask one of them.",
        )


def _levels(row: SpendingCheck) -> dict[str, str]:
    return {
        "requests": row.requests,
        "orders": row.orders,
        "actuals": row.actuals,
        "cumulative": row.cumulative,
    }


def _record(
    row: SpendingCheck,
    user: User,
    action: str,
    at: datetime,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    team = row.budget_line.team if row.budget_line else row.team
    events.record(
        actor=user.as_actor(),
        action=action,
        subject=row,
        at=at,
        before=before,
        after=after,
        team_path=team.path if team else "",
        live=["budgets"],
    )
