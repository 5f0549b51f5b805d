"""Checks: does a tool's contract come up, and is it used at all?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from budgets.selectors.tools import ToolStanding, tool_standings, tools_for
from core import formats
from insights.models import Finding
from insights.rules.tools import LEAST_SEATS, is_due, renewal_severity, why_unused
from insights.services.findings import Found

RENEWAL_METHOD = "The contract's renewal day less its notice; told 30 days before, until it is renewed or cancelled."
USE_METHOD = (
    "The newest count of active users, at most 100 days old, against paid seats and yearly cost."
)


def renewals_due(*, at: datetime, today: date) -> Iterator[Found]:
    """A finding for each contract whose notice is due soon; one for each renewal."""
    for row in tool_standings(tools_for(None).filter(is_cancelled=False), today=today):
        if row.days_to_notice is not None and is_due(row.days_to_notice):
            yield _renewal(row, row.days_to_notice, at)


def _renewal(row: ToolStanding, days: int, at: datetime) -> Found:
    tool = row.tool
    cost = formats.money(tool.yearly)
    verb = "renews" if tool.renews_itself else "ends"
    return Found(
        kind=Finding.Kind.RENEWAL,
        cause=f"{Finding.Kind.RENEWAL}:tool:{tool.pk}:{row.renews}",
        team=tool.team,
        title=f"{tool.name} {verb} on {_day(row.renews)}: {_notice(row, days)}",
        reason=f"{tool.name} costs {cost} a year{_use(row)}. {_advice(row, days)}",
        window=(tool.starts_on, row.renews or tool.renews_on),
        stake_micros=tool.yearly_micros,
        currency=tool.currency,
        evidence={
            "owner": tool.owner_id,
            "tool": tool.pk,
            "severity": renewal_severity(days, renews_itself=tool.renews_itself),
            "unit": "money",
            "currency": tool.currency,
            "method": RENEWAL_METHOD,
            "facts": _facts(row),
            "no_advice": _advice(row, days),
            "as_of": at,
        },
    )


def _day(day: date | None) -> str:
    return formats.day(day, weekday=False) if day else formats.NOTHING


def _notice(row: ToolStanding, days: int) -> str:
    if not row.tool.renews_itself:
        return "it has to be renewed to go on"
    if days < 0:
        return "the day for notice has passed"
    return f"notice can be given until {_day(row.notice_by)}"


def _advice(row: ToolStanding, days: int) -> str:
    if not row.tool.renews_itself:
        return "Renew it and enter the new day, or let it end."
    if days < 0:
        return "It renews unless its vendor agrees otherwise; enter its new renewal day."
    return "Renew it and enter the new day, or give notice and enter that it was cancelled."


def _use(row: ToolStanding) -> str:
    if row.active is None:
        return "; who uses it was not counted lately"
    seats = f" of {row.tool.seats:,} seats" if row.tool.seats else ""
    return f"; {row.active:,} people use it{seats}"


def _facts(row: ToolStanding) -> list[list[str]]:
    tool = row.tool
    return [
        ["Cost a year", formats.money(tool.yearly)],
        ["Contract", tool.contract or formats.NOTHING],
        ["Renews or ends on", _day(row.renews)],
        ["Notice until", _day(row.notice_by)],
        ["Active users", "not counted lately" if row.active is None else f"{row.active:,}"],
        ["Counted on", _day(row.counted_on)],
        ["Paid seats", f"{tool.seats:,}" if tool.seats else "not by seats"],
        ["Cost a year per active user", formats.money(row.per_user) if row.per_user else formats.NOTHING],
    ]  # fmt: skip


def tools_unused(*, at: datetime, today: date) -> Iterator[Found]:
    """A quieter finding for each tool that hardly anybody uses."""
    for row in tool_standings(tools_for(None).filter(is_cancelled=False), today=today):
        cost = row.per_user.amount if row.per_user else None
        why = why_unused(row.seats_used, cost) if row.renews else ""
        if why:
            yield _unused(row, why, at)


def _unused(row: ToolStanding, why: str, at: datetime) -> Found:
    tool = row.tool
    if why == "seats" and row.seats_used is not None:
        said = f"only {formats.percent(row.seats_used, 0)} of its seats are used"
        limit = f"below {formats.percent(LEAST_SEATS, 0)}"
    else:
        said = f"it costs {formats.money(row.per_user) if row.per_user else ''} a year for each active user"
        limit = "more than most tools of the field"
    return Found(
        kind=Finding.Kind.UNUSED_TOOL,
        cause=f"{Finding.Kind.UNUSED_TOOL}:tool:{tool.pk}",
        team=tool.team,
        title=f"{tool.name} is hardly used: {said}",
        reason=f"{formats.money(tool.yearly)} a year{_use(row)}, counted on {_day(row.counted_on)}: {said}, {limit}.",
        window=(row.counted_on or tool.starts_on, row.counted_on or tool.starts_on),
        stake_micros=_empty_seats(row),
        currency=tool.currency,
        evidence={
            "owner": tool.owner_id,
            "tool": tool.pk,
            "severity": "info",
            "unit": "money",
            "currency": tool.currency,
            "method": USE_METHOD,
            "facts": _facts(row),
            "no_advice": "ask its users, buy fewer seats at the next renewal, or give notice.",
            "as_of": at,
        },
    )


def _empty_seats(row: ToolStanding) -> int | None:
    """What the seats cost a year that nobody uses."""
    if not row.tool.seats or row.active is None:
        return None
    empty = max(row.tool.seats - row.active, 0)
    return row.tool.yearly_micros * empty // row.tool.seats
