"""The register of marketing tools: list, one tool, its counts, its contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import can, gate, person, require, teams_with
from budgets.forms.tools import CancelForm, CountForm, ToolFilter, ToolForm, UsesForm
from budgets.models import BudgetLine, ToolUse
from budgets.rules.tool_uses import UseRow, read_uses
from budgets.selectors.sections import section_tabs
from budgets.selectors.tools import (
    ToolStanding,
    tool_standing,
    tool_standings,
    tools_for,
    uses_of,
    yearly_total,
)
from budgets.services.attachments import may_attach
from budgets.services.tools import may_keep, tool_cancel, tool_change, tool_create, tool_uses_enter
from budgets.views.attachments import KEEPS_FILES, keep_upload
from core import clock, formats
from core.charts import Chart, Series, Unit
from core.errors import AdroitError, Invalid
from core.exports import export_response
from core.forms import refuse
from core.models import Organisation
from core.money import Money
from core.pages import form_page, page, redirect_to
from core.parts import Fact, Tile
from core.tables import Column, Table

SOON = 30
LEAST_SEATS = 0.3


class ToolTable(Table):
    key = "tools"
    noun = "tools"
    columns = (
        Column("name", "Tool", kind="link", url="url", sub="purpose", priority=1, strong=True),
        Column("owner", "Owner", kind="user", priority=3),
        Column("team", "Team", default_visible=False, priority=3),
        Column("vendor", "Vendor", default_visible=False, priority=3),
        Column("contract", "Contract", default_visible=False, priority=3),
        Column("yearly", "Cost a year", kind="money", priority=1),
        Column("own", "In its currency", kind="money_exact", default_visible=False, priority=3),
        Column("renews", "Renews", kind="date"),
        Column("to_notice", "Days to notice", kind="number", tone="tone", priority=2),
        Column("active", "Active users", kind="number", sub="counted", priority=3),
        Column("per_user", "Cost per active user", kind="money", priority=3),
        Column("seats_used", "Seats used", kind="percent", digits=0, sub="seats", tone="seat_tone", priority=3),
        Column("state", "State", kind="badge", tone="tone", priority=3),
    )  # fmt: skip
    search = ("name", "purpose", "owner", "vendor", "contract")
    default_sort = "to_notice"
    empty_title = "No tool in the register yet"
    empty_text = "Enter what is under contract: its owner is told before it renews."


@gate(Act.VIEW_MONEY)
@require_safe
def tools(request: HttpRequest) -> HttpResponse:
    user, today = person(request), clock.today()
    found = ToolFilter(request.GET, tools_for(user), request=request)
    rows = tool_standings(found.qs, today=today)
    total = yearly_total(rows)
    table = ToolTable(request, [_row(row) for row in rows], totals={"yearly": total})
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        return export_response(table, wanted, title="Marketing tools", as_of=clock.now())
    may_enter = can(user, Act.DRAFT_REQUEST)
    context = {
        "title": _title(rows, total),
        "table": table,
        "tiles": _tiles(rows, total),
        "filters": found.form,
        "uses_form": UsesForm() if may_enter and rows else None,
        "may_enter": may_enter,
        "rates": sorted({row.rate for row in rows if row.rate}),
        "gaps": [row.tool.name for row in rows if row.yearly is None],
        "currency": Organisation.current().reporting_currency,
        "sections": section_tabs(user, "budgets:tools"),
        "crumbs": [("Budgets", reverse("budgets:centre")), ("Tools", "")],
    }
    return page(request, "budgets/tools.html", context, fragment="tools")


def _row(row: ToolStanding) -> dict[str, Any]:
    tool = row.tool
    label, tone = _state(row)
    return {
        "pk": tool.pk,
        "name": tool.name,
        "url": tool.get_absolute_url(),
        "purpose": tool.purpose,
        "owner": tool.owner.name,
        "team": tool.team.name,
        "vendor": tool.vendor.name if tool.vendor else "",
        "contract": tool.contract,
        "yearly": row.yearly,
        "own": tool.yearly,
        "renews": row.renews,
        "to_notice": row.days_to_notice,
        "active": row.active,
        "counted": formats.day(row.counted_on, clock.today(), weekday=False)
        if row.counted_on
        else "never counted",
        "per_user": row.per_user,
        "seats_used": row.seats_used,
        "seats": f"of {tool.seats:,}" if tool.seats else "",
        "seat_tone": "warn" if _is_empty(row) else "",
        "state": label,
        "tone": tone,
    }


def _is_empty(row: ToolStanding) -> bool:
    return row.seats_used is not None and row.seats_used < LEAST_SEATS


def _state(row: ToolStanding) -> tuple[str, str]:
    if row.tool.is_cancelled:
        return "Cancelled", "neutral"
    if row.days_to_notice is None:
        return "Ended", "neutral"
    if row.days_to_notice < 0:
        return "Notice is past", "bad" if row.tool.renews_itself else "neutral"
    return ("Notice soon", "warn") if row.days_to_notice <= SOON else ("Runs", "good")


def _title(rows: Sequence[ToolStanding], total: Money) -> str:
    soon = [
        row for row in rows if row.days_to_notice is not None and 0 <= row.days_to_notice <= SOON
    ]
    if soon:
        first = min(soon, key=lambda row: row.days_to_notice or 0)
        if len(soon) > 1:
            return f"Notice is due within {SOON} days for {first.tool} and {len(soon) - 1} more"
        return f"Notice for {first.tool} is due within {SOON} days"
    running = sum(row.renews is not None for row in rows)
    return f"{running} tools cost {formats.money(total)} a year" if rows else "Marketing tools"


def _tiles(rows: Sequence[ToolStanding], total: Money) -> list[Tile]:
    running = [row for row in rows if row.renews]
    counted = [row for row in running if row.active and row.yearly is not None]
    people = sum(row.active or 0 for row in counted)
    cost = sum((row.yearly for row in counted if row.yearly is not None), Money(0, total.currency))
    empty = [row for row in running if _is_empty(row)]
    return [
        Tile("Cost a year", formats.money(total), sentence=f"{len(running)} tools under contract"),
        Tile(
            "Cost per active user",
            formats.money(Money(cost.micros // people, cost.currency)) if people else formats.NOTHING,
            sentence=f"a year, {len(counted)} tools counted",
        ),
        Tile("Under 30 % of seats used", str(len(empty)), sentence="paid for and hardly used"),
        Tile("Not counted lately", str(len(running) - len([r for r in running if r.active is not None]))),
    ]  # fmt: skip


def _find(user: User, pk: int) -> ToolStanding:
    found = tool_standing(user, pk, today=clock.today())
    if found is None:
        raise Http404
    return found


@gate(Act.VIEW_MONEY)
@require_safe
def tool(request: HttpRequest, pk: int) -> HttpResponse:
    """A tool's contract, its use over time, its files."""
    user = person(request)
    found = _find(user, pk)
    return page(request, "budgets/tool.html", _context(user, found))


