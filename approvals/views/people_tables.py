"""Tables of delegations, absences, calendars, and of how long decisions take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from approvals.forms import WEEKDAYS
from approvals.models import Absence, Delegation, WorkCalendar
from approvals.rules.times import LABELS, Times
from approvals.selectors import last_day
from approvals.selectors.times import AgeRow, TimesRow
from core import formats
from core.models import Organisation
from core.money import Money
from core.tables import Column, Table


def state_of(row: Delegation | Absence, now: datetime) -> tuple[str, str]:
    """Where it stands, and how that is judged."""
    if row.ended_at:
        return "Ended early", "neutral"
    if row.ends_at <= now:
        return "Over", "neutral"
    return ("Running", "accent") if row.starts_at <= now else ("To come", "neutral")


def _until(row: Delegation | Absence, now: datetime) -> str:
    """The last day, or the moment at which it was ended early."""
    end = row.ended_at or row.ends_at
    return last_day(end, timezone.localtime(now).date())


class DelegationTable(Table):
    key = "delegations"
    noun = "delegations"
    columns = (
        Column("delegator.name", "For", priority=1, strong=True),
        Column("delegate.name", "Decides", priority=1),
        Column("starts_at", "From", kind="datetime"),
        Column("until", "Until", kind="custom", sort="ends_at", nowrap=True),
        Column("cap", "Up to", kind="custom", sortable=False, priority=3),
        Column("reason", "Why", sortable=False, priority=3),
        Column("state", "State", kind="custom", sortable=False),
        Column("ended_because", "Ended because", sortable=False, priority=3),
    )
    empty_title = "No delegation yet"
    empty_text = "When you are away, an executive or a director can decide for you."

    def __init__(self, request: HttpRequest, rows: Any, *, now: datetime, **more: Any) -> None:
        super().__init__(request, rows, **more)
        self.now = now
        self.currency = Organisation.current().reporting_currency

    def cell_until(self, row: Delegation) -> str:
        return _until(row, self.now)

    def cell_cap(self, row: Delegation) -> str:
        if row.cap_micros is None:
            return "Own limit"
        return formats.money_whole(Money(row.cap_micros, self.currency))

    def cell_state(self, row: Delegation) -> str:
        return state_of(row, self.now)[0]


class AbsenceTable(Table):
    key = "absences"
    noun = "absences"
    columns = (
        Column("starts_at", "From", kind="datetime", priority=1),
        Column("until", "Until", kind="custom", sort="ends_at", priority=1, nowrap=True),
        Column("note", "Note", sortable=False),
        Column("decides", "Decides meanwhile", kind="custom", sortable=False),
        Column("state", "State", kind="custom", sortable=False),
    )
    empty_title = "No absence yet"
    empty_text = "Say when you are out of office, and it is shown beside your name."

    def __init__(self, request: HttpRequest, rows: Any, *, now: datetime, **more: Any) -> None:
        super().__init__(request, rows, **more)
        self.now = now

    def cell_until(self, row: Absence) -> str:
        return _until(row, self.now)

    def cell_decides(self, row: Absence) -> str:
        return row.delegation.delegate.name if row.delegation else "Nobody"

    def cell_state(self, row: Absence) -> str:
        return state_of(row, self.now)[0]


class CalendarTable(Table):
    key = "calendars"
    noun = "calendars"
    columns = (
        Column("who", "For", kind="link", url="url", priority=1, strong=True, sortable=False),
        Column("days", "Days", sortable=False),
        Column("hours", "Hours", sortable=False, priority=1),
        Column("zone", "Time zone", sortable=False),
        Column("holidays", "Public holidays", sortable=False, priority=3),
        Column("own", "Own days off", kind="number", sortable=False, priority=3),
    )
    empty_title = "No working hours yet"
    empty_text = "Until they are set, clocks run Monday to Friday, nine to five, without holidays."

    def __init__(self, request: HttpRequest, rows: Sequence[WorkCalendar], **more: Any) -> None:
        super().__init__(request, [_calendar(row) for row in rows], **more)


def _calendar(row: WorkCalendar) -> Mapping[str, Any]:
    names = dict(WEEKDAYS)
    return {
        "who": row.team.name if row.team else "Everybody else",
        "url": reverse("approvals:calendar", args=[row.team_id or 0]),
        "days": ", ".join(names[day][:3] for day in row.days),
        "hours": f"{row.opens:%H:%M}–{row.closes:%H:%M}",
        "zone": row.time_zone or "The organisation’s",
        "holidays": " ".join(filter(None, (row.country, row.part))) or "None",
        "own": len(row.days_off.all()),
    }


class AgeTable(Table):
    """What waits, by how many working days it has waited."""

    key = "ageing"
    noun = "groups"
    columns = (
        Column("label", "Waits for", priority=1, strong=True, sortable=False),
        *(
            Column(f"age{place}", label, kind="number", sortable=False)
            for place, label in enumerate(LABELS)
        ),
        Column("total", "All", kind="number", priority=1, sortable=False, strong=True),
    )
    empty_title = "Nothing waits"
    empty_text = "No request waits for a decision in your sight."

    def __init__(self, request: HttpRequest, rows: Sequence[AgeRow], **more: Any) -> None:
        super().__init__(request, [_age(row) for row in rows], **more)


def _age(row: AgeRow) -> Mapping[str, Any]:
    ages = {f"age{place}": count for place, count in enumerate(row.counts)}
    return {"label": row.label, "total": row.total, **ages}


class TimesTable(Table):
    """How long decisions took, group by group."""

    noun = "groups"
    columns = (
        Column("label", "Group", priority=1, strong=True, sortable=False),
        Column("n", "Decisions", kind="number", priority=1, sortable=False),
        Column("reading_p50", "Opened to decided, median", sortable=False),
        Column("reading_p90", "9 of 10 within", sortable=False),
        Column("share", "Within 5 minutes", sortable=False),
        Column("waiting_p50", "Waiting until opened, median", sortable=False),
        Column("waiting_p90", "9 of 10 opened within", sortable=False, priority=3),
    )
    empty_title = "No decision in this time"
    empty_text = "Choose a longer time above."

    def __init__(self, request: HttpRequest, rows: Sequence[TimesRow], **more: Any) -> None:
        shown = [{"label": month_words(row.label), **times_words(row.times)} for row in rows]
        super().__init__(request, shown, **more)


class TeamTimesTable(TimesTable):
    key = "teams"


class MonthTimesTable(TimesTable):
    key = "months"


def month_words(label: str) -> str:
    """ "2026-11" as "November 2026"; other labels stay."""
    year, dash, month = label.partition("-")
    if not (dash and year.isdecimal() and month.isdecimal() and len(label) == 7):
        return label
    return f"{date(int(year), int(month), 1):%B %Y}"


def times_words(found: Times) -> dict[str, Any]:
    """The figures as texts; thin data says so."""
    if found.is_thin:
        keys = ("reading_p90", "share", "waiting_p50", "waiting_p90")
        nothing = dict.fromkeys(keys, formats.NOTHING)
        return {"n": found.n, "reading_p50": "Not enough data", **nothing}
    return {
        "n": found.n,
        "reading_p50": _length(found.reading_p50),
        "reading_p90": _length(found.reading_p90),
        "share": share_words(found),
        "waiting_p50": _length(found.waiting_p50),
        "waiting_p90": _length(found.waiting_p90),
    }


def share_words(found: Times) -> str:
    """ "72 % (49–88 %)"."""
    if found.share is None or found.low is None or found.high is None:
        return "Not enough data"
    low, high = formats.percent(found.low, 0), formats.percent(found.high, 0)
    return f"{formats.percent(found.share, 0)} ({low} to {high})"


def _length(value: timedelta | None) -> str:
    if value is None:
        return ""
    return "under 1 m" if value < timedelta(minutes=1) else formats.duration(value)
