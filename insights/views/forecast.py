"""One forecast: the fan of its days, where it lands, sliders, and what people expect beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import gate, may, person, require
from core import clock, formats, known
from core.charts import Band, Chart, Series, Young
from core.errors import AdroitError
from core.exports import export_response
from core.forms import refuse
from core.known import page_as_known
from core.once import reading_once
from core.pages import invalid, page, redirect_to
from core.parts import Tile
from core.tables import Column, Table
from insights.forms import OverrideForm, ScenarioForm, TurnForm
from insights.models import Forecast, ForecastOverride
from insights.rules.what_if import Turned
from insights.selectors.forecast_story import Landing, Story, story_of, target_a_day
from insights.selectors.forecasts import (
    SPANS,
    Quoted,
    call_words,
    earlier_than,
    forecasts_visible,
    overrides_of,
)
from insights.selectors.what_if import Turn, turn_of
from insights.services.forecast_overrides import override_set, override_undo
from insights.services.forecast_scenarios import scenario_from, scenario_offered
from insights.views.forecast_tabs import tabs
from insights.views.forecasts import tile_of
from metrics.selectors.words import chart_unit, micros_of

PAGE = "insights/forecast.html"


class DayTable(Table):
    """The days ahead one by one, with what came."""

    key = "days"
    noun = "days"
    columns = (
        Column("day", "Day", kind="date", priority=1, strong=True),
        Column("expected", "Expected", kind="custom", sort="value", priority=1),
        Column("range80", "80 % range", kind="custom", sortable=False, nowrap=True),
        Column("range95", "95 % range", kind="custom", sortable=False, nowrap=True, priority=3),
        Column("together", "Up to this day", kind="custom", sort="sum", priority=3),
        Column("together80", "80 % range of that", kind="custom", sortable=False, nowrap=True, priority=3),
        Column("came", "What came", kind="custom", sortable=False, priority=3),
    )  # fmt: skip
    row_id = "day"
    per_page = 50
    default_sort = "day"

    def cell(self, record: Any, column: Column) -> Any:
        cell = super().cell(record, column)
        if column.kind == "custom":
            cell.value = record[column.key]
        return cell


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
@page_as_known
@reading_once()
def forecast(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    found = _forecast(user, pk)
    return _shown(request, user, found, OverrideForm(initial={"days": 7}))


def _forecast(user: User, pk: int) -> Forecast:
    return get_object_or_404(forecasts_visible(user), pk=pk)


def _shown(
    request: HttpRequest, user: User, found: Forecast, form: OverrideForm
) -> HttpResponse:  # fmt: skip
    quoted = Quoted(found)
    story = story_of(quoted, user, today=known.today())
    earlier = earlier_than(found, user)
    chosen = next((one for one in earlier if str(one.pk) == request.GET.get("with", "")), None)
    table = DayTable(request, _day_rows(quoted, story))
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        return export_response(table, wanted, title=_file(quoted), as_of=found.known_at)
    turn = turn_of(quoted, TurnForm(request.GET).turned, user)
    context = {
        **_head(quoted, story),
        "chart": _chart(quoted, story, chosen),
        "table": table,
        "earlier": [_earlier(one) for one in earlier],
        "chosen": chosen,
        "facts": _how(found, story),
        "tabs": tabs("forecasts"),
        **_beside(user, quoted, form),
        **turned_context(user, quoted, turn),
    }
    return (invalid if form.is_bound else page)(request, PAGE, context, fragment="days")


def _head(quoted: Quoted, story: Story) -> dict[str, Any]:
    found = quoted.forecast
    return {
        "forecast": found,
        "quoted": quoted,
        "title": _title(quoted),
        "kicker": f"Forecast {found.pk} · {quoted.name} · known up to {_day(found.cutoff)}",
        "lead": quoted.reason,
        "tiles": [
            *(tile_of(quoted, days) for days in SPANS if days <= found.horizon),
            *([_landing_tile(quoted, story.landing)] if story.landing else []),
        ],
        "crumbs": [("Forecasts", reverse("insights:forecasts")), (str(quoted.name), "")],
    }


def _title(quoted: Quoted) -> str:
    """The finding: what is expected of the next week, and which way that is."""
    ahead, label = quoted.ahead(7), quoted.metric.label
    if ahead.value is None:
        return f"{label} of {quoted.name}: nothing can be said"
    call = call_words(quoted.forecast.call, quoted.forecast.chances).lower()
    way = f": {call}" if call else ""
    return f"{quoted.says.written(ahead.value)} {_lower(label)} in the next 7 days{way}"


def _lower(label: str) -> str:
    return label if label.isupper() else label[0].lower() + label[1:]


def _file(quoted: Quoted) -> str:
    return f"Forecast {quoted.forecast.pk} {quoted.metric.label} of {quoted.name}"


def _landing_tile(quoted: Quoted, landing: Landing) -> Tile:
    says, ahead = quoted.says, landing.ahead
    return Tile(
        label=f"{formats.span(landing.period.start, landing.period.end, known.today())} lands at",
        value=says.written(ahead.value),
        share=landing.share,
        target=f"Target {says.written(landing.target_value)}" if landing.target_value else "",
        sentence=f"{says.range(ahead.lo80, ahead.hi80)} (80 %), "
        f"{says.written(landing.known)} of it by {_day(quoted.forecast.cutoff)}.",
    )


def _day(day: date) -> str:
    return formats.day(day, known.today(), weekday=False)


def _chart(quoted: Quoted, story: Story, chosen: Forecast | None) -> Chart:
    row, says = quoted.forecast, quoted.says
    at = {day: place for place, day in enumerate(quoted.days)}

    def laid(values: Sequence[float | None]) -> list[Any]:
        return [says.amount(values[at[day]]) if day in at else None for day in story.days]

    series = [
        Series("Actual", [story.actual.get(day) for day in story.days], end="actual"),
        Series("Forecast", laid(row.yhat), style="forecast", end="expected"),
    ]
    if story.target:
        level = target_a_day(quoted.metric, story.target)
        series.append(Series("Target a day", [level] * len(story.days), style="target"))
    if chosen:
        series.append(_said_then(quoted, chosen, story.days))
    chart = Chart(
        kind="line",
        title=quoted.sentence(min(30, row.horizon), known.today()),
        sub="By day: solid what came, dashed what is expected, bands 80 and 95 %",
        x=story.days,
        unit=chart_unit(quoted.metric, row.currency),
        series=series,
        bands=[
            Band(laid(row.lo95), laid(row.hi95), label="95 % range", style="p80"),
            Band(laid(row.lo80), laid(row.hi80), label="80 % range", style="p50"),
        ],
        height=300,
        zero=True,
        id="fan",
        today=known.today(),
    )
    return _hatched(chart, story)


def _hatched(chart: Chart, story: Story) -> Chart:
    """Young days hatched, with what they should end at."""
    found = story.young
    young = [day for day in story.days if found and day in found.values]
    if found is None or len(young) < 2:
        return chart
    ends = [found.amount(found.values[day].value) if day in found.values else None
            for day in story.days]  # fmt: skip
    final = Series("Expected when final", ends, style="limit", color="mark-neutral", end="final")
    return replace(
        chart, series=[*chart.series, final], young=Young(young[0], young[-1], words=found.words)
    )


def _said_then(quoted: Quoted, then: Forecast, days: Sequence[date]) -> Series:
    at = {day: place for place, day in enumerate(Quoted(then).days)}
    values = [quoted.says.amount(then.yhat[at[day]]) if day in at else None for day in days]
    said = _day(then.cutoff)
    return Series(f"Said on {said}", values, style="compare", end=f"said on {said}")


def _day_rows(quoted: Quoted, story: Story) -> list[dict[str, Any]]:
    row, says = quoted.forecast, quoted.says
    return [
        {
            "day": day,
            "value": row.yhat[n] or 0,
            "expected": says.written(row.yhat[n]),
            "range80": says.range(row.lo80[n], row.hi80[n]),
            "range95": says.range(row.lo95[n], row.hi95[n]),
            "sum": row.sum_yhat[n] or 0,
            "together": says.written(row.sum_yhat[n]),
            "together80": says.range(row.sum_lo80[n], row.sum_hi80[n]),
            "came": formats.NOTHING
            if story.actual.get(day) is None
            else chart_unit(quoted.metric, row.currency).write(story.actual[day]),
        }
        for n, day in enumerate(quoted.days)
    ]


def _earlier(one: Forecast) -> dict[str, Any]:
    quoted = Quoted(one)
    return {
        "pk": one.pk,
        "day": _day(one.cutoff),
        "words": quoted.says.written(quoted.ahead(7).value),
    }


def _how(found: Forecast, story: Story) -> list[tuple[str, str]]:
    """How it was computed, for people who ask."""
    young = f"{found.days_matured} of them young, at what they should end at"
    target = story.target
    return [
        ("Method", found.get_method_display()),
        ("Days with data", f"{found.days_known}; {young}" if found.days_matured else str(found.days_known)),
        ("Earlier days tested", str(found.tested)),
        ("Model", f"Forecast {found.version.number}"),
        ("Known until", formats.moment(found.known_at, known.today())),
        ("Issued", formats.moment(found.issued_at, known.today())),
        *([("Target", f"{formats.span(target.first_day, target.last_day, known.today())}")] if target else []),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Beside:
    """An override as the page shows it."""

    override: ForecastOverride
    words: str
    instead_of: str
    may_undo: bool


def _beside(user: User, quoted: Quoted, form: OverrideForm) -> dict[str, Any]:
    found = quoted.forecast
    allowed = may_override(user, found)
    return {
        "override_form": form if allowed else None,
        "overrides": [
            Beside(
                one,
                quoted.says.written(one.value),
                quoted.says.written(found.sum_yhat[one.days - 1]),
                allowed and one.undone_at is None,
            )
            for one in overrides_of(found)
        ],
        "unit": "%" if quoted.metric.unit == "percent" else found.currency,
    }


def may_override(user: User, found: Forecast) -> bool:
    """Whether the person may set an expectation of their own beside it."""
    owner = found.campaign.owner_id if found.campaign else None
    return may(user, Act.OVERRIDE_FORECAST, team=found.team, owner_id=owner)


def turned_context(user: User, quoted: Quoted, turn: Turn | None) -> dict[str, Any]:
    """The sliders and what comes of them."""
    return {
        "turn": turn,
        "sliders": _sliders(turn.turned) if turn else [],
        "turn_url": reverse("insights:forecast-what-if", args=[quoted.forecast.pk]),
        "scenario_form": ScenarioForm(initial={"name": f"From forecast {quoted.forecast.pk}"})
        if turn and scenario_offered(user, quoted.forecast)
        else None,
    }


def _sliders(turned: Turned) -> list[Mapping[str, Any]]:
    rows = (("budget", "Budget", -50, 100), ("cpc", "Cost per click", -50, 50),
            ("cvr", "Conversion rate", -50, 50))  # fmt: skip
    return [
        {"name": name, "label": label, "low": low, "high": high,
         "value": round(100 * getattr(turned, name)),
         "words": formats.percent_signed(getattr(turned, name), 0)}
        for name, label, low, high in rows
    ]  # fmt: skip


@gate(Act.VIEW_MONEY)
@require_safe
@page_as_known
def forecast_what_if(request: HttpRequest, pk: int) -> HttpResponse:
    """Only what the sliders change: nothing is forecast anew, the stored figures are turned."""
    user = person(request)
    quoted = Quoted(_forecast(user, pk))
    turn = turn_of(quoted, TurnForm(request.GET).turned, user)
    context = {"forecast": quoted.forecast, "quoted": quoted, **turned_context(user, quoted, turn)}
    return page(request, "insights/_what_if.html", context)


@gate(Act.OVERRIDE_FORECAST)
@require_POST
def forecast_override(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    found = _forecast(user, pk)
    form = OverrideForm(request.POST)
    if form.is_valid():
        said, metric = form.cleaned_data, Quoted(found).metric
        try:
            override_set(
                forecast=found,
                user=user,
                days=said["days"],
                value=micros_of(metric, said["value"]) / 1_000_000,
                reason=said["reason"],
                at=clock.now(),
            )
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, "Your figure stands beside the forecast.")
            return redirect_to(request, reverse("insights:forecast", args=[pk]))
    return _shown(request, user, found, form)


@gate(Act.OVERRIDE_FORECAST)
@require_POST
def forecast_override_undo(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    rows = ForecastOverride.objects.select_related("forecast__team", "forecast__campaign")
    found = get_object_or_404(rows.filter(forecast__in=Forecast.objects.for_user(user)), pk=pk)
    override_undo(override=found, user=user, at=clock.now())
    messages.success(request, "Your figure is taken back; it stays readable.")
    return redirect_to(request, reverse("insights:forecast", args=[found.forecast_id]))


@gate(Act.DRAFT_REQUEST)
@require_POST
def forecast_scenario(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the turned budget as a scenario of the plan."""
    user = person(request)
    found = _forecast(user, pk)
    form = ScenarioForm(request.POST)
    turned = TurnForm(request.POST).turned
    name = form.cleaned_data["name"] if form.is_valid() else ""
    made = scenario_from(forecast=found, user=user, turned=turned, name=name, at=clock.now())
    messages.success(request, f"{made.name} is a scenario now; the plan did not change.")
    return redirect_to(request, reverse("budgets:scenario", args=[made.pk]))


__all__ = [
    "forecast",
    "forecast_override",
    "forecast_override_undo",
    "forecast_scenario",
    "forecast_what_if",
]
