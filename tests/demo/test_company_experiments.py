"""The demo's tests: their truth is planted, what they say is the engine's, and the two agree."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from campaigns.choices import ExperimentState
from campaigns.models import Experiment
from campaigns.selectors import experiments_for
from demo.company.experiments import TRIALS, plan_experiments, planted_lifts_truth
from demo.company.timeline import Moments, Timeline
from insights.selectors.experiments import ExperimentResult, result_of
from tests.cast import Cast

NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)


@pytest.fixture
def results(cast: Cast) -> Mapping[str, ExperimentResult]:
    company: Any = SimpleNamespace(
        teams={"dach": cast.dach, "uki": cast.uk, "na": cast.us},
        people=dict.fromkeys(("jonas", "lea"), cast.manager)
        | {"eilidh": cast.uk_manager} | dict.fromkeys(("rosa", "theo"), cast.other_manager),
        audiences={}, market=SimpleNamespace(seed=7), timeline=Timeline(),
        moments=Moments(NOW, ZoneInfo("Europe/Berlin")), today=NOW.date(),
    )  # fmt: skip
    plan_experiments(company)
    company.timeline.run(lambda share, at: None)
    rows = experiments_for(cast.executive)
    return {one.name: result_of(one, NOW) for one in rows}


@pytest.mark.django_db
def test_the_demo_has_tests_in_every_state_that_say_what_was_planted(
    results: Mapping[str, ExperimentResult],
) -> None:
    assert {one.state for one in Experiment.objects.all()} == set(ExperimentState)
    assert len(results) == len(TRIALS)
    truth = planted_lifts_truth()
    held = {name: _holds(result, truth[name]) for name, result in results.items()}
    judged = [is_held for is_held in held.values() if is_held is not None]
    assert len(judged) >= 8
    assert sum(not one for one in judged) <= 1, held
    stopped = {name for name, one in results.items() if one.experiment.state == "stopped"}
    assert stopped == {
        name for name, one in truth.items() if one["is_split_broken"] or one["is_guardrail_worse"]
    }


def _holds(result: ExperimentResult, truth: Mapping[str, Any]) -> bool | None:
    """Whether the range holds the planted lift; None where the test claims none."""
    best = result.best
    if best is None or truth["is_split_broken"] or best.relative_interval is None:
        return None
    planted: float = truth["lifts"][best.arm]
    return best.relative_interval.low <= planted <= best.relative_interval.high


def test_the_truth_is_written_down_for_every_test() -> None:
    truth = planted_lifts_truth()
    assert truth["Blue order button"]["lifts"] == {"Blue": 0}
    assert truth["Short subject lines"]["lifts"]["Short"] == pytest.approx(0.1119, abs=1e-4)
    assert truth["Opening picture of the winter film"]["best"] == "Dog"
