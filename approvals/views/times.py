"""How old what waits is, and how long decisions take."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.permissions import gate, person
from approvals.permissions import ASKING
from approvals.rules.times import ENOUGH, Times
from approvals.selectors.times import (
    AGE_BY,
    TimesRow,
    ageing,
    decision_figures,
    decisions_between,
    sees_team_times,
)
from approvals.views.people_tables import (
    AgeTable,
    MonthTimesTable,
    TeamTimesTable,
    month_words,
    share_words,
    times_words,
)
from core import clock
from core.charts import Chart, Series, Unit
from core.exports import export_response
from core.formats import NOTHING
from core.pages import page
from core.parts import Tab, Tile
from core.tables import Table

PERIODS = {"30": "30 days", "90": "90 days", "365": "12 months"}


@gate(Act.VIEW_MONEY, *ASKING)
@require_safe
def times_page(request: HttpRequest) -> HttpResponse:
    """Backlog by age, decision times of a period, and their trend by month."""
    user, now = person(request), clock.now()
    by, days = _asked(request, "by", AGE_BY, "role"), _asked(request, "days", PERIODS, "90")
    today = timezone.localtime(now).date()
    start, end = period(today, int(days))
    rows = decisions_between(user, start, end)
    total, own, teams, months = decision_figures(rows, user=user)
    tables: dict[str, Table] = {
        "ages": AgeTable(request, ageing(user, by=by, now=now), prefixed=True),
        "months": MonthTimesTable(request, months, prefixed=True),
        "teams": TeamTimesTable(request, teams, prefixed=True),
    }
    for table in tables.values():
        if wanted := request.GET.get(f"{table.prefix}export"):
            return export_response(table, wanted, title="Decision times", as_of=now)
    leads = sees_team_times(user)
    context = {
        "title": _title(total),
        "leads": leads,
        "tiles": _tiles(total),
        "own": _own(own) if leads else "",
        "periods": _tabs(request, "days", PERIODS, days),
        "groups": _tabs(request, "by", AGE_BY, by),
        "trend": _trend(months),
        "start": start,
        "end": end,
        "crumbs": [("Approvals", reverse("approvals:inbox")), ("Times and ageing", "")],
        **tables,
    }
    return page(request, "approvals/times.html", context)


def period(today: date, days: int) -> tuple[date, date]:
    """The last so many days, today the last of them."""
    return today - timedelta(days=days - 1), today


def _asked(request: HttpRequest, name: str, known: dict[str, str], default: str) -> str:
    asked = request.GET.get(name, "")
    return asked if asked in known else default


def _tabs(request: HttpRequest, name: str, known: dict[str, str], now: str) -> list[Tab]:
    found = []
    for key, label in known.items():
        query = request.GET.copy()
        query[name] = key
        found.append(Tab(label, f"?{query.urlencode()}", key == now))
    return found


def _title(total: Times) -> str:
    if total.is_thin or total.share is None:
        return f"{total.n} decisions: not enough data to say how long they take"
    return f"{share_words(total).split(' (')[0]} of decisions came within 5 minutes of opening"


def _tiles(total: Times) -> list[Tile]:
    labels = (
        "Opened to decided",
        "9 of 10 decided within",
        "Within 5 minutes",
        "Waiting until opened",
    )
    if total.is_thin:
        why = f"Not enough data: {total.n} of the {ENOUGH} decisions needed"
        return [Tile(label, NOTHING, sentence=why) for label in labels]
    words = times_words(total)
    share, _, interval = words["share"].partition(" (")
    values = (words["reading_p50"], words["reading_p90"], share, words["waiting_p50"])
    sentences = (
        f"median of {total.n} decisions",
        "from opening it",
        f"95 % interval {interval.rstrip(')')}, n = {total.n}",
        f"median; 9 of 10 within {words['waiting_p90']}",
    )
    return [Tile(*row[:2], sentence=row[2]) for row in zip(labels, values, sentences, strict=True)]


def _own(own: Times) -> str:
    """One's own figures in a sentence; nobody reads another person's."""
    if own.is_thin:
        return f"Your own: {own.n} decisions, not enough data."
    words: dict[str, Any] = times_words(own)
    return (
        f"Your own: {own.n} decisions, half within {words['reading_p50']} of opening; "
        f"{words['share']} within 5 minutes."
    )


def _trend(months: list[TimesRow]) -> Chart | None:
    """Months with too few decisions are gaps."""
    if sum(not row.times.is_thin for row in months) < 2:
        return None
    return Chart(
        kind="line",
        title="From opened to decided, by month",
        sub="Median and 90th percentile, minutes; months with fewer than 10 decisions are left out",
        x=[month_words(row.label) for row in months],
        unit=Unit.number(),
        series=[
            Series("Median", [_minutes(row.times.reading_p50) for row in months], style="actual"),
            Series(
                "9 of 10 within",
                [_minutes(row.times.reading_p90) for row in months],
                style="compare",
            ),
        ],
        id="decision-times",
    )


def _minutes(value: timedelta | None) -> int | None:
    return None if value is None else max(1, round(value / timedelta(minutes=1)))
