"""What changed after the fact: a heat map over days, and every day with its first and present figure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import gate, person, require
from core import formats
from core.exports import export_response
from core.known import page_as_known
from core.money import Money
from core.pages import page
from core.parts import Tab
from core.periods import Period
from core.tables import Column, Table
from metrics.choices import MICRO_MEASURES, MONEY_MEASURES
from metrics.rules.buckets import buckets
from metrics.selectors.labels import labels
from metrics.selectors.origins import BatchOrigin, batch_origins
from metrics.selectors.restatements import Restated, restatable, restatements
from metrics.views.window import Window, window_of

SPLITS = {"source": "Sources", "channel": "Channels", "campaign": "Campaigns"}
# Longer periods are drawn by week, very long ones by month.
DAYS_DRAWN, WEEKS_DRAWN = 31, 190
STEPS = (Decimal("0.01"), Decimal("0.05"), Decimal("0.15"))


class RestatedTable(Table):
    """One place and day on a line."""

    key = "restated"
    noun = "changed days"
    row_id = "id"
    columns: ClassVar[Sequence[Column]] = (
        Column("name", "Of", kind="link", url="url", priority=1),
        Column("days", "Day", sort="day", priority=2, nowrap=True),
        Column("first", "First known", kind="number", sort="first_raw", priority=2),
        Column("now", "Now", kind="number", sort="now_raw", strong=True, priority=2),
        Column("change", "Change", kind="number", sort="change_raw", priority=1),
        Column("share", "Change, %", kind="percent_signed", priority=3),
        Column("changed_at", "Last changed", kind="datetime", priority=3, nowrap=True),
        Column("by", "Changed by", kind="link", url="by_url", sortable=False, priority=3),
    )
    search = ("name", "by")
    default_sort = "-days"
    empty_title = "Nothing changed after the fact"
    empty_text = "Every day of this period still says what was first known of it."


FIGURES = ("first", "now", "change")


class AmountsTable(RestatedTable):
    """The same in an amount's own currency."""

    columns = tuple(
        replace(c, kind="money_change" if c.key == "change" else "money_exact")
        if c.key in FIGURES else c
        for c in RestatedTable.columns
    )  # fmt: skip


class FractionsTable(RestatedTable):
    """The same for what platforms report in fractions."""

    columns = tuple(replace(c, digits=2) if c.key in FIGURES else c for c in RestatedTable.columns)


def table_for(measure: str) -> type[RestatedTable]:
    """The table that writes this measure without losing what changed."""
    if measure in MONEY_MEASURES:
        return AmountsTable
    return FractionsTable if measure in MICRO_MEASURES else RestatedTable


@dataclass(frozen=True, slots=True)
class Heat:
    """A cell of the map: ``level`` -3 to 3 by the size of the relative change, 0 for none."""

    text: str
    level: int
    told: str

    @property
    def shade(self) -> str:
        """The class that tints the cell."""
        if not self.level:
            return ""
        return f"heat-{'up' if self.level > 0 else 'down'}-{abs(self.level)}"


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
@page_as_known
def report(request: HttpRequest) -> HttpResponse:
    user, window = person(request), window_of(request)
    measure, split = _choices(request, user)
    where = {key: request.GET.getlist(key) for key in SPLITS if key in request.GET}
    found = restatements(
        viewer=user, measure=measure, period=window.period, by=[split, "day"], where=where
    )
    origins = batch_origins(user, {batch.pk for one in found for batch in one.batches})
    table = table_for(measure)(
        request, [_row(request, one, split, origins, window.today) for one in found]
    )
    names = dict(restatable(user))
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        filters = [("Period", window.period.label), ("Measure", names[measure]), *_told(where)]
        return export_response(table, wanted, title=f"Restated {names[measure]}", filters=filters)
    context = {
        "title": _title(found, names[measure]),
        "window": window,
        "measures": [Tab(name, _url(request, measure=key), key == measure) for key, name in names.items()],
        "tabs": [Tab(label, _url(request, by=key), key == split) for key, label in SPLITS.items()],
        "where": [(label, name, _url(request, **{key: None})) for key, label, name in _chips(where)],
        "heads": [period.label for period in _columns(window)],
        "heat": _heat(found, split, window),
        "table": table,
        "crumbs": [("Goals", reverse("metrics:goals")), ("What changed after the fact", "")],
    }  # fmt: skip
    return page(request, "metrics/restatements.html", context, fragment="restated")


