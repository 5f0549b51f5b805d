"""Where months end: the card of one line, and the page about all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import gate, person, require
from budgets.forms.pacing import PacingFilter
from budgets.models import BudgetLine
from budgets.selectors import (
    LineLanding,
    act_brief,
    act_words,
    chance_words,
    line_landings,
    lines_of_month,
    why_silent,
)
from budgets.selectors.sections import section_tabs
from core import clock, formats, known
from core.exports import export_response
from core.known import page_as_known
from core.models import Organisation
from core.pages import page
from core.parts import Tile
from core.periods import Period
from core.tables import Column, Table

# From these chances on somebody is told, see insights/rules/spend.py.
LIKELY = 0.80


@dataclass(frozen=True, slots=True)
class LandingCard:
    """What a card says about one line's month; `reason` stands where nothing can be said."""

    title: str
    reason: str = ""
    low: float = 0
    mid: float = 0
    high: float = 0
    plan: float = 0
    top: float = 1
    is_clear: bool = True
    lands: str = ""
    rows: Sequence[tuple[str, str]] = ()
    act: str = ""
    note: str = ""


def landing_card(found: LineLanding) -> LandingCard:
    """The card of `templates/budgets/_landing.html`."""
    title = f"Where {found.month.label} ends"
    one = found.landing
    if one.reason is not None or one.p10 is None or one.p50 is None or one.p90 is None:
        return LandingCard(title, reason=why_silent(found))
    low, mid, high = (formats.money(found.money(end)) for end in (one.p10, one.p50, one.p90))
    return LandingCard(
        title,
        low=one.p10,
        mid=one.p50,
        high=one.p90,
        plan=one.plan,
        top=1.05 * max(one.p90, one.plan),
        is_clear=max(one.chance_over or 0, one.chance_under or 0) >= LIKELY,
        lands=f"{mid}, in 8 of 10 cases {low} to {high}",
        rows=_rows(found),
        act=act_words(found),
        note=_note(found),
    )


def _rows(found: LineLanding) -> list[tuple[str, str]]:
    one = found.landing
    rows = [
        ("Plan", formats.money(found.plan)),
        ("Spent so far", formats.money(found.money(one.spent))),
        ("Chance to end over plan", chance_words(one.chance_over)),
        ("Chance to end over 5 % under", chance_words(one.chance_under)),
        ("Expected left over", formats.money(found.money(one.leftover))),
        ("Expected overspend", formats.money(found.money(one.overspend))),
    ]
    if one.certain:
        rows.insert(2, ("Promised on top", formats.money(found.money(one.certain))))
    return rows


def _note(found: LineLanding) -> str:
    one = found.landing
    reach = (
        f"Data up to {formats.day(found.through, weekday=False)}" if found.through else "No data"
    )
    missing = f", {one.days_missing} days missing" if one.days_missing else ""
    return f"{reach}{missing} · {one.n} days of history · drawn from plans, flights and its own ups and downs"


class PacingTable(Table):
    key = "pacing"
    noun = "lines"
    columns = (
        Column("name", "Line", kind="link", url="url", sub="team", priority=1, strong=True),
        Column("channel", "Channel", default_visible=False, priority=3),
        Column("owner", "Owner", default_visible=False, priority=3),
        Column("plan", "Plan", kind="money"),
        Column("spent", "Spent", kind="money", priority=3),
        Column("certain", "Promised", kind="money", default_visible=False, priority=3),
        Column("ends", "Ends between", kind="interval", sortable=False, priority=3),
        Column("p10", "P10", kind="money", default_visible=False, priority=3),
        Column("p50", "Lands at", kind="money", priority=2),
        Column("p90", "P90", kind="money", default_visible=False, priority=3),
        Column(
            "over",
            "Chance over plan",
            kind="custom",
            sort="chance_over",
            priority=1,
            tone="tone",
            nowrap=True,
        ),
        Column("under", "Chance under", kind="custom", sort="chance_under", nowrap=True),
        Column("leftover", "Left over", kind="money", priority=3),
        Column("overspend", "Overspend", kind="money", priority=3),
        Column("act", "What to do", sort="act_day", priority=3),
    )
    search = ("name", "team", "owner")
    row_id = "pk"
    default_sort = "-over"
    empty_title = "No line has a plan this month"
    empty_text = "Lines appear here with their first planned amount."

    def cell_over(self, row: Mapping[str, Any]) -> str:
        return chance_words(row["chance_over"])

    def cell_under(self, row: Mapping[str, Any]) -> str:
        return chance_words(row["chance_under"])


