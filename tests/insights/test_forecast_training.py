"""Settings of forecasts are chosen on some cut-offs and scored on later ones, nothing after them seen."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.results import Reason
from insights.rules.forecast_run import NAIVE, Settings
from insights.services import forecast_training
from insights.services.forecast_training import asked_at, forecast_train, past_of
from insights.services.training import model_train, silent
from tests.cast import Cast
from tests.insights.judged import NOW, plant
from tests.world import load_steady, make_line


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """One candidate with, one without a longer memory; no trees, so that a test takes no time."""
    few = [Settings(trees=False, history_days=days) for days in (400, 120)]
    monkeypatch.setattr(forecast_training, "_candidates", lambda used: few)


@pytest.mark.django_db
@pytest.mark.feature("5.3", "5.6")
def test_a_training_is_scored_on_cut_offs_it_was_not_chosen_on(cast: Cast, quick: None) -> None:
    plant(cast, campaigns=3)
    steps: list[tuple[int, int]] = []
    found = forecast_train(cast.company, NOW, lambda done, total, note: steps.append((done, total)))
    assert found.reason == ""
    assert steps == [(number, 8) for number in range(len(steps))]
    month = found.scores["campaigns"]["30"]
    assert month["mase"] < month["naive_mase"]
    assert 0.5 < month["coverage80"] <= 1
    # Three campaigns, two measures, two cut-offs, thirty days.
    assert month["n"] == 3 * 2 * 2 * 30
    assert found.scores["company"]["spend"]["n"] == 2
    assert max(found.record["chosen_on"]) < min(found.scores["cutoffs"])
    assert len(found.record["candidates"]) == 2
    assert found.record["in_use"]["scores"]["campaigns"]["30"]["n"] == month["n"]


@pytest.mark.django_db
@pytest.mark.feature("5.3")
def test_nothing_after_the_cut_off_is_seen(cast: Cast) -> None:
    plant(cast, campaigns=2)
    past = past_of(NOW)
    assert past is not None
    cutoff = past.scoring[0]
    before = forecast_training._series(past, Settings(), cutoff)
    assert before is not None
    assert before.days[-1] == past.grid.first + cutoff
    for rows in past.grid.values.values():
        rows[:, cutoff + 1 :] = 9e9
    again = forecast_training._series(past, Settings(), cutoff)
    assert again is not None
    for measure, rows in before.values.items():
        np.testing.assert_array_equal(rows, again.values[measure])


@pytest.mark.django_db
@pytest.mark.feature("5.6")
def test_the_naive_as_a_model_is_exactly_as_good_as_itself(cast: Cast) -> None:
    plant(cast, campaigns=2)
    past = past_of(NOW)
    assert past is not None
    asked = asked_at(past, Settings(engine=NAIVE), past.scoring[0])
    days, totals = asked["spend"]["campaign"]
    assert [one.error for one in days] == pytest.approx([one.naive_error for one in days])
    assert totals[29].error == pytest.approx(totals[29].naive_error)


@pytest.mark.django_db
@pytest.mark.feature("5.3")
def test_the_same_data_gives_the_same_version(cast: Cast, quick: None) -> None:
    plant(cast, campaigns=2)
    one, other = (forecast_train(cast.company, NOW, silent) for _ in range(2))
    assert (one.sha256, one.params, one.scores) == (other.sha256, other.params, other.scores)
    kept = model_train(kind="forecast", team=cast.company, user=cast.analyst, at=NOW)
    assert kept.data_sha256 == one.sha256
    assert kept.batch is not None


@pytest.mark.django_db
@pytest.mark.feature("5.3")
def test_too_few_days_make_no_model_and_say_so(cast: Cast) -> None:
    load_steady(make_line(cast), "2026-11-01", 20, spend="10", clicks=5)
    kept = model_train(kind="forecast", team=cast.company, user=None, at=NOW)
    assert kept.reason == Reason.TOO_FEW_DAYS
    assert kept.state == "challenger"