def _choices(request: HttpRequest, user: User) -> tuple[str, str]:
    known = [key for key, _ in restatable(user)]
    default = "spend" if "spend" in known else "conversions"
    measure, split = request.GET.get("measure", ""), request.GET.get("by", "")
    return measure if measure in known else default, split if split in SPLITS else "source"


def _url(request: HttpRequest, **changes: str | None) -> str:
    query = request.GET.copy()
    for name in ("page", "export"):
        query.pop(name, None)
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    return f"?{query.urlencode()}"


def _chips(where: Mapping[str, Sequence[str]]) -> list[tuple[str, str, str]]:
    """What the report is held to: the parameter, its name, and the names chosen."""
    return [
        (key, SPLITS[key][:-1], ", ".join(labels(key, [int(v) for v in given if v.isdecimal()]).values()))
        for key, given in where.items()
    ]  # fmt: skip


def _told(where: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    return [(label, names) for _, label, names in _chips(where)]


def _row(
    request: HttpRequest,
    one: Restated,
    split: str,
    origins: Mapping[int, BatchOrigin],
    today: date,
) -> dict[str, Any]:
    newest = one.batches[-1]
    others = len(one.batches) - 1
    origin = origins.get(newest.pk)
    said = origin.words if origin else str(newest)
    return {
        "id": f"{one.keys[split]}-{one.day}-{one.currency}-{one.whole_days}",
        "name": one.names[split],
        "url": _url(request, **{split: str(one.keys[split])}),
        "day": one.day,
        "days": _days(one, today),
        "first": one.first, "first_raw": one.first_raw,
        "now": one.now, "now_raw": (one.first_raw or 0) + one.change_raw,
        "change": one.change, "change_raw": one.change_raw,
        "share": one.share,
        "changed_at": one.changed_at,
        "by": f"{said} and {others} before" if others else said,
        "by_url": origin.url if origin else "",
    }  # fmt: skip


def _days(one: Restated, today: date) -> str:
    if one.whole_days == 1:
        return formats.day(one.day, today)
    first = one.day.fromordinal(one.day.toordinal() - one.whole_days + 1)
    return formats.span(first, one.day, today)


def _title(found: Sequence[Restated], name: str) -> str:
    if not found:
        return f"{name} still says what was first known"
    days = len({one.day for one in found})
    count = "1 day" if days == 1 else f"{days} days"
    currencies = {one.currency for one in found}
    if isinstance(found[0].change, Money) and len(currencies) > 1:
        return f"{name} of {count} changed after the fact, in {len(currencies)} currencies"
    change = sum(one.change_raw for one in found)
    first = sum(one.first_raw or 0 for one in found)
    said = formats.percent_signed(Decimal(change) / first) if first else "from nothing"
    return f"{name} of {count} changed after the fact, by {said} in all"


def _columns(window: Window) -> list[Period]:
    period = window.to_date
    grain = "week" if period.days <= WEEKS_DRAWN else "month"
    if period.days > DAYS_DRAWN:
        return list(buckets(grain, period, window.calendar).periods)
    first = period.start.toordinal()
    days = [period.start.fromordinal(first + n) for n in range(period.days)]
    return [Period(str(day), day, day, str(day.day)) for day in days]


def _heat(
    found: Sequence[Restated], split: str, window: Window
) -> list[tuple[str, Sequence[Heat]]]:
    """A line for each place (and currency), a cell for each day, week or month."""
    columns = _columns(window)
    several = len({one.currency for one in found}) > 1 and found[0].measure in MONEY_MEASURES
    lines: dict[str, list[Restated]] = defaultdict(list)
    for one in found:
        lines[one.names[split] + (f", {one.currency}" if several else "")].append(one)
    return [(name, [_cell(ones, column) for column in columns]) for name, ones in lines.items()]


def _cell(ones: Sequence[Restated], column: Period) -> Heat:
    inside = [one for one in ones if one.day in column]
    change = sum(one.change_raw for one in inside)
    first = sum(one.first_raw or 0 for one in inside)
    if not inside:
        return Heat("", 0, "")
    if not change:
        return Heat("±0", 0, "changed and came back")
    told = f"{len(inside)} changed, {column.label}"
    if not first:
        return Heat("new", 3, told)
    share = Decimal(change) / first
    level = 1 + sum(abs(share) >= step for step in STEPS[1:])
    return Heat(formats.percent_signed(share, 0 if abs(share) >= STEPS[0] else 1), level if share > 0 else -level, told)  # fmt: skip
