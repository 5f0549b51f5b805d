"""What changed and why, as people see it: incidents, one with its reasons, drivers, risks, benchmarks, leads."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from insights.models import Finding
from insights.services.risks import risks_keep
from metrics.services import target_set
from tests.cast import Cast
from tests.insights.outage import LAST, NOW, check, months
from tests.journeys.shots import Shots
from tests.world import load_rows, load_steady, make_line

pytestmark = [
    pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.feature("4.13"),
]  # fmt: skip


def _facts(cast: Cast) -> None:
    """Three social lines with an outage, a search line that goes on, ended campaigns, a target."""
    social = [
        make_line(cast, channel="social", name=f"Prospecting {n}") for n in ("DE", "AT", "CH")
    ]
    search = make_line(cast, channel="search", name="Category search DE")
    load_rows(months(social), known_at=NOW)
    load_rows(months([search], lost=()), known_at=NOW)
    for number in range(9):
        line = make_line(cast, channel="social", status="completed", name=f"Spring {number}")
        load_steady(line, "2026-07-01", 30, spend="100", clicks=200, conversions="5", leads=6,
                    impressions=9000, revenue=f"{100 + 30 * number}", known_at=NOW)  # fmt: skip
    target_set(
        user=cast.director, metric="roas", team=cast.dach, campaign=search.campaign,
        first_day=LAST - timedelta(days=60), last_day=LAST + timedelta(days=30),
        value_micros=5_000_000, currency="", tolerance_percent=5, owner=cast.manager,
        at=NOW - timedelta(days=61),
    )  # fmt: skip
    leads = make_line(cast, channel="social", name="Newsletter sign-up")
    load_steady(leads, LAST - timedelta(days=60), 61, spend="80", clicks=150, leads=9, known_at=NOW)


def test_the_pages_of_what_changed(shots: Shots, cast: Cast) -> None:
    shots.sign_in(cast.director)
    _facts(cast)
    for week in (14, 7):
        back = timedelta(days=week)
        risks_keep(at=NOW - back, today=NOW.date() - back)
    check()
    finding = Finding.objects.get(kind=Finding.Kind.ANOMALY)
    asked = "?metric=roas&period=2026-10-20..2026-10-23"
    shots.tour_all(
        [
            (reverse("insights:anomalies"), "anomalies"),
            (reverse("insights:anomaly", args=[finding.pk]), "anomaly"),
            (f"{reverse('insights:drivers')}{asked}", "drivers"),
            (reverse("insights:risks"), "risks"),
            (reverse("insights:benchmarks"), "benchmarks"),
            (reverse("insights:leads"), "leads"),
        ]
    )
