"""Forecasts on the pages: the list, one forecast with its fan, sliders, overrides and scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from time import perf_counter
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from budgets.models import Scenario, ScenarioCell
from core.models import Event
from insights.models import Forecast, ForecastOverride
from metrics.models import Target
from tests.budgets.world import create_world
from tests.cast import Cast
from tests.insights.forecasting import (
    CUTOFF,
    DAY,
    NOW,
    by_hand,
    come_in,
    figures,
    issue,
    small_company,
)

pytestmark = [pytest.mark.django_db, pytest.mark.feature("5.1")]


def get(user: User, name: str, *args: int, **query: Any) -> Any:
    client = Client()
    client.force_login(user)
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        return client.get(reverse(f"insights:{name}", args=args), query)


def post(user: User, page: str, *args: int, **data: Any) -> Any:
    client = Client()
    client.force_login(user)
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        return client.post(reverse(f"insights:{page}", args=args), data)


def ask(
    user: User,
    method: str,
    name: str,
    *args: int,
    data: Mapping[str, Any] | None = None,
    **query: str,
) -> Any:
    client = APIClient()
    client.force_authenticate(user)
    address = reverse(name, args=args)
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        if method == "get":
            return client.get(address, query)
        return client.post(address, data, format="json")


def text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\u202f", " ").split())


def test_before_the_first_night_the_page_says_what_to_do(cast: Cast) -> None:
    shown = text(get(cast.director, "forecasts"))
    assert "Nothing is forecast yet" in shown
    assert "Import a file" in text(get(cast.manager, "forecasts"))


@pytest.mark.feature("5.7")
def test_the_list_says_how_many_go_up_and_down_and_shows_ranges(cast: Cast) -> None:
    small_company(cast)
    issue()
    shown = text(get(cast.executive, "forecasts", metric="clicks"))
    assert "Next week clicks " in shown
    assert "3 campaigns" in shown
    assert "Winter boots" in shown
    assert "How likely" in shown
    mine = text(get(cast.manager, "forecasts", metric="clicks"))
    assert "US tents" not in mine
    assert "Tents search" in text(
        get(cast.executive, "forecasts", metric="clicks", level="line", days=30)
    )
    exported = get(cast.executive, "forecasts", metric="clicks", export="csv").content.decode()
    assert "Winter boots" in exported
    assert "80 % range" in exported.replace("\u202f", " ")


def test_a_forecast_shows_its_fan_its_days_and_how_it_was_computed(cast: Cast) -> None:
    small_company(cast)
    row = issue().forecasts.get(metric="revenue", subject="company")
    page = get(cast.executive, "forecast", row.pk)
    shown = text(page)
    assert "revenue in the next 7 days" in shown
    assert "Sum of its lines" in shown
    assert f"forecast {row.pk}" in shown
    chart = page.context["chart"]
    place = chart.x.index(CUTOFF + DAY)
    assert chart.series[0].values[place] is None
    assert chart.series[0].values[place - 1] is not None
    assert chart.series[1].values[place] is not None
    assert [band.label for band in chart.bands] == ["95 % range", "80 % range"]
    assert get(cast.director, "forecast", row.pk).status_code == 404
    exported = get(cast.executive, "forecast", row.pk, export="csv").content.decode()
    assert exported.count("2026-1") >= 30


def test_what_was_said_before_can_be_laid_over_and_a_moment_shows_what_stood(cast: Cast) -> None:
    lines = small_company(cast)
    early = issue()
    then = early.forecasts.get(metric="clicks", subject="company")
    come_in(
        [{"line": line, "day": CUTOFF + DAY, "clicks": 99, "spend": "9"} for line in lines],
        at=NOW + timedelta(hours=20),
    )
    late = issue(NOW + DAY).forecasts.get(metric="clicks", subject="company")
    page = get(cast.executive, "forecast", late.pk, **{"with": then.pk})
    assert [one.style for one in page.context["chart"].series][-1] == "compare"
    stood = (NOW + timedelta(hours=1)).isoformat()
    shown = get(cast.executive, "forecasts", metric="clicks", level="company", as_of=stood)
    assert reverse("insights:forecast", args=[then.pk]) in shown.content.decode()
    over_api = ask(
        cast.executive, "get", "api-forecasts", metric="clicks", level="company", as_of=stood
    )
    assert [one["id"] for one in over_api.data["results"]] == [then.pk]
    newest = ask(cast.executive, "get", "api-forecasts", metric="clicks", level="company")
    assert [one["id"] for one in newest.data["results"]] == [late.pk]


def test_a_target_is_drawn_and_the_landing_is_held_against_it(cast: Cast) -> None:
    small_company(cast)
    row = issue().forecasts.get(metric="clicks", subject=f"team:{cast.dach.pk}")
    first, last = CUTOFF - 20 * DAY, CUTOFF + 9 * DAY
    Target.objects.create(
        metric="clicks", team=cast.dach, first_day=first, last_day=last, owner=cast.director,
        value_micros=9_000_000_000,
    )  # fmt: skip
    page = get(cast.director, "forecast", row.pk)
    assert "Target a day" in [one.name for one in page.context["chart"].series]
    landing = page.context["tiles"][-1]
    assert landing.label == "1–30 Nov lands at"
    come = sum(one["clicks"] for n, level in enumerate((100, 140, 180))
               for one in figures_of(level) if first <= one["day"])  # fmt: skip
    assert landing.share == pytest.approx((come + row.sum_yhat[8]) / 9000)


def figures_of(level: float) -> list[dict[str, Any]]:
    return figures(None, level=level)  # type: ignore[arg-type]


def test_an_override_stands_beside_the_forecast_with_who_and_why_until_taken_back(
    cast: Cast,
) -> None:
    row = by_hand(cast)
    sent = post(
        cast.manager, "forecast-override", row.pk, days=7, value="95", reason="A fair on Friday"
    )
    assert sent.status_code == 302
    shown = text(get(cast.director, "forecast", row.pk))
    assert "95</strong> instead of 70 in the next 7 days" in shown
    assert "A fair on Friday" in shown
    assert "Jonas Weber" in shown
    assert Forecast.objects.get(pk=row.pk).sum_yhat[6] == 70
    event = Event.objects.get(action="forecast.overridden")
    assert event.before
    assert event.after
    assert (event.before["value"], event.after["value"]) == ("70.0", "95.0")
    made = ForecastOverride.objects.get()
    assert post(cast.manager, "forecast-override-undo", made.pk).status_code == 302
    made.refresh_from_db()
    assert made.undone_by == cast.manager
    assert "Taken back" in text(get(cast.director, "forecast", row.pk))
    assert Event.objects.filter(action="forecast.override_undone").count() == 1


def test_an_override_needs_a_reason_and_the_right(cast: Cast) -> None:
    row = by_hand(cast)
    assert post(cast.manager, "forecast-override", row.pk, days=7, value="95").status_code == 422
    refused = post(cast.uk_manager, "forecast-override", row.pk, days=7, value="9", reason="x")
    assert refused.status_code == 404
    assert (
        post(cast.executive, "forecast-override", row.pk, days=7, value="9", reason="x").status_code
        == 403
    )
    assert (
        post(cast.director, "forecast-override", row.pk, days=7, value="9", reason="x").status_code
        == 302
    )
    assert (
        post(cast.director, "forecast-override", row.pk, days=7, value="8", reason="y").status_code
        == 302
    )
    assert ForecastOverride.objects.filter(undone_at=None).get().value == 8
    assert ForecastOverride.objects.count() == 2


@pytest.mark.feature("5.9")
def test_sliders_turn_the_stored_figures_at_once(cast: Cast) -> None:
    small_company(cast)
    row = issue().forecasts.get(metric="revenue", subject=f"team:{cast.dach.pk}")
    get(cast.director, "forecast-what-if", row.pk)
    began = perf_counter()
    page = get(cast.director, "forecast-what-if", row.pk, budget=20, cpc=0, cvr=10)
    assert perf_counter() - began < 0.3
    turn = page.context["turn"]
    by_metric = {one.quoted.metric.key: one for one in turn.rows}
    assert by_metric["spend"].change == pytest.approx(0.2)
    assert by_metric["revenue"].change == pytest.approx(1.2**0.8 * 1.1 - 1)
    answer = ask(
        cast.director, "post", "api-forecast-what-if", row.pk, data={"budget": 0.2, "cvr": 0.1}
    )
    revenue = next(one for one in answer.data if one["metric"] == "revenue")
    assert revenue["after"]["value"] == pytest.approx(by_metric["revenue"].after.value)
    assert revenue["forecast"] == row.pk


@pytest.mark.feature("5.9")
def test_a_turned_budget_becomes_a_scenario_of_the_months_ahead(cast: Cast) -> None:
    world = create_world(cast)
    row = by_hand(
        cast, "spend", level="team", subject=f"team:{cast.dach.pk}", campaign=None, currency="EUR"
    )
    refused = ask(cast.director, "post", "api-forecast-scenario", row.pk, data={"name": "Same"})
    assert refused.status_code == 422
    sent = post(cast.director, "forecast-scenario", row.pk, name="A fifth more", budget=20)
    made = Scenario.objects.get()
    assert sent.url == reverse("budgets:scenario", args=[made.pk])
    assert f"From forecast {row.pk}" in made.note
    cells = ScenarioCell.objects.filter(line__scenario=made, line__budget_line=world.display)
    amounts = dict(cells.values_list("month", "amount_micros"))
    assert amounts["2026-12"] == 120_000_000_000


def test_the_api_gives_days_and_takes_overrides(cast: Cast) -> None:
    row = by_hand(cast)
    found = ask(cast.manager, "get", "api-forecast", row.pk).data
    assert found["yhat"] == [10.0] * 30
    assert found["next_7"] == {
        "value": 70.0,
        "lo80": 63.0,
        "hi80": 77.0,
        "lo95": 56.0,
        "hi95": 84.0,
    }
    data = {"days": 30, "value": 250, "reason": "Stock runs out"}
    made = ask(cast.manager, "post", "api-forecast-override", row.pk, data=data)
    assert made.status_code == 201
    listed = ask(cast.manager, "get", "api-forecast", row.pk).data["overrides"]
    assert [one["reason"] for one in listed] == ["Stock runs out"]
    undone = ask(cast.manager, "post", "api-forecast-override-undo", made.data["id"])
    assert undone.data["undone_at"]
    assert (
        ask(cast.manager, "post", "api-forecast-override-undo", made.data["id"]).status_code == 409
    )
    assert (
        ask(
            cast.manager,
            "post",
            "api-forecast-override",
            row.pk,
            data={"days": 31, "value": 1, "reason": "x"},
        ).status_code
        == 422
    )
