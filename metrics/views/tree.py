"""The tree of metrics, from the board's to the day's work, and one metric with its drill-down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import gate, person, sees_money
from core import formats
from core.exports import export_response
from core.known import page_as_known
from core.pages import page
from core.parts import Delta, Fact, Tab, Tile
from core.tables import Column, Table
from metrics.choices import Tier
from metrics.rules.metric import Metric
from metrics.rules.registry import METRICS, by_tier, children_of
from metrics.selectors import (
    QueryResult,
    as_they_stood,
    in_force,
    query,
    targets_visible,
    where_from,
)
from metrics.selectors.targets import shown_value
from metrics.selectors.words import written
from metrics.views.pictures import WEEKLY_FROM_DAYS, metric_chart
from metrics.views.tables import subject
from metrics.views.window import Window, window_of

LANDS = {
    Tier.BOARD: "What the board looks at",
    Tier.CMO: "What moves the board's figures",
    Tier.DIRECTOR: "What directors steer",
    Tier.OPERATIONAL: "What is worked on every day",
}
SPLITS = {"channel": "Channels", "team": "Teams", "campaign": "Campaigns", "line": "Lines"}


# Beside a metric; the goals page has all of them.
MOST_TARGETS = 6


class BranchTable(Table):
    """Metrics of one tier: value, formula, and their place in the tree."""

    key = "tier"
    row_id = "key"
    columns = (
        Column("label", "Metric", kind="link", url="url", sub="formula", priority=1),
        Column("value", "To date", kind="number", sortable=False, strong=True, priority=1),
        Column("before", "Days before", kind="number", sortable=False, priority=3),
        Column("change", "Change", kind="delta", sortable=False, priority=2),
        Column("unit", "Unit", sortable=False, priority=3),
        Column("direction", "Good when", sortable=False, priority=3, nowrap=True),
        Column("parents", "Explains", sortable=False, priority=3),
        Column("children", "Explained by", sortable=False, priority=3),
        Column("owners", "Owner of its targets", sortable=False, priority=2),
    )


# One class per tier, because a table's key names it on the page.
TIER_TABLES: dict[Tier, type[BranchTable]] = {
    tier: type(f"{tier.name.capitalize()}Table", (BranchTable,), {"key": tier.value})
    for tier in Tier
}
GOOD_WHEN = {True: "higher", False: "lower", None: "on target"}


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
@page_as_known
def tree(request: HttpRequest) -> HttpResponse:
    user, window = person(request), window_of(request)
    visible = _visible(user)
    answer = _ask(user, window, list(visible))
    owners = _owners(user, window)
    tiers = [
        (
            tier,
            LANDS[tier],
            TIER_TABLES[tier](
                request,
                [_branch(m, answer, visible, owners) for m in ms if m.key in visible],
                export=False,
            ),
        )
        for tier, ms in by_tier().items()
        if any(m.key in visible for m in ms)
    ]
    context = {
        "title": f"{len(visible)} metrics, each defined once",
        "window": window,
        "tiers": tiers,
        "known_at": answer.known_at,
        "refused": sorted(set(answer.refused.values())),
        "crumbs": [("Goals", reverse("metrics:goals")), ("Metrics", "")],
    }
    return page(request, "metrics/tree.html", context)


def _visible(user: User) -> dict[str, Metric]:
    money = sees_money(user)
    return {key: metric for key, metric in METRICS.items() if money or not metric.is_money}


def _ask(user: User, window: Window, metrics: list[str], **asked: Any) -> QueryResult:
    return query(
        metrics=metrics,
        period=window.to_date,
        compare=window.to_date.previous(),
        viewer=user,
        currency=window.currency,
        **asked,
    )


def _owners(user: User, window: Window) -> dict[str, str]:
    """Whose targets of each metric run in the period: the highest team's first."""
    running = targets_visible(user).filter(
        in_force(),
        first_day__lte=window.period.end,
        last_day__gte=window.period.start,
        campaign=None,
    )
    found: dict[str, list[str]] = {}
    for target in running.order_by("team__path", "pk"):
        names = found.setdefault(target.metric, [])
        if target.owner.name not in names:
            names.append(target.owner.name)
    return {metric: ", ".join(names[:3]) for metric, names in found.items()}


def _branch(
    metric: Metric, answer: QueryResult, visible: dict[str, Metric], owners: dict[str, str]
) -> dict[str, Any]:
    parents = [visible[key].label for key in metric.parents if key in visible]
    children = [child.label for child in children_of(metric.key) if child.key in visible]
    return _figures(metric, answer, answer.totals) | {
        "key": metric.key,
        "label": metric.label,
        "url": reverse("metrics:metric", args=[metric.key]),
        "formula": metric.formula,
        "unit": metric.unit.label,
        "direction": GOOD_WHEN[metric.up_is_good],
        "parents": ", ".join(parents),
        "children": ", ".join(children),
        "owners": owners.get(metric.key, ""),
    }


def _figures(metric: Metric, answer: QueryResult, row: Mapping[str, Any]) -> dict[str, Any]:
    """Value, value before and change, as texts and, to sort by, as they are."""
    change = row[f"{metric.key}_change"]
    return {
        "raw": row[metric.key],
        "value": written(metric, answer.value(metric.key, row)),
        "raw_before": row[f"{metric.key}_before"],
        "before": written(metric, answer.value(f"{metric.key}_before", row)),
        "raw_change": change,
        "change": None
        if change is None
        else Delta.of(change, formats.percent_signed, up_is_good=metric.up_is_good),
    }


