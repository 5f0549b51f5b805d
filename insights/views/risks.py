"""What may go wrong: chance times money, the greatest first, and how the total went."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.permissions import gate, person, require
from core import formats, known
from core.charts import Chart, Series, Unit
from core.exports import export_response
from core.known import page_as_known
from core.money import Money
from core.once import reading_once
from core.pages import page
from core.parts import Delta, Tile
from core.tables import Column, Table
from insights.models import RiskEntry
from insights.selectors.risks import ListedRisk, RiskList, risks_kept, risks_of
from insights.views.asked import RiskFilter
from insights.views.understand import reporting_currency, understand_tabs

TONES = {"critical": "bad", "high": "bad", "medium": "warn", "low": "neutral"}
URLS = {"budget_line": "budgets:line", "target": "metrics:goal"}


class RiskTable(Table):
    key = "risks"
    noun = "risks"
    columns = (
        Column("title", "What may happen", kind="link", url="url", sub="kind", priority=1, strong=True),
        Column("team", "Team", priority=3),
        Column("chance", "Chance", kind="percent", digits=0),
        Column("loss", "It would cost", kind="money", sort="loss_micros"),
        Column("expected", "Chance × cost", kind="money", priority=1),
        Column("change", "Since a week", kind="delta", sort="change_micros", priority=3),
        Column("due", "By", kind="date"),
        Column("grade", "Weight", kind="badge", tone="tone", priority=3,
               help="By its share of four weeks of spend: from 10 % critical, from 5 % high, from 1 % medium"),
        Column("how", "How it was worked out", default_visible=False, sortable=False, priority=3),
    )  # fmt: skip
    search = ("title", "team")
    default_sort = "-expected"
    row_id = "pk"
    empty_title = "No risk is on the list"
    empty_text = (
        "Each morning budgets, targets and sources are looked through; what has a chance of 5 % or more and "
        "would cost money stands here. Set targets and plans to be warned about them."
    )


@gate(Act.VIEW_MONEY)
@require_safe
@page_as_known
@reading_once()
def risks(request: HttpRequest) -> HttpResponse:
    user = person(request)
    filters = RiskFilter(user, request.GET)
    found = risks_of(user, today=known.today(), currency=reporting_currency())
    rows = risks_kept(found, **filters.asked())
    table = RiskTable(request, [_row(one) for one in rows])
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        return export_response(table, wanted, title=_title(found), as_of=known.now())
    context = {
        "title": _title(found),
        "kicker": f"Risks · list of {formats.day(found.day)}" if found.day else "Risks",
        "table": table,
        "filters": filters,
        "tiles": _tiles(found),
        "chart": _chart(found),
        "tabs": understand_tabs(user, "insights:risks"),
        "crumbs": [("Anomalies", reverse("insights:anomalies")), ("Risks", "")],
    }
    return page(request, "insights/risks.html", context, fragment="risks")


def _title(found: RiskList) -> str:
    if not found.rows:
        return "Nothing is likely to cost money"
    worst = found.rows[0]
    return f"{formats.money(found.total)} is likely to be lost; most of all: {worst.entry.title}"


def _row(one: ListedRisk) -> dict[str, Any]:
    entry, change = one.entry, one.change
    return {
        "pk": entry.pk,
        "title": entry.title,
        "kind": f"{entry.get_kind_display()}{'' if one.is_counted else ' · the same money as a larger one'}",
        "url": risk_url(entry),
        "team": entry.team.name,
        "chance": entry.chance,
        "loss": Money(entry.loss_micros, entry.currency),
        "loss_micros": entry.expected_micros / entry.chance,
        "expected": one.expected,
        "change": None if change is None else _delta(change),
        "change_micros": change.micros if change else 0,
        "due": entry.due_on,
        "grade": one.ranked.severity.value.capitalize(),
        "tone": TONES[one.ranked.severity.value],
        "how": entry.evidence.get("how", ""),
    }


def risk_url(entry: RiskEntry) -> str:
    """What is known of it: its finding's alert, else what it is about."""
    if entry.finding_id and entry.finding and entry.finding.ended_at is None:
        return reverse("automation:for-finding", args=[entry.finding_id])
    if entry.subject == "source":
        return reverse("integrations:imports")
    return reverse(URLS[entry.subject], args=[entry.subject_id])


def _delta(change: Money) -> Delta:
    return Delta(
        formats.money_signed(change),
        direction="up" if change.micros > 0 else "down",
        tone="bad" if change.micros > 0 else "good",
    )


def _tiles(found: RiskList) -> list[Tile]:
    tiles = []
    for kind, label in RiskEntry.Kind.choices:
        rows = [one for one in found.rows if one.kind == kind]
        counted = [one.expected for one in rows if one.is_counted]
        total = sum(counted[1:], counted[0]) if counted else Money(0, found.total.currency)
        many = "1 on the list" if len(rows) == 1 else f"{len(rows)} on the list"
        tiles.append(
            Tile(label, formats.money(total), sentence=many if rows else "none is likely enough")
        )
    return tiles


def _chart(found: RiskList) -> Chart | None:
    if len(found.trend) < 2:
        return None
    (_, first), (_, last) = found.trend[0], found.trend[-1]
    moved = last.micros - first.micros
    steady = abs(moved) * 100 < abs(first.micros)
    way = "stays at" if steady else "fell to" if moved < 0 else "rose to"
    return Chart(
        kind="line",
        title=f"What is likely to be lost {way} {formats.money(last)}",
        sub=f"Chance times cost of all risks, {found.total.currency} · the last list of each week · money that "
        "two risks speak of counts once",
        x=[day for day, _ in found.trend],
        unit=Unit.money(found.total.currency),
        series=[Series("Likely loss", [total for _, total in found.trend])],
        zero=True,
        id="risk-trend",
        height=200,
    )
