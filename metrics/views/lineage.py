"""Where a number comes from: the question, the roll-up, the facts, the import, the row of the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.permissions import gate, person
from core import formats, known
from core.known import page_as_known
from core.money import Money
from core.pages import page
from metrics.models import Batch
from metrics.rules.metric import MEASURE_LABELS
from metrics.selectors.asking import timeless
from metrics.selectors.dimensions import dimension
from metrics.selectors.labels import labels
from metrics.selectors.lineage import FactBehind, Lineage, lineage
from metrics.selectors.origins import BatchOrigin, file_rows, place_in_sight
from metrics.selectors.words import written

# Facts on the page; the API gives all of them.
SHOWN = 100


@dataclass(frozen=True, slots=True)
class FactShown:
    """A fact as the page draws it."""

    day: str
    line: str
    url: str
    of: str
    values: Sequence[str]
    batch: Batch
    origin: BatchOrigin | None
    rows_url: str


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
@page_as_known
def behind(request: HttpRequest) -> HttpResponse:
    """Everything behind a number; the same parameters as the query of the API."""
    user = person(request)
    asked = timeless(request.GET, today=known.today())
    found = lineage(
        viewer=user,
        metrics=asked["metrics"],
        period=asked["period"],
        where=asked["where"],
        currency=asked["currency"],
    )
    context = {
        "title": f"Where {_names(found)} {'come' if len(found.metrics) > 1 else 'comes'} from",
        "found": found,
        "figures": _figures(found),
        "asked": _asked(found, asked),
        "api_url": f"{reverse('api-query')}?{request.GET.urlencode()}",
        "facts_sub": _facts_sub(found),
        "heads": [MEASURE_LABELS[measure] for measure in found.measures],
        "facts": [_fact(fact, found.measures) for fact in found.facts[:SHOWN]],
        "more": max(0, len(found.facts) - SHOWN),
        "batches": [(b, found.origins.get(b.pk)) for b in found.answer.batches[::-1]],
        "crumbs": [("Goals", reverse("metrics:goals")), ("Where a number comes from", "")],
    }
    return page(request, "metrics/lineage.html", context, fragment="drawer")


def _names(found: Lineage) -> str:
    names = [metric.label for metric in found.metrics]
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def _figures(found: Lineage) -> list[tuple[str, str, str, str]]:
    """Each metric with its value, its formula and the sums that went into it."""
    answer = found.answer
    rows = []
    for metric in found.metrics:
        parts = [
            f"{MEASURE_LABELS[m]} {_exact(answer.value(m, answer.totals))}" for m in metric.measures
        ]
        value = written(metric, answer.value(metric.key, answer.totals))
        rows.append((metric.label, value, metric.formula, ", ".join(parts)))
    return rows


def _facts_sub(found: Lineage) -> str:
    """How many there are, and whether they are exactly the number."""
    count = len(found.facts)
    if found.listed_day:
        day = formats.day(found.listed_day, weekday=False)
        return f"Too many to list; these are the {count:,} of the newest day, {day}"
    said = "1 fact" if count == 1 else f"{count:,} facts"
    return f"{said}; they add up to the sums above exactly" if found.adds_up else said


def _exact(value: Any) -> str:
    if value is None:
        return "not reported"
    return formats.money_exact(value) if isinstance(value, Money) else formats.number(value)


def _asked(found: Lineage, asked: dict[str, Any]) -> list[tuple[str, str]]:
    """The question in words."""
    answer = found.answer
    pairs = [("Days", formats.span(answer.period.start, answer.period.end))]
    pairs += [(dimension(key).label, _filter(key, given)) for key, given in asked["where"].items()]
    if answer.currency:
        pairs.append(("Amounts in", answer.currency))
    at = answer.asked_as_of
    pairs.append(("As known", f"on {known.words(at)}" if at else "now"))
    pairs.append(("Read from", f"{answer.table.value}. {found.table_words}"))
    return pairs


def _filter(key: str, given: Sequence[str]) -> str:
    numbers = [int(one) for one in given if one.isdecimal()]
    names = labels(key, numbers) if numbers else {}
    return ", ".join(names.get(int(one), one) if one.isdecimal() else one for one in given)


def _fact(fact: FactBehind, measures: Sequence[str]) -> FactShown:
    parts = filter(None, (fact.source, fact.creative, fact.segment))
    return FactShown(
        day=_days(fact.day, fact.period_days),
        line=str(fact.line.name),
        url=reverse("reporting:campaign", args=[fact.line.campaign_id]),
        of=" · ".join(parts),
        values=[_exact(fact.amount(measure)) for measure in measures],
        batch=fact.batch,
        origin=fact.origin,
        rows_url=rows_url(fact.batch.pk, fact.line.pk, fact.day, fact.period_days),
    )


def _days(day: date, period_days: int) -> str:
    first = date.fromordinal(day.toordinal() - period_days + 1)
    return formats.span(first, day) if period_days > 1 else formats.day(day)


def rows_url(batch: int, line: int, day: date, period_days: int = 1) -> str:
    """Where the rows of the file behind a line's day are shown."""
    url = reverse("metrics:lineage-rows", args=[batch, line, day.isoformat()])
    return f"{url}?{QueryDict(f'days={period_days}').urlencode()}" if period_days > 1 else url


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def rows(request: HttpRequest, batch: int, line: int, day: str) -> HttpResponse:
    """The rows of the stored file that a line's day was added up from, read again."""
    user = person(request)
    place = place_in_sight(user, batch, line, day, request.GET.get("days", "1"))
    found = file_rows(user, place)
    context = {
        "title": f"{place.line.name} on {_days(place.day, place.period_days)}",
        "place": place,
        "found": found,
        "crumbs": [("Goals", reverse("metrics:goals")), ("Rows of the file", "")],
    }
    return page(request, "metrics/lineage_rows.html", context, fragment="drawer")
