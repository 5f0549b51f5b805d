"""What results cost: by channel, campaign and line, at the margin, against target and against last month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.permissions import gate, person, require
from analytics.results import REASON_TEXT
from budgets.selectors.sections import section_tabs
from core import clock, formats, known
from core.exports import export_response
from core.known import page_as_known
from core.once import reading_once
from core.pages import page
from core.parts import Tab, Tile
from core.tables import Column, Table
from insights.forms import EfficiencyFilter
from insights.rules.efficiency import WORSE
from insights.services.efficiency import GRAINS, Efficiency, EfficiencyRow, efficiency_of
from metrics.selectors import MEASURE_LABELS

LABELS = {"channel": "Channels", "campaign": "Campaigns", "line": "Lines"}


class EfficiencyTable(Table):
    key = "efficiency"
    noun = "rows"
    columns = (
        Column("name", "Name", kind="link", url="url", sub="part_of", priority=1, strong=True),
        Column("team", "Team", default_visible=False, priority=3),
        Column("spend", "Spend, 28 days", kind="money"),
        Column("results", "Results", kind="number", sub="measure", priority=3),
        Column("cost", "Cost per result", kind="money_exact", priority=1),
        Column("marginal", "One more result", kind="custom", sort="marginal_value",
               help="What one more result cost on the days that hold the top fifth of spend"),
        Column("target", "Target", default_visible=False, priority=3),
        Column("vs_target", "Worse than target", kind="percent_signed", up_is_good=False, priority=3, tone="missed"),
        Column("change", "Against 28 days before", kind="custom", sort="change_value", tone="tone"),
        Column("range", "80 % range", kind="custom", sortable=False, priority=3, nowrap=True),
        Column("chance", "Chance dearer", kind="percent", digits=0, priority=3),
    )  # fmt: skip
    search = ("name", "part_of", "team")
    default_sort = "-spend"
    row_id = "pk"
    empty_title = "No spend with matured results yet"
    empty_text = "Rows appear when a campaign has spent money and its results are a week old."

    def cell_marginal(self, row: Mapping[str, Any]) -> str:
        return str(row["marginal_text"])

    def cell_change(self, row: Mapping[str, Any]) -> str:
        return str(row["change_text"])

    def cell_range(self, row: Mapping[str, Any]) -> str:
        return str(row["range_text"])


@gate(Act.VIEW_MONEY)
@require_safe
@page_as_known
@reading_once()
def efficiency(request: HttpRequest) -> HttpResponse:
    user, now = person(request), clock.now()
    filters = EfficiencyFilter(request.GET)
    grain = filters.grain
    found = efficiency_of(user, grain, today=known.today())
    kept = [row for row in found.rows if filters.keeps(row)]
    table = EfficiencyTable(request, [_row(row) for row in kept])
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        return export_response(table, wanted, title=f"Efficiency by {grain}", as_of=now)
    context = {
        "title": _title(found, kept),
        "kicker": f"Efficiency · results matured up to {formats.day(found.through, weekday=False)} · in {found.currency}",
        "table": table,
        "tiles": _tiles(found),
        "filters": filters,
        "sections": section_tabs(user, "insights:efficiency"),
        "tabs": [
            Tab(LABELS[one], f"?{urlencode({'by': one})}", one == grain) for one in GRAINS
        ],
        "worse": formats.percent(WORSE, 0),
        "crumbs": [("Budgets", reverse("budgets:centre")), ("Efficiency", "")],
    }  # fmt: skip
    return page(request, "insights/efficiency.html", context, fragment="efficiency")


def _row(row: EfficiencyRow) -> dict[str, Any]:
    marginal, change = row.marginal, row.change
    return {
        "pk": row.key,
        "name": row.name,
        "url": _url(row),
        "part_of": row.part_of,
        "team": row.team,
        "spend": row.spend,
        "results": row.results,
        "measure": MEASURE_LABELS[row.measure].lower(),
        "cost": row.cost,
        "marginal_value": marginal.value if marginal.value is not None else -1,
        "marginal_text": _marginal(row),
        "target": row.target,
        "vs_target": row.vs_target,
        "missed": "bad" if row.is_missed else "",
        "change_value": change.value if change.value is not None else -9,
        "change_text": _change(row),
        "range_text": _range(row),
        "tone": "bad" if (change.value or 0) > WORSE else "",
        "chance": change.chance_worse,
    }


def _url(row: EfficiencyRow) -> str:
    if row.campaign is not None:
        return reverse("reporting:campaign", args=[row.campaign])
    return f"{reverse('insights:efficiency')}?{urlencode({'by': 'line', 'q': row.name})}"


def _marginal(row: EfficiencyRow) -> str:
    """The cost with its range, or why there is none."""
    found = row.marginal
    if found.reason is not None or found.value is None or found.interval is None:
        return REASON_TEXT[found.reason] if found.reason else ""
    middle, low, high = (
        formats.money_exact(amount)
        for amount in map(row.money, (found.value, found.interval.low, found.interval.high))
        if amount is not None
    )
    return f"{middle} ({low} to {high})"


def _change(row: EfficiencyRow) -> str:
    change = row.change
    if change.value is None:
        return REASON_TEXT[change.reason] if change.reason else ""
    return formats.percent_signed(change.value)


def _range(row: EfficiencyRow) -> str:
    found = row.change.interval
    if found is None:
        return ""
    return f"{formats.percent_signed(found.low, 0)} to {formats.percent_signed(found.high, 0)}"


def _title(found: Efficiency, kept: Sequence[EfficiencyRow]) -> str:
    if found.missed_share is None:
        return _largest(kept)
    return f"{formats.percent(found.missed_share, 0)} of spend with a target misses it"


def _largest(kept: Sequence[EfficiencyRow]) -> str:
    """Where no cost target is set, what the largest spender pays for a result."""
    row = max(kept, key=lambda one: one.spend.micros, default=None)
    if row is None or row.cost is None:
        return "What results cost"
    return f"{row.name} spends most, {formats.money_exact(row.cost)} for each result"


def _tiles(found: Efficiency) -> list[Tile]:
    dearer = [row for row in found.rows if (row.change.value or 0) > WORSE]
    known = [row for row in found.rows if row.marginal.value is not None]
    costly = [
        row for row in known if row.cost and (row.marginal.value or 0) > 2 * float(row.cost.amount)
    ]
    return [
        Tile("Spend, 28 days", formats.money(found.spend)),
        Tile(
            "On missed targets",
            formats.percent(found.missed_share, 0) if found.missed_share is not None else formats.NOTHING,
            sentence=f"{formats.percent(found.without_share or 0, 0)} of spend has no cost target",
        ),
        Tile("Dearer by over a quarter", str(len(dearer)), sentence="last 7 days against 28 before"),
        Tile(
            "Last fifth costs double",
            str(len(costly)),
            sentence=f"of {len(known)} whose marginal cost can be read",
        ),
    ]  # fmt: skip
