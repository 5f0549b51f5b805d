"""How days grow: the share of its final results that a day has at each age, platform by platform."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.permissions import gate, person, require
from analytics.maturity import MIN_DAYS
from core import clock, formats, known
from core.charts import Band, Chart, Series, Unit, Young
from core.exports import export_response
from core.known import page_as_known
from core.once import reading_once
from core.pages import page
from core.parts import Tab
from core.tables import Column, Table
from insights.selectors import PlatformGrowth, growth_known
from metrics.selectors import MEASURE_LABELS

# Ages that the table tells; the picture has them all.
AGES = (1, 3, 7, 14, 28)
# Days of the picture after the one from which a day counts as final.
BEYOND = 3


class MaturityTable(Table):
    key = "maturity"
    noun = "platforms"
    columns = (
        Column("platform", "Platform", priority=1, strong=True, sub="reason"),
        *(
            Column(f"age_{age}", f"{age} {'day' if age == 1 else 'days'} later", kind="percent",
                   digits=0, priority=1 if age in (1, 7) else 3)
            for age in AGES
        ),
        Column("range", "80 % range, 1 day later", kind="custom", sortable=False, nowrap=True, priority=3),
        Column("settled", "Final after days", kind="number", priority=1,
               help="From then on less than 1 % is still to come or to go"),
        Column("days", "Days watched", kind="number", priority=3,
               help="Days of each source that were seen at the first two ages"),
    )  # fmt: skip
    search = ("platform",)
    row_id = "platform"
    empty_title = "Nobody has seen yet how days grow"
    empty_text = (
        f"A curve appears when at least {MIN_DAYS} days of a platform were imported on two mornings "
        "in a row. Import every morning, and let each file reach some weeks back."
    )

    def cell_range(self, row: Mapping[str, Any]) -> str:
        return str(row["range"])


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
@page_as_known
@reading_once()
def maturity(request: HttpRequest) -> HttpResponse:
    found = growth_known(known.known_at())
    measures = list(dict.fromkeys(one.measure for one in found))
    chosen = request.GET.get("measure", "")
    measure = chosen if chosen in measures else next(iter(measures), "")
    shown = [one for one in found if one.measure == measure]
    table = MaturityTable(request, [_row(one) for one in shown])
    if wanted := request.GET.get("export"):
        require(person(request), Act.EXPORT)
        return export_response(table, wanted, title="How days grow", as_of=clock.now())
    context = {
        "title": _title(shown),
        "kicker": _kicker(shown, measure),
        "tabs": [Tab(MEASURE_LABELS[one], f"?measure={one}", one == measure) for one in measures],
        "charts": [_chart(one) for one in shown if not one.reason],
        "table": table,
        "crumbs": [("Imports", reverse("integrations:imports")), ("How days grow", "")],
    }
    return page(request, "insights/maturity.html", context, fragment="maturity")


def _row(one: PlatformGrowth) -> dict[str, Any]:
    shares = {age: one.share_at(age) for age in AGES}
    return {
        "platform": one.name,
        **{f"age_{age}": None if share is None else share.value for age, share in shares.items()},
        "range": _range(one),
        "settled": None if one.reason else one.curve.settled,
        "days": one.days,
        "reason": one.reason or (OPEN if one.curve.is_open else ""),
    }


OPEN = "still grows at the oldest age that was watched, so its end is not known"


def _range(one: PlatformGrowth) -> str:
    share = one.share_at(AGES[0])
    if share is None:
        return ""
    return f"{formats.percent(share.low, 0)} to {formats.percent(share.high, 0)}"


def _title(shown: Sequence[PlatformGrowth]) -> str:
    """The finding: the platform whose days take longest."""
    known_ones = [one for one in shown if not one.reason]
    if not known_ones:
        return "How days grow"
    slowest = max(known_ones, key=lambda one: one.curve.settled)
    first = slowest.share_at(AGES[0])
    if slowest.curve.settled <= 1 or first is None:
        return "Days are final the morning after"
    return (
        f"{slowest.name} takes longest: {formats.percent(first.value, 0)} is known the morning "
        f"after, a day is final after {slowest.curve.settled} days"
    )


def _kicker(shown: Sequence[PlatformGrowth], measure: str) -> str:
    label = MEASURE_LABELS[measure] if measure else "Results"
    if not shown:
        return label
    newest = max(one.known_at for one in shown)
    return f"{label} · learnt from what was known on {formats.moment(newest)}"


def _chart(one: PlatformGrowth) -> Chart:
    """The curve from the first age that was watched to a little after a day is final."""
    curve = one.curve
    ages = range(max(curve.first, 1), min(curve.settled + BEYOND, curve.last) + 1)
    shares = [share for age in ages if (share := one.share_at(age))]
    young = [str(age) for age in ages if age < curve.settled]
    return Chart(
        kind="line",
        title=one.name,
        sub=f"Share of the final value known, by days after the day · {one.days} days watched",
        x=[str(age) for age in ages],
        x_label="Days later",
        unit=Unit.percent(0),
        series=[Series("Known", [Decimal(repr(round(share.value, 4))) for share in shares])],
        bands=[
            Band(
                [Decimal(repr(round(share.low, 4))) for share in shares],
                [Decimal(repr(round(share.high, 4))) for share in shares],
                label="80 % range",
                style="p80",
            )
        ],
        young=Young(young[0], young[-1]) if len(young) > 1 else None,
        height=200,
        zero=True,
        id=f"grows-{one.measure}-{one.platform.replace(':', '-').replace('_', '-')}",
    )
