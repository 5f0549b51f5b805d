"""Why a metric changed between any two periods, for whatever part of the work one may see."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.permissions import gate, person, require
from core import clock, formats, known
from core.errors import AdroitError
from core.exports import export_response
from core.known import page_as_known
from core.once import reading_once
from core.pages import page
from core.periods import Period
from insights.selectors.asked import change_asked
from insights.selectors.driver_words import told
from insights.selectors.drivers import (
    SPLITS,
    Why,
    attribute_splits,
    dimension_label,
    why_changed,
)
from insights.views.asked import DriverForm
from insights.views.understand import understand_tabs
from insights.views.why import DriverTable, driver_rows, why_context


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
@page_as_known
@reading_once()
def drivers(request: HttpRequest) -> HttpResponse:
    user, today = person(request), known.today()
    found, refused = None, ""
    try:
        found = why_changed(viewer=user, **change_asked(request.GET, user, today=today))
    except AdroitError as error:
        refused = f"{error.message} {error.remedy}".strip()
    if found and (file := request.GET.get("export")):
        require(user, Act.EXPORT)
        return drivers_file(request, found, file)
    context = {
        "title": told(found) if found else "Why it changed",
        "kicker": f"Why it changed · {_where_words(found)}" if found else "Why it changed",
        "refused": refused,
        "form": DriverForm(user, request.GET.dict(), _splits()),
        "tabs": understand_tabs(user, "insights:drivers"),
        "export_base": f"?{_without_export(request.GET)}",
        "crumbs": [("Anomalies", reverse("insights:anomalies")), ("Why it changed", "")],
        **(why_context(found) if found else {}),
    }
    return page(request, "insights/drivers.html", context)


def drivers_file(request: HttpRequest, found: Why, file: str) -> HttpResponse:
    """All parts of all levels as a file, at full precision."""
    spans = [formats.span(one.start, one.end) for one in (found.before, found.after)]
    table = DriverTable(request, driver_rows(found))
    return export_response(
        table,
        file,
        title=told(found),
        filters=[("Metric", found.metric.label), ("Before", spans[0]), ("After", spans[1])],
        as_of=found.known_at or clock.now(),
    )


def _splits() -> list[tuple[str, str]]:
    return [(key, dimension_label(key)) for key in (*SPLITS, *attribute_splits())]


def _without_export(given: QueryDict) -> str:
    rest = given.copy()
    rest.pop("export", None)
    return f"{rest.urlencode()}&" if rest else ""


def _where_words(found: Why) -> str:
    before, after = (formats.span(one.start, one.end) for one in (found.before, found.after))
    return f"{found.metric.label}, {after} against {before}"


def drivers_url(metric: str, after: Period, **where: int) -> str:
    """The address of the page for a metric, a period and what it is about."""
    query = QueryDict(mutable=True)
    query["metric"], query["period"] = metric, f"{after.start}..{after.end}"
    for key, value in where.items():
        query[key] = str(value)
    return f"{reverse('insights:drivers')}?{query.urlencode()}"