@gate(Act.VIEW_MONEY)
@require_safe
@page_as_known
def pacing(request: HttpRequest) -> HttpResponse:
    """Every line's month: where it ends, how likely that is too much or too little, until when to act."""
    user, today = person(request), known.today()
    month = Organisation.current().calendar.month_of(today)
    found = PacingFilter(request.GET, lines_of_month(user, month), request=request)
    lines = [one for one in found.lines(today, month) if one.plan]
    table = PacingTable(request, [_row(one) for one in lines])
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        title = f"Where {month.label} ends"
        return export_response(table, wanted, title=title, as_of=clock.now())
    context = {
        "title": _title(lines, month),
        "kicker": f"Pacing · {formats.span(month.start, month.end, today)}",
        "table": table,
        "tiles": _tiles(lines),
        "filters": found.form,
        "sections": section_tabs(user, "budgets:pacing"),
        "crumbs": [("Budgets", reverse("budgets:centre")), ("Pacing", "")],
    }
    return page(request, "budgets/pacing.html", context, fragment="pacing")


def _lines(user: User, month: Period) -> Any:
    rows = BudgetLine.objects.for_user(user).filter(accounts__month=month.key).distinct()
    return rows.select_related("team", "channel", "owner", "fiscal_year")


def _row(found: LineLanding) -> dict[str, Any]:
    one, line = found.landing, found.line
    known = one.reason is None
    amounts = ("certain", "p10", "p50", "p90", "leftover", "overspend")
    act = one.cut if one.cut and one.cut.needed else one.grow
    return {
        "pk": line.pk,
        "name": line.name,
        "url": f"{reverse('budgets:centre')}?{urlencode({'cell': f'{line.pk}/{found.month.key}'})}",
        "team": line.team.name,
        "channel": line.channel.name,
        "owner": line.owner.name,
        "plan": found.plan,
        "spent": found.money(one.spent),
        **{name: found.money(getattr(one, name)) if known else None for name in amounts},
        "ends": _interval(found),
        "chance_over": one.chance_over,
        "chance_under": one.chance_under,
        "tone": "bad" if (one.chance_over or 0) >= LIKELY else "",
        "act": act_brief(found) if known else why_silent(found),
        "act_day": act.day if act and act.day else 0,
    }


def _interval(found: LineLanding) -> tuple[float | bool, ...] | None:
    """The landing as shares of the plan: half to one and a half; the mark is the plan."""
    one = found.landing
    if one.p10 is None or one.p50 is None or one.p90 is None:
        return None
    low, mid, high = (min(max(end / one.plan, 0.5), 1.5) for end in (one.p10, one.p50, one.p90))
    clear = max(one.chance_over or 0, one.chance_under or 0) >= LIKELY
    return (low, mid, high, 0.5, 1.5, 1, clear)


def _likely(lines: Sequence[LineLanding], side: str) -> list[LineLanding]:
    return [one for one in lines if (getattr(one.landing, side) or 0) >= LIKELY]


def _title(lines: Sequence[LineLanding], month: Period) -> str:
    over = len(_likely(lines, "chance_over"))
    if over:
        return f"{over} of {len(lines)} lines will likely overspend {month.label}"
    under = len(_likely(lines, "chance_under"))
    if under:
        return f"{under} of {len(lines)} lines will likely leave money over in {month.label}"
    return f"No line is likely to miss its plan of {month.label}"


def _tiles(lines: Sequence[LineLanding]) -> list[Tile]:
    over, under = _likely(lines, "chance_over"), _likely(lines, "chance_under")
    silent = [one for one in lines if one.landing.reason is not None]
    return [
        Tile("Likely over plan", str(len(over)), sentence=f"of {len(lines)} lines, from 80 % on"),
        Tile("Likely more than 5 % under", str(len(under)), sentence="money that could move"),
        Tile("Must act within a week", str(_soon(lines)), sentence="last day on which acting is enough"),
        Tile("No answer yet", str(len(silent)), sentence="too little data; each row says why"),
    ]  # fmt: skip


def _soon(lines: Sequence[LineLanding]) -> int:
    count = 0
    for one in lines:
        acts = (one.landing.cut, one.landing.grow)
        days = [act.day for act in acts if act and act.needed and act.day]
        today = one.month.start.toordinal() + one.landing.days_elapsed
        count += any(day - today < 7 for day in days)
    return count


def pacing_tile(user: User, today: date) -> Tile:
    """The centre's tile: how many lines of the running month need a hand."""
    month = Organisation.current().calendar.month_of(today)
    lines = list(line_landings(list(lines_of_month(user, month)), month, today=today).values())
    over, under = len(_likely(lines, "chance_over")), len(_likely(lines, "chance_under"))
    return Tile(
        f"Likely over plan, {month.label}",
        str(over),
        sentence=f"{under} likely more than 5 % under",
        url=reverse("budgets:pacing"),
    )
