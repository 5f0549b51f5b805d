"""Campaigns with their numbers: the list, the board, the calendar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count

from accounts.models import User
from accounts.permissions import sees_money
from campaigns.models import Campaign
from core.known import known_at
from core.money import Money
from insights.models import Finding
from metrics.selectors import QueryResult, query
from reporting.selectors.window import Window

METRICS = ("spend", "revenue", "roas", "conversions", "cpa")
COUNTS = ("impressions", "clicks", "conversions", "ctr", "cvr")


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign as a list shows it; amounts in the window's currency."""

    campaign: Campaign
    values: dict[str, Money | Decimal | int | None]
    findings: int

    def __getattr__(self, name: str) -> Any:
        return getattr(self.campaign, name)

    @property
    def pk(self) -> int:
        return self.campaign.pk

    @property
    def channels(self) -> list[tuple[str, str]]:
        """Channel keys and names, each once, in their fixed order."""
        found = {line.channel for line in self.campaign.lines.all()}
        return [(c.key, c.name) for c in sorted(found, key=lambda c: c.position)]


def campaign_rows(
    user: User, campaigns: Iterable[Campaign], window: Window
) -> tuple[list[CampaignRow], QueryResult]:
    """Every given campaign with its figures of the window, and the answer they came from."""
    shown = list(campaigns)
    answer = query(
        metrics=visible_metrics(user),
        by=["campaign"],
        where={"campaign": [c.pk for c in shown]},
        period=window.period,
        as_of=window.as_of,
        viewer=user,
        currency=window.currency,
    )
    by_campaign = {row["campaign"]: row for row in answer.rows}
    findings = _open_findings(user)
    rows = [
        CampaignRow(c, values_of(answer, by_campaign.get(c.pk)), findings.get(c.pk, 0))
        for c in shown
    ]
    return rows, answer


def visible_metrics(user: User) -> Sequence[str]:
    """Amounts for those who may see money, counts for the others."""
    return METRICS if sees_money(user) else COUNTS


def values_of(
    answer: QueryResult, row: dict[str, Any] | None
) -> dict[str, Money | Decimal | int | None]:
    """The metrics of one row as amounts, ratios and counts for display."""
    keys = [metric.key for metric in answer.metrics]
    if row is None:
        return dict.fromkeys(keys)
    return {key: answer.value(key, row) for key in keys}


def _open_findings(user: User) -> dict[int, int]:
    found = Finding.objects.for_user(user).open(known_at()).exclude(campaign=None)
    return dict(found.order_by().values_list("campaign").annotate(count=Count("pk")))


# The calendar is drawn in units of a 1,240 wide picture: names left, the span in 1,000 units.
PLOT_LEFT, PLOT_WIDTH, ROW_TOP, ROW_HEIGHT = 240, 1000, 28, 24


@dataclass(frozen=True, slots=True)
class Flight:
    """A campaign's bar in the calendar."""

    row: CampaignRow
    x: int
    y: int
    width: int

    @property
    def baseline(self) -> int:
        """Where the name is written."""
        return self.y + 13


def place(day: date, start: date, end: date) -> int:
    """Where a day begins, from left to right."""
    days = (end - start).days + 1
    return PLOT_LEFT + (day - start).days * PLOT_WIDTH // days


def flights(rows: Iterable[CampaignRow], start: date, end: date) -> list[Flight]:
    """The bars between two days, by their start; campaigns wholly outside are left out."""
    spans = []
    for row in rows:
        first = max(start, row.campaign.flight_start or start)
        last = min(end, row.campaign.flight_end or end)
        if first <= last:
            spans.append((first, last, row))
    spans.sort(key=lambda span: (span[0], span[2].campaign.name))
    return [
        Flight(
            row,
            x=place(first, start, end),
            y=ROW_TOP + ROW_HEIGHT * number,
            width=max(6, place(last, start, end) - place(first, start, end)),
        )
        for number, (first, last, row) in enumerate(spans)
    ]