def _tile(metric: Metric, answer: QueryResult) -> Tile:
    value = answer.value(metric.key, answer.totals)
    change = answer.totals[f"{metric.key}_change"]
    before = answer.value(f"{metric.key}_before", answer.totals)
    return Tile(
        label=metric.label,
        value=written(metric, value),
        delta=None
        if change is None
        else Delta.of(change, formats.percent_signed, up_is_good=metric.up_is_good),
        sentence=f"{written(metric, before)} in the days before" if before is not None else "",
        url=reverse("metrics:metric", args=[metric.key]),
        where=where_from([metric.key], answer.period, currency=answer.currency),
    )


class MetricTable(Table):
    """One metric by channel, team, campaign or line."""

    key = "split"
    row_id = "id"
    columns = (
        Column("name", "Name", kind="link", url="url", priority=1),
        Column("value", "Value", kind="number", sort="raw", strong=True, priority=1),
        Column("before", "Days before", kind="number", sort="raw_before", priority=3),
        Column("change", "Change", kind="delta", sort="raw_change", priority=2),
    )
    default_sort = "-value"
    search = ("name",)
    asked: tuple[str, str, QueryResult]
    empty_title = "No figures in this period"
    empty_text = "Choose another period, or import an export that covers it."

    def where_from(self, record: Mapping[str, Any]) -> str:
        metric, split, answer = self.asked
        return where_from([metric], answer.period, {split: record["id"]}, answer.currency)


class ExplainedTable(Table):
    """The metrics one step down the tree."""

    key = "explained"
    row_id = "id"
    columns = (
        Column("name", "Metric", kind="link", url="url", sortable=False, priority=1),
        Column("value", "To date", kind="number", sortable=False, strong=True, priority=1),
        Column("change", "Change", kind="delta", sortable=False, priority=2),
    )


class TargetTable(Table):
    """Targets of one metric."""

    key = "targets"
    row_id = "id"
    columns = (
        Column("name", "For", kind="link", url="url", sortable=False, priority=1, sub="owner"),
        Column("value", "Target", kind="number", sortable=False, strong=True, priority=1),
    )
    empty_title = "No target in this period"
    empty_text = "Set one on the goals page."


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
@page_as_known
def metric(request: HttpRequest, key: str) -> HttpResponse:
    """One metric: formula, value, trend, where it comes from."""
    user, window = person(request), window_of(request)
    found = _visible(user).get(key)
    if found is None:
        raise Http404("There is no such metric, or you may not see it.")
    split = request.GET.get("by", "channel")
    split = split if split in SPLITS else "channel"
    children = _children(user, found)
    answer = _ask(user, window, [key, *(child.key for child in children)], by=[split])
    table = MetricTable(request, [_row(found, answer, row, split) for row in answer.rows])
    table.asked = (key, split, answer)
    if wanted := request.GET.get("export"):
        filters = [("Period", window.period.label), ("Split", SPLITS[split])]
        return export_response(
            table, wanted, title=found.label, filters=filters, as_of=answer.known_at
        )
    grain = "week" if window.to_date.days > WEEKLY_FROM_DAYS else "day"
    trend = _ask(user, window, [key], by=[grain])
    targets = _targets(user, key, window)
    context = {
        "title": found.label,
        "metric": found,
        "window": window,
        "tile": _tile(found, answer),
        "facts": _metric_facts(found),
        "explained": _explained(request, children, answer),
        "chart": metric_chart(found, trend, grain, today=window.today),
        "table": table,
        "tabs": [Tab(label, f"?by={s}", s == split) for s, label in SPLITS.items()],
        "targets": TargetTable(request, targets[:MOST_TARGETS], export=False),
        "more_targets": max(0, len(targets) - MOST_TARGETS),
        "refused": answer.refused.get(key, ""),
        "known_at": answer.known_at,
        "crumbs": [
            ("Goals", reverse("metrics:goals")),
            ("Metrics", reverse("metrics:tree")),
            (found.label, ""),
        ],
    }
    return page(request, "metrics/metric.html", context, fragment="split")


def _row(metric: Metric, answer: QueryResult, row: dict[str, Any], split: str) -> dict[str, Any]:
    url = reverse("reporting:campaign", args=[row[split]]) if split == "campaign" else ""
    return _figures(metric, answer, row) | {
        "id": row[split],
        "name": row[f"{split}_label"],
        "url": url,
    }


def _metric_facts(metric: Metric) -> list[Fact]:
    return [
        Fact("Formula", metric.formula),
        Fact("Unit", metric.unit.label),
        Fact("Direction", metric.direction.label),
        Fact("Tier", metric.tier.label),
        Fact("Domain", metric.domain),
        Fact("Refreshed", "with every import"),
    ]


def _children(user: User, metric: Metric) -> list[Metric]:
    visible = _visible(user)
    return [child for child in children_of(metric.key) if child.key in visible]


def _explained(
    request: HttpRequest, children: Sequence[Metric], answer: QueryResult
) -> Table | None:
    """The metrics one step down, each leading on to its own page."""
    rows = [
        _figures(child, answer, answer.totals)
        | {
            "id": child.key,
            "name": child.label,
            "url": reverse("metrics:metric", args=[child.key]),
        }
        for child in children
    ]
    return ExplainedTable(request, rows, export=False) if rows else None


def _targets(user: User, key: str, window: Window) -> list[dict[str, Any]]:
    running = targets_visible(user).filter(
        in_force(),
        metric=key,
        first_day__lte=window.period.end,
        last_day__gte=window.period.start,
    )
    return [
        {
            "id": target.pk,
            "name": subject(target),
            "url": reverse("metrics:goal", args=[target.pk]),
            "value": written(METRICS[key], shown_value(target, METRICS[key], target.value_micros)),
            "owner": target.owner.name,
        }
        for target in as_they_stood(
            running.order_by(
                F("campaign_id").asc(nulls_first=True),
                F("channel_id").asc(nulls_first=True),
                "team__name",
            )
        )
    ]
