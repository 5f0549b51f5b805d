"""Curves and splits as people see them: light and dark, desk and phone, and a slider that answers."""

from __future__ import annotations

import pytest
from django.urls import reverse

from insights.models import AllocationPlan
from tests.cast import Cast
from tests.insights.responding import budgeted, plant, trained
from tests.journeys.shots import Shots

pytestmark = [
    pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.feature("2.6", "5.9"),
]  # fmt: skip


def test_curves_and_splits_are_looked_at_tried_and_kept(shots: Shots, cast: Cast) -> None:
    shots.sign_in(cast.manager)
    wrong = shots.tour_all([(reverse("insights:allocation"), "allocation-empty")])
    budgeted(cast, plant(cast), {"search": 20, "social": 16, "display": 9})
    trained(cast.dach)
    december = f"{reverse('insights:allocation')}?period=2026-12"
    wrong += shots.tour_all([(reverse("insights:response"), "response"), (december, "allocation")])
    assert not wrong, "\n".join(wrong)
    with shots.page() as page:
        page.goto(december)
        page.locator("input[type=range]").first.fill("21000")
        page.locator("#landing", has_text="is left").wait_for()
        page.locator("#split-name").fill("Careful")
        page.get_by_role("button", name="Keep this split").click()
        page.get_by_role("heading", name="Careful").wait_for()
        shots.look(page, "allocation-kept-light-1440")
    assert AllocationPlan.objects.get().inputs["by_hand"]
