"""Whether the plan of a year is locked, and what that refuses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Sum
from django.utils import timezone

from accounts.models import Team
from budgets.choices import LockLevel
from budgets.models import BudgetLine, FiscalYear, LedgerAccount, PlanLock
from budgets.rules.moves import shared_path
from core import formats
from core.errors import Conflict
from core.money import Money

HOW_TO_UNLOCK = "Ask to unlock it under Budgets, Versions."


def lock_of(year: FiscalYear) -> PlanLock | None:
    """The lock of a year, if there is one."""
    return PlanLock.objects.filter(fiscal_year=year).select_related(*WITH).first()


WITH = ("fiscal_year", "version", "locked_by")


def lock_sentence(lock: PlanLock) -> str:
    """Who locked what, when, and as which version."""
    what = "The total plan" if lock.level == LockLevel.TOTAL else "The whole plan"
    day = formats.day(timezone.localtime(lock.locked_at).date(), weekday=False)
    return (
        f"{what} of {lock.fiscal_year} was locked by {lock.locked_by} on {day} "
        f"as version {lock.version}."
    )


def require_unlocked(moves: Iterable[tuple[FiscalYear, str, int]]) -> None:
    """Raise ``Conflict`` when a lock refuses moves of (year, currency, micros on its lines).

    With everything locked nothing moves; with the total locked, what adds up to zero in
    the year and currency goes on. Holds to the end of a transaction that holds the year.
    """
    nets: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for year, currency, micros in moves:
        nets[year.pk][currency] += micros
    for lock in PlanLock.objects.filter(fiscal_year__in=nets).select_related(*WITH):
        if lock.level == LockLevel.ALL:
            raise _refusal(lock, "Nothing moves until it is unlocked.")
        if any(nets[lock.fiscal_year_id].values()):
            raise _refusal(lock, "Money can change place between lines; the total stays.")


def _refusal(lock: PlanLock, effect: str) -> Conflict:
    return Conflict(
        f"{lock_sentence(lock)} {effect}",
        code="plan_locked",
        where="moves",
        remedy=HOW_TO_UNLOCK,
    )


def planned_totals(year: FiscalYear) -> list[Money]:
    """What all lines of a year plan together, one amount for each currency."""
    accounts = LedgerAccount.objects.filter(fiscal_year=year, budget_line__isnull=False)
    sums = accounts.values_list("currency").annotate(Sum("balance_micros")).order_by("currency")
    return [Money(micros, currency) for currency, micros in sums]


def team_of_year(year: FiscalYear) -> Team | None:
    """The nearest team above every line of a year; None without lines."""
    paths = BudgetLine.objects.filter(fiscal_year=year).values_list("team__path", flat=True)
    return Team.objects.filter(path=shared_path(list(paths.distinct()))).first()
