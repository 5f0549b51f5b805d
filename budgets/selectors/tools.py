"""The register of marketing tools: what each costs for whoever uses it, and when notice is due."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import User
from budgets.models import Tool, ToolUse
from budgets.rules.tool_uses import next_renewal, notice_day
from budgets.selectors.months import rate_finder
from core.models import Organisation
from core.money import Money, convert

# A count says who used a tool in the month before; an older one says nothing of today.
FRESH = timedelta(days=100)


@dataclass(frozen=True, slots=True)
class ToolStanding:
    """A tool with what follows of its contract and its newest count.

    ``yearly`` is in the reporting currency at the budget rate named ``rate`` ("" when none is
    needed), None without a rate. ``renews`` None: the contract ended or was cancelled.
    """

    tool: Tool
    yearly: Money | None
    rate: str
    renews: date | None
    notice_by: date | None
    days_to_notice: int | None
    active: int | None
    counted_on: date | None

    @property
    def per_user(self) -> Money | None:
        """A year's cost for each active user, in the reporting currency."""
        if self.yearly is None or not self.active:
            return None
        return Money(self.yearly.micros // self.active, self.yearly.currency)

    @property
    def seats_used(self) -> Decimal | None:
        """Share of the paid seats that somebody uses."""
        if self.active is None or not self.tool.seats:
            return None
        return Decimal(self.active) / self.tool.seats


def tools_for(user: User | None) -> QuerySet[Tool]:
    """Tools in sight with their newest count; ``user`` None is the product itself."""
    rows = Tool.objects.for_user(user) if user else Tool.objects.all()
    newest = ToolUse.objects.filter(tool=OuterRef("pk")).order_by("-day")
    return rows.select_related("team", "owner", "vendor", "budget_line").annotate(
        newest_count=Subquery(newest.values("active_users")[:1]),
        newest_day=Subquery(newest.values("day")[:1]),
    )


def tool_standings(tools: Iterable[Tool], *, today: date) -> list[ToolStanding]:
    """Where tools of ``tools_for`` stand on a day."""
    rates, reporting = rate_finder(), Organisation.current().reporting_currency
    found = []
    for tool in tools:
        rate = rates.find(tool.currency, reporting, today)
        renews = None
        if not tool.is_cancelled:
            renews = next_renewal(tool.renews_on, today, renews_itself=tool.renews_itself)
        notice = notice_day(renews, tool.notice_days) if renews else None
        day: date | None = getattr(tool, "newest_day", None)
        fresh = day is not None and today - day <= FRESH
        found.append(
            ToolStanding(
                tool=tool,
                yearly=convert(tool.yearly, rate.rate, reporting) if rate else None,
                rate=f"1 {rate.base} = {rate.rate.normalize():f} {rate.quote} ({rate.name})"
                if rate and tool.currency != reporting
                else "",
                renews=renews,
                notice_by=notice,
                days_to_notice=(notice - today).days if notice else None,
                active=getattr(tool, "newest_count", None) if fresh else None,
                counted_on=day,
            )
        )
    return found


def tool_standing(user: User | None, pk: int, *, today: date) -> ToolStanding | None:
    """One tool in sight; None out of sight."""
    return next(iter(tool_standings(tools_for(user).filter(pk=pk), today=today)), None)


def uses_of(tool: Tool) -> list[ToolUse]:
    """Its counts, oldest first."""
    return list(tool.uses.select_related("entered_by").order_by("day"))


def yearly_total(rows: Sequence[ToolStanding]) -> Money:
    """What the tools still under contract cost a year, in the reporting currency."""
    reporting = Organisation.current().reporting_currency
    known = [row.yearly for row in rows if row.renews and row.yearly is not None]
    return sum(known, Money(0, reporting))
