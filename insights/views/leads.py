"""How lead generation did: leads, their cost, and how many got on, against another period."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.permissions import gate, person, require
from analytics.leads import MIN_LEADS, ShareChange
from analytics.results import Interval
from core import formats, known
from core.exports import export_response
from core.known import page_as_known
from core.once import reading_once
from core.pages import page
from core.parts import Delta, Tab, Tile
from core.tables import Column, Table
from insights.rules.leads import AGAINST, SPANS, YOUNG_DAYS
from insights.selectors.leads import LeadReport, LeadRow, leads_of
from insights.views.asked import LeadForm
from insights.views.understand import reporting_currency, understand_tabs


class LeadTable(Table):
    key = "leads"
    noun = "campaigns"
    columns = (
        Column("name", "Campaign", kind="link", url="url", sub="team", priority=1, strong=True),
        Column("leads", "Leads", kind="number", priority=1),
        Column("before", "Leads before", kind="number", priority=3),
        Column("cpl", "Cost per lead", kind="money_exact", priority=2),
        Column("cost_change", "Against before", kind="percent_signed", up_is_good=False, priority=3, sub="cost_range"),
        Column("mql", "Lead → MQL", kind="percent", digits=0, sub="mql_n", priority=2),
        Column("mql_change", "Against before", kind="points", sub="mql_range", priority=3),
        Column("sql", "Lead → SQL", kind="percent", digits=0, priority=3),
        Column("sql_change", "Against before", kind="points", sub="sql_range", default_visible=False, priority=3),
    )  # fmt: skip
    search = ("name", "team")
    default_sort = "-leads"
    row_id = "pk"
    empty_title = "No lead is known in these days"
    empty_text = (
        "Leads come from platforms that report them, and from CRM exports: import contacts with their life "
        "cycle stage and create date, and touchpoints with the campaign."
    )


@gate(Act.VIEW_MONEY)
@require_safe
@page_as_known
@reading_once()
def leads(request: HttpRequest) -> HttpResponse:
    user, said = person(request), LeadForm(request.GET).asked()
    found = leads_of(user, today=known.today(), currency=reporting_currency(), **said)
    table = LeadTable(request, [_row(one) for one in found.rows])
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        return export_response(table, wanted, title=_title(found), as_of=known.now())
    context = {
        "title": _title(found),
        "kicker": f"Leads · {formats.span(found.after.start, found.after.end)} against "
        f"{formats.span(found.before.start, found.before.end)}",
        "table": table,
        "tiles": _tiles(found),
        "spans": [
            Tab(label, f"?{urlencode({**said, 'days': key})}", int(key) == said["days"])
            for key, label in SPANS.items()
        ],
        "against": [
            Tab(label, f"?{urlencode({**said, 'against': key})}", key == said["against"])
            for key, label in AGAINST.items()
        ],
        "least": MIN_LEADS,
        "young": YOUNG_DAYS,
        "tabs": understand_tabs(user, "insights:leads"),
        "crumbs": [("Anomalies", reverse("insights:anomalies")), ("Leads", "")],
    }
    return page(request, "insights/leads.html", context, fragment="leads")


def _row(one: LeadRow) -> dict[str, Any]:
    return {
        "pk": one.campaign or 0,
        "name": one.name,
        "url": reverse("reporting:campaign", args=[one.campaign]) if one.campaign else "",
        "team": one.team,
        "leads": one.after.leads,
        "before": one.before.leads,
        "cpl": one.cpl(one.after),
        "cost_change": one.cost.value,
        "cost_range": _percents(one.cost.interval),
        "mql": one.mql.after,
        "mql_n": f"of {one.mql.n_after}" if one.mql.n_after else "",
        "mql_change": one.mql.difference,
        "mql_range": _points(one.mql),
        "sql": one.sql.after,
        "sql_change": one.sql.difference,
        "sql_range": _points(one.sql),
    }


def _percents(range_: Interval | None) -> str:
    if range_ is None:
        return ""
    return f"{formats.percent_signed(range_.low, 0)} to {formats.percent_signed(range_.high, 0)}"


def _points(change: ShareChange) -> str:
    if change.interval is None:
        return ""
    return f"{formats.points(change.interval.low, 0)} to {formats.points(change.interval.high, 0)}"


def _title(found: LeadReport) -> str:
    total = found.total
    if not found.rows:
        return "No lead is known in these days"
    many = "1 lead" if total.after.leads == 1 else f"{formats.number(total.after.leads)} leads"
    start = f"{many} against {formats.number(total.before.leads)} before"
    mql = total.mql
    if not mql.n_after and total.cost.value is not None:
        return f"{start}; a lead costs {_cost_words(total)}"
    if mql.difference is None or mql.interval is None or mql.after is None:
        return f"{start}; too few to say whether more got on"
    share = formats.percent(mql.after, 0)
    if not mql.interval.excludes(0):
        return f"{start}; {share} became MQLs, no clear change"
    return f"{start}; {share} became MQLs, {formats.points(mql.difference, 0)}"


def _tiles(found: LeadReport) -> list[Tile]:
    total = found.total
    cpl = total.cpl(total.after)
    return [
        Tile("Leads", formats.number(total.after.leads), sentence=f"{total.before.leads:,} before"),
        Tile(
            "Cost per lead",
            formats.money_exact(cpl) if cpl else formats.NOTHING,
            sentence=_cost_words(total),
        ),
        _share_tile("Lead → MQL", total.mql),
        _share_tile("Lead → SQL", total.sql),
    ]


def _cost_words(total: LeadRow) -> str:
    if not total.is_aim:
        return "no platform reports leads and no campaign is for them"
    if total.cost.value is None:
        return f"fewer than {MIN_LEADS} leads in a period"
    return f"{formats.percent_signed(total.cost.value, 0)} ({_percents(total.cost.interval)})"


def _share_tile(label: str, change: ShareChange) -> Tile:
    if change.after is None:
        return Tile(label, formats.NOTHING, sentence="the CRM knows of no lead that is old enough")
    delta = (
        Delta.of(change.difference, formats.points, up_is_good=True)
        if change.difference is not None
        else None
    )
    told = f"of {change.n_after} old enough"
    if change.interval:
        told = f"{told}; 80 % range of the change {_points(change)}"
    return Tile(label, formats.percent(change.after, 0), delta=delta, sentence=told)
