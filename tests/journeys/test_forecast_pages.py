"""Forecasts as people see them: the list, one with its fan, and sliders that answer at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from insights.services.forecast_overrides import override_set
from metrics.models import Target
from tests.cast import Cast
from tests.insights.forecasting import CUTOFF, DAY, NOW, come_in, figures, issue, small_company
from tests.journeys.shots import Shots

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.feature("5.1")
@pytest.mark.feature("5.9")
def test_the_pages_of_forecasts(shots: Shots, cast: Cast) -> None:
    lines = small_company(cast)
    earlier = issue(NOW - timedelta(hours=1))
    come_in(
        [row | {"day": CUTOFF - DAY} for line in lines for row in figures(line, days=1, level=300)],
        at=NOW,
    )
    Target.objects.create(
        metric="revenue", team=cast.dach, first_day=CUTOFF - 20 * DAY, last_day=CUTOFF + 9 * DAY,
        owner=cast.director, value_micros=30_000_000_000, currency="EUR",
    )  # fmt: skip
    subject = f"team:{cast.dach.pk}"
    row = issue(NOW + timedelta(hours=1)).forecasts.get(metric="revenue", subject=subject)
    then = earlier.forecasts.get(metric="revenue", subject=subject)
    override_set(
        forecast=row, user=cast.director, days=7, value=9_000, reason="A fair on Friday", at=NOW
    )
    shots.sign_in(cast.director)
    shots.visit(reverse("insights:forecasts"), "forecasts")
    page = reverse("insights:forecast", args=[row.pk])
    shots.visit(f"{page}?with={then.pk}&budget=20", "forecast")
    with shots.page() as tab:
        tab.goto(shots.base + page)
        slider = tab.get_by_label("Budget", exact=True)
        expect(tab.locator("#turned")).to_contain_text("Budget 0")
        slider.focus()
        slider.press("ArrowRight")
        slider.press("ArrowRight")
        expect(tab.locator("#turned")).to_contain_text("+10")
        tab.get_by_role("link", name="Reset").click()
        expect(tab.locator("#turned")).to_contain_text("Budget 0")
