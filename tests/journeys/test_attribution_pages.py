"""Attribution, journeys, lifetime value and impact as people see them, light and dark."""

from __future__ import annotations

import pytest
from django.urls import reverse

from core import clock
from insights.models import Conversion
from insights.rules.attribution import Asked
from insights.services.journeys import attribution_run, lifetime_run
from tests.cast import Cast
from tests.insights.club import LAST_DAY, load_club
from tests.journeys.shots import Shots
from tests.world import load_steady

pytestmark = [
    pytest.mark.browser, pytest.mark.django_db(transaction=True),
    pytest.mark.feature("6.3"), pytest.mark.feature("6.6"), pytest.mark.feature("6.7"),
]  # fmt: skip


def test_the_pages_of_attribution(shots: Shots, cast: Cast) -> None:
    spend = {"Display": ("58", 5), "Social": ("96", 9), "Retail media": ("88", 6)}
    for channel, line in load_club(cast).items():
        cost, claimed = spend[channel]
        load_steady(line, "2024-11-22", 729, spend=cost, conversions=claimed, revenue="640")
    asked = Asked(margin=46)
    for kind in (Conversion.CUSTOMER, Conversion.PAYMENT):
        attribution_run(
            team=cast.dach, conversion=kind, asked=asked, user=None, at=clock.now(),
            last_day=LAST_DAY,
        )  # fmt: skip
    lifetime_run(
        team=cast.dach, asked=Asked(days=730, margin=46), user=None, at=clock.now(),
        last_day=LAST_DAY,
    )  # fmt: skip
    shots.sign_in(cast.director)
    wrong = shots.tour_all(
        [
            (reverse("insights:attribution"), "attribution"),
            (reverse("insights:journeys"), "journeys"),
            (reverse("insights:lifetime"), "lifetime"),
            (reverse("insights:impact"), "impact"),
            (reverse("insights:analysis-new"), "analysis-new"),
        ]
    )
    assert not wrong, "\n".join(wrong)