def _context(user: User, found: ToolStanding) -> dict[str, Any]:
    one, uses = found.tool, uses_of(found.tool)
    keeps = may_keep(user, one)
    return {
        "title": one.name,
        "kicker": f"Marketing tool · {one.team}",
        "tool": one,
        "facts": _facts(found),
        "sections": section_tabs(user, "budgets:tools"),
        "pairs": _pairs(found),
        "chart": _chart(found, uses),
        "uses": list(reversed(uses))[:12],
        "count_form": CountForm(initial={"day": clock.today()}) if keeps and not one.is_cancelled else None,
        "cancel_form": CancelForm() if keeps and not one.is_cancelled else None,
        "keeps": keeps,
        "attachments": one.attachments.select_related("added_by"),
        "may_attach": may_attach(user, one),
        "crumbs": [
            ("Budgets", reverse("budgets:centre")),
            ("Tools", reverse("budgets:tools")),
            (one.name, ""),
        ],
    }  # fmt: skip


def _facts(found: ToolStanding) -> list[Fact]:
    one = found.tool
    label, tone = _state(found)
    return [
        Fact("Owner", person=one.owner.name),
        Fact("Cost a year", formats.money(one.yearly)),
        Fact("State", label, tone=tone),
        Fact("Give notice by", _day(found.notice_by)),
        Fact("Active users", f"{found.active:,}" if found.active is not None else "not counted"),
        Fact("Cost per active user", formats.money(found.per_user) if found.per_user else "–"),
    ]


def _pairs(found: ToolStanding) -> list[tuple[str, str]]:
    one = found.tool
    ends = "Renews on" if one.renews_itself else "Ends on"
    pairs = [
        ("Contract", one.contract or "–"),
        ("Vendor", str(one.vendor or "–")),
        ("Since", _day(one.starts_on)),
        (ends, _day(found.renews)),
        ("Notice", f"{one.notice_days} days before"),
        ("Seats", f"{one.seats:,}" if one.seats else "not by seats"),
        ("Paid from", str(one.budget_line or "–")),
        ("Purpose", one.purpose or "–"),
    ]
    return [*pairs, ("Rate", found.rate)] if found.rate else pairs


def _day(value: date | None) -> str:
    return formats.day(value) if value else "–"


def _chart(found: ToolStanding, uses: Sequence[ToolUse]) -> Chart | None:
    if len(uses) < 2:
        return None
    one = found.tool
    series = [Series("Active users", [use.active_users for use in uses])]
    if one.seats:
        series.append(Series("Seats", [one.seats] * len(uses), style="limit"))
    first, last = uses[0], uses[-1]
    return Chart(
        "line",
        title=f"{last.active_users:,} people use it, {first.active_users:,} on {formats.day(first.day, weekday=False)}",
        sub="Active users in the month before each count",
        x=[use.day for use in uses],
        unit=Unit.number(),
        series=series,
        zero=True,
        id="uses",
    )


