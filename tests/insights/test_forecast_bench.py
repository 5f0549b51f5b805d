"""A model that loses to the seasonal naive is benched, and one that got worse is reported."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from core.models import Event, OutboxItem
from insights.models import Finding, ForecastIssue, ModelVersion
from insights.rules.forecast_run import NAIVE
from insights.selectors.versions import TRAIN, champion_of
from insights.services import training
from insights.services.forecast_bench import bench, forecasts_judge, standing_of
from insights.services.forecasts import forecasts_issue
from insights.services.versions import Trained, version_add
from tests.cast import Cast
from tests.insights.judged import NOW, TODAY, exactly, issue, plant, twice, version_of

State = ModelVersion.State
WEEKS = (6, 12, 18, 24, 30)
# A week later, these lie within the latest four weeks, and before them.
LATE, EARLIER = (8, 15, 22), (50, 60, 70)


def state(version: ModelVersion) -> str:
    version.refresh_from_db()
    return version.state


@pytest.mark.django_db
@pytest.mark.feature("5.5", "5.6")
def test_a_planted_bad_model_is_benched_and_the_naive_stands_in(cast: Cast) -> None:
    lines, bad = plant(cast, mornings=WEEKS), version_of(cast, engine="pooled-1")
    for back in WEEKS:
        issue(bad, lines, back=back, says=twice)
    assert forecasts_judge(now=NOW)["benched"] == 1
    assert state(bad) == State.BENCHED
    assert "larger than those of the seasonal naive" in bad.state_reason
    assert "larger on 5 of 5 cut-offs" in bad.state_reason
    standing = champion_of("forecast", cast.company)
    assert standing is not None
    assert standing.params["engine"] == NAIVE
    assert standing.state_reason == f"Stands in for {bad}, which is benched"
    moved = Event.objects.filter(action="model.moved", subject_id=str(bad.pk)).get()
    assert moved.after == {"state": "benched"}
    assert moved.reason == bad.state_reason


@pytest.mark.django_db
@pytest.mark.feature("5.5", "5.6")
def test_a_good_model_stays_in_use(cast: Cast) -> None:
    lines, good = plant(cast, mornings=WEEKS), version_of(cast, engine="pooled-1")
    for back in WEEKS:
        issue(good, lines, back=back, says=exactly)
    assert forecasts_judge(now=NOW)["benched"] == 0
    assert state(good) == State.CHAMPION
    found = standing_of(good, today=TODAY)
    assert found.skill > 0.1
    assert found.cutoffs == len(WEEKS)


@pytest.mark.django_db
@pytest.mark.feature("5.5")
def test_judging_twice_changes_nothing(cast: Cast) -> None:
    lines, bad = plant(cast, mornings=WEEKS), version_of(cast, engine="pooled-1")
    for back in WEEKS:
        issue(bad, lines, back=back, says=twice)
    forecasts_judge(now=NOW)
    events = Event.objects.count()
    again = forecasts_judge(now=NOW)
    assert (again["scored"], again["benched"]) == (0, 0)
    assert Event.objects.count() == events


@pytest.mark.django_db
@pytest.mark.feature("5.5")
def test_few_cut_offs_bench_nobody(cast: Cast) -> None:
    lines, bad = plant(cast, mornings=WEEKS), version_of(cast)
    for back in WEEKS[:3]:
        issue(bad, lines, back=back, says=twice)
    assert forecasts_judge(now=NOW)["benched"] == 0
    assert state(bad) == State.CHAMPION


@pytest.mark.django_db
@pytest.mark.feature("5.5")
def test_while_benched_forecasts_are_the_seasonal_naive_and_say_so(cast: Cast) -> None:
    lines = plant(cast, campaigns=2, mornings=[1])
    away = version_of(cast, trees=False)
    bench(version=away, why="It lost.", at=NOW)
    assert forecasts_issue(now=NOW)["issued"] > 0
    made = ForecastIssue.objects.get()
    assert made.version.params["engine"] == NAIVE
    told = made.forecasts.get(metric="spend", subject=f"line:{lines[0].pk}")
    assert told.method == "naive"
    assert told.yhat[0] == pytest.approx(told.yhat[7])
    low, middle, high = told.lo80[0], told.yhat[0], told.hi80[0]
    assert low is not None
    assert middle is not None
    assert high is not None
    assert low < middle < high


@pytest.mark.django_db
@pytest.mark.feature("5.5")
def test_a_version_trained_while_one_is_benched_waits_for_a_decision(cast: Cast) -> None:
    away = version_of(cast)
    naive = bench(version=away, why="It lost.", at=NOW)
    trained = Trained(sha256="e" * 64, rows=1, batch=None, known_at=NOW)
    fresh = version_add(kind="forecast", team=cast.company, trained=trained, user=None, at=NOW)
    assert fresh.state == State.CHALLENGER
    assert champion_of("forecast", cast.company) == naive


def _issued(cast: Cast, *, late: float) -> None:
    """Forecasts of three campaigns; those of the latest four weeks are off by ``late``."""
    lines, version = plant(cast, campaigns=3, mornings=(*LATE, *EARLIER)), version_of(cast)

    def worse(truth: np.ndarray, naive: np.ndarray) -> np.ndarray:
        return truth * (1 + late)

    for back in (*LATE, *EARLIER):
        says = worse if back in LATE else exactly
        issue(version, lines, back=back, says=says, horizon=7, width=0.15)


@pytest.mark.django_db
@pytest.mark.feature("5.5")
def test_drift_opens_a_finding_and_orders_a_training(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = {"forecast": lambda team, at, say: Trained("f" * 64, 1, None, at)}
    monkeypatch.setattr(training, "_trainers", quick)
    _issued(cast, late=0.4)
    assert forecasts_judge(now=NOW)["drifted"] == 1
    found = Finding.objects.open().get(kind=Finding.Kind.MODEL_DRIFT)
    assert found.team == cast.dach
    assert found.metric == "spend"
    assert found.evidence["owner"] == cast.analyst.pk
    assert "as far off as before" in found.title
    ordered = OutboxItem.objects.get(kind=TRAIN)
    assert ordered.payload["team"] == cast.company.pk
    forecasts_judge(now=NOW + timedelta(hours=1))
    assert OutboxItem.objects.filter(kind=TRAIN).count() == 1
    assert Finding.objects.filter(kind=Finding.Kind.MODEL_DRIFT).count() == 1


@pytest.mark.django_db
@pytest.mark.feature("5.5")
def test_a_stable_series_does_not_drift(cast: Cast) -> None:
    _issued(cast, late=0.0)
    done = forecasts_judge(now=NOW)
    assert (done["drifted"], done["benched"]) == (0, 0)
    assert not Finding.objects.filter(kind=Finding.Kind.MODEL_DRIFT).exists()
    assert not OutboxItem.objects.filter(kind=TRAIN).exists()
