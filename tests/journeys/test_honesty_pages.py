"""How good forecasts are, and the models: as people see them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from core import clock
from insights.services.forecast_scoring import forecasts_score
from insights.services.versions import Trained, version_add
from tests.cast import Cast
from tests.insights.judged import NOW, TODAY, exactly, issue, plant, version_of
from tests.journeys.shots import Shots

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BACKS = (10, 32, 38)


def month(mase: float, coverage: float) -> dict[str, dict[str, float]]:
    return {
        str(days): {
            "mase": mase + days / 200, "naive_mase": 1.02 + days / 200, "skill": 0.14,
            "coverage80": coverage, "coverage95": 0.95, "n": 96 * days,
        }
        for days in (7, 14, 30)
    }  # fmt: skip


@pytest.mark.feature("5.3")
@pytest.mark.feature("5.6")
def test_the_pages_of_honesty(shots: Shots, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def then() -> datetime:
        return NOW + timedelta(hours=3)

    monkeypatch.setattr(clock, "now", then)
    monkeypatch.setattr(clock, "today", lambda: TODAY)
    lines, used = plant(cast, mornings=BACKS), version_of(cast, engine="pooled-1", trees=False)
    for back in BACKS:
        issue(used, lines, back=back, says=exactly, width=0.12)
    forecasts_score(now=NOW)
    challenger = version_add(
        kind="forecast",
        team=cast.company,
        trained=Trained(
            sha256="c" * 64, rows=48_211, batch=None, known_at=NOW,
            params={"engine": "pooled-1", "trees": True, "history_days": 400},
            scores={"campaigns": month(0.81, 0.79), "cutoffs": ["2026-09-13", "2026-09-27"]},
            record={"in_use": {"version": used.pk, "scores": {"campaigns": month(0.88, 0.74)}}},
            cpu_seconds=17.9,
        ),
        user=cast.analyst,
        at=NOW,
    )  # fmt: skip
    shots.sign_in(cast.analyst)
    wrong = shots.tour_all(
        [
            (reverse("insights:forecast-honesty"), "honesty"),
            (reverse("insights:models"), "models"),
            (reverse("insights:model", args=[challenger.pk]), "model"),
        ]
    )
    assert not wrong, "\n".join(wrong)