def _form(user: User, *args: Any, **kwargs: Any) -> ToolForm:
    teams = Team.objects.filter(pk__in=[team.pk for team in teams_with(user, Act.DRAFT_REQUEST)])
    lines = BudgetLine.objects.for_user(user).select_related("fiscal_year")
    return ToolForm(teams, lines, *args, **kwargs)


@gate(Act.DRAFT_REQUEST)
@require_http_methods(["GET", "POST"])
def tool_new(request: HttpRequest) -> HttpResponse:
    user = person(request)
    initial = {"owner": user.pk, "currency": Organisation.current().reporting_currency}
    form = _form(user, request.POST or None, initial=initial)
    if form.is_valid():
        try:
            made = tool_create(user=user, fields=form.values, at=clock.now())
        except AdroitError as error:
            _refuse(form, error)
        else:
            messages.success(
                request, f"{made} is in the register; {made.owner} is told before it renews."
            )
            return redirect_to(request, made.get_absolute_url())
    return _form_page(request, form, "New tool", "Enter tool", reverse("budgets:tools"))


@gate(Act.DRAFT_REQUEST)
@require_http_methods(["GET", "POST"])
def tool_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    one = _find(user, pk).tool
    require(user, Act.DRAFT_REQUEST, team=one.team, owner_id=one.owner_id)
    form = _form(user, request.POST or None, initial=_initial(one))
    if form.is_valid():
        try:
            tool_change(tool=one, user=user, fields=form.values, at=clock.now())
        except AdroitError as error:
            _refuse(form, error)
        else:
            messages.success(request, "Saved.")
            return redirect_to(request, one.get_absolute_url())
    return _form_page(request, form, f"Change {one}", "Save changes", one.get_absolute_url())


def _initial(one: Any) -> Mapping[str, Any]:
    names = ("name", "purpose", "team", "owner", "vendor", "budget_line", "contract", "currency",
             "seats", "starts_on", "renews_on", "notice_days", "renews_itself", "note")  # fmt: skip
    return {**{name: getattr(one, name) for name in names}, "yearly": one.yearly.rounded()}


def _refuse(form: Any, error: AdroitError) -> None:
    if error.status == 403:
        raise error
    refuse(form, error)


def _form_page(request: HttpRequest, form: Any, title: str, save: str, back: str) -> HttpResponse:
    crumbs = [
        ("Budgets", reverse("budgets:centre")),
        ("Tools", reverse("budgets:tools")),
        (title, ""),
    ]
    return form_page(request, form, title=title, save=save, back=back, crumbs=crumbs)


@gate(Act.DRAFT_REQUEST)
@require_POST
def tool_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Notice was given."""
    user = person(request)
    one = _find(user, pk).tool
    form = CancelForm(request.POST)
    if not form.is_valid():
        raise Invalid("Say why it was cancelled.", where="reason")
    tool_cancel(tool=one, user=user, reason=form.cleaned_data["reason"], at=clock.now())
    messages.success(request, f"{one} is cancelled; nobody is reminded of it any more.")
    return redirect_to(request, one.get_absolute_url())


@gate(Act.DRAFT_REQUEST)
@require_POST
def tool_count(request: HttpRequest, pk: int) -> HttpResponse:
    """One count of one tool."""
    user = person(request)
    one = _find(user, pk).tool
    form = CountForm(request.POST)
    if not form.is_valid():
        raise Invalid("Give a day and how many people used it.", where="active_users")
    row = UseRow(one.name, form.cleaned_data["day"], form.cleaned_data["active_users"])
    tool_uses_enter(user=user, rows=[row], source="Entered by hand", at=clock.now(), tool=one)
    messages.success(request, "The count is kept.")
    return redirect_to(request, one.get_absolute_url())


@gate(Act.DRAFT_REQUEST)
@require_POST
def tool_uses(request: HttpRequest) -> HttpResponse:
    """Counts of many tools, pasted or as a file."""
    form = UsesForm(request.POST, request.FILES)
    if not form.is_valid():
        raise Invalid("Paste counts or choose a file.", where="rows")
    rows = read_uses(form.text)
    kept = tool_uses_enter(user=person(request), rows=rows, source=form.source, at=clock.now())
    same = len(rows) - kept
    messages.success(request, f"{kept} counts kept{f', {same} were known' if same else ''}.")
    return redirect_to(request, reverse("budgets:tools"))


@gate(*KEEPS_FILES)
@require_POST
def tool_attach(request: HttpRequest, pk: int) -> HttpResponse:
    return keep_upload(request, _find(person(request), pk).tool)
