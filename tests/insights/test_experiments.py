"""What an experiment says: the sentence, what stops it, figures from imports, what follows."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from analytics.experiments.effects import arm_effect
from campaigns.choices import Counted, ExperimentState
from campaigns.models import Experiment, Optimisation
from campaigns.rules.designs import ArmDesign, MetricDesign
from campaigns.rules.reading_files import ReadingRow, squares_of
from campaigns.rules.sample_size import Question, size_for
from campaigns.services import arm_spends_set, readings_record
from core.errors import Conflict, Invalid
from insights.selectors.experiment_tests import engine_test, totals_of
from insights.selectors.experiments import ExperimentResult, result_of
from insights.services.experiments import (
    experiment_propose,
    experiment_settle,
    experiments_update,
)
from metrics.choices import MEASURES, MONEY_MEASURES
from tests.approvals.actions import decide, execute
from tests.cast import Cast
from tests.trials import BEGAN, ORDERS, REFUNDS, again, read, run_experiment
from tests.world import AT, load_days, make_line

pytestmark = pytest.mark.django_db
NNBSP = "\u202f"


def says(experiment: Experiment, at: datetime = AT) -> str:
    return result(experiment, at).sentence.replace(NNBSP, " ").replace("−", "-")


def result(experiment: Experiment, at: datetime = AT) -> ExperimentResult:
    return result_of(again(experiment), at)


CASES: dict[str, tuple[dict[str, tuple[int, float]], str]] = {
    "wins": ({"control": (19_000, 1900), "green": (19_000, 2250)}, "green wins: 18"),
    "loses": (
        {"control": (19_000, 1900), "green": (19_000, 1500)},
        "Keep control: green brings 21",
    ),
    "too few": ({"control": (60, 6), "green": (60, 7)}, "Can't tell yet: too few orders"),
    "open": ({"control": (3000, 300), "green": (3000, 312)}, "Can't tell yet: about"),
    "equal": ({"control": (19_900, 1990), "green": (19_900, 2000)}, "as good as equal"),
    "split": ({"control": (6000, 600), "green": (5000, 520)}, "Don't trust this test: visitors"),
    "past": ({"control": (30_000, 3000), "green": (30_000, 3100)}, "No verdict: more units came"),
}


@pytest.mark.feature("7.2")
@pytest.mark.parametrize("name", CASES)
def test_the_first_sentence_needs_no_statistics(name: str, cast: Cast) -> None:
    totals, expected = CASES[name]
    made = run_experiment(cast)
    read(made, totals)
    assert says(made).find(expected) >= 0, says(made)


def test_the_sentence_gives_size_range_and_time_left(cast: Cast) -> None:
    winner = run_experiment(cast)
    read(winner, {"control": (20_000, 2000), "green": (20_000, 2240)})
    assert says(winner) == ("green wins: 12 % more orders per visitor, 95 % range 4.7 to 19.3 %")
    waiting = run_experiment(cast, daily_units=1_000)
    for day in range(6):
        read(waiting, {"control": (500, 50), "green": (500, 54)}, day=date(2026, 11, 2 + day))
    found = result(waiting)
    assert "more days (" in says(waiting)
    left = found.best.outlook if found.best else None
    assert left is not None
    assert left.days_left == pytest.approx((left.units_left or 0) / 1_000, abs=1)


@pytest.mark.feature("7.3")
def test_a_broken_split_stops_the_test(cast: Cast) -> None:
    broken, sound = run_experiment(cast), run_experiment(cast)
    read(broken, {"control": (6000, 600), "green": (5000, 520)})
    read(sound, {"control": (5500, 550), "green": (5450, 560)})
    assert experiments_update(now=AT)["stopped"] == 1
    assert again(broken).state == ExperimentState.STOPPED
    assert "not split as planned" in again(broken).stop_reason
    assert again(sound).state == ExperimentState.RUNNING


@pytest.mark.feature("7.3")
def test_a_guardrail_that_got_worse_stops_the_test(cast: Cast) -> None:
    made = run_experiment(cast, metrics=[ORDERS, REFUNDS])
    read(made, {"control": (15_000, 1500), "green": (15_000, 1800)})
    read(made, {"control": (15_000, 100), "green": (15_000, 190)}, metric="refunds")
    assert says(made).startswith("Don't use green: 20 % more orders per visitor")
    experiments_update(now=AT)
    assert "90 % more refunds per visitor" in again(made).stop_reason.replace(NNBSP, " ")


@pytest.mark.feature("7.3")
def test_looks_at_nothing_seldom_find_something(cast: Cast) -> None:
    """200 tests without effect, read on each of 10 days, until the end and as if once."""
    dice = np.random.default_rng(3)
    made = run_experiment(cast, end_units=10_000)
    found = dict.fromkeys(("declared", "naive"), 0)
    arms, metric = list(made.arms.all()), made.metrics.get()
    for _ in range(200):
        yes = dice.binomial(500, 0.1, size=(10, 2)).cumsum(axis=0)
        hit = dict.fromkeys(found, False)
        for day in range(10):
            totals = totals_of([])
            for place, arm in enumerate(arms):
                totals[arm.pk, metric.pk] = [500.0 * (day + 1), float(yes[day, place]), 0, 0, 0, 0]
            effect = _effect(engine_test(made, totals, None))
            hit["declared"] |= effect.always_valid is not None and effect.always_valid.p < 0.05
            hit["naive"] |= effect.p < 0.05
        for name in found:
            found[name] += hit[name]
    assert found["declared"] <= 0.05 * 200 + 7  # two standard errors above 5 %
    assert found["naive"] > 0.12 * 200  # the control: reading as if once goes wrong


def _effect(test: Any) -> Any:
    return arm_effect(test, test.primary, 1)


def test_the_range_over_the_looks_narrows(cast: Cast) -> None:
    made = run_experiment(cast)
    for day in range(8):
        read(made, {"control": (2000, 200), "green": (2000, 230)}, day=date(2026, 11, 2 + day))
    looks = [one for one in result(made).looks if one.high is not None]
    widths = [(one.high or 0) - (one.low or 0) for one in looks]
    assert len(looks) == 8
    assert all(later < earlier for earlier, later in pairwise(widths))


@pytest.mark.feature("7.2")
def test_a_value_from_before_makes_the_range_narrower(cast: Cast) -> None:
    dice = np.random.default_rng(5)
    value = MetricDesign("revenue", "mean", minimum_effect=0.05, base=50, spread=20)
    widths = []
    for with_before in (False, True):
        made = run_experiment(cast, metrics=[value], end_units=4_000)
        rows = []
        for arm in ("control", "green"):
            before = dice.normal(50, 20, 2000)
            after = before + dice.normal(0, 6, 2000) + (2 if arm == "green" else 0)
            extra = (float(before.sum()), float(before @ before), float(before @ after))
            sums = (float(after.sum()), date(2026, 11, 20), float(after @ after))
            rows.append(ReadingRow(arm, "revenue", 2000, *sums, *(extra if with_before else ())))
        readings_record(experiment=made, rows=rows, user=cast.manager, at=AT)
        best = result(made).best
        assert best is not None
        assert best.interval is not None
        widths.append(best.interval.high - best.interval.low)
        assert bool(best.adjustment) == with_before
    assert widths[1] < 0.5 * widths[0]


@pytest.mark.feature("7.3")
def test_figures_of_imports_come_in_by_themselves_until_the_end(cast: Cast) -> None:
    assert set(Counted) <= set(MEASURES) - MONEY_MEASURES
    campaign_lines = [make_line(cast), make_line(cast)]
    metric = MetricDesign("conversions", "count", minimum_effect=0.2, base=0.1,
                          events_measure="conversions", units_measure="clicks")  # fmt: skip
    made = run_experiment(
        cast, source="imports", unit="click", metrics=[metric], end_units=4_000,
        arms=[ArmDesign(name, line_id=line.pk)
              for name, line in zip(("old", "new"), campaign_lines, strict=True)],
    )  # fmt: skip
    for line, rate in zip(campaign_lines, (20, 32), strict=True):
        days = {date(2026, 11, 2) + timedelta(days=n): {"clicks": 200, "conversions": rate}
                for n in range(15)}  # fmt: skip
        load_days(line, days)
    assert experiments_update(now=AT)["updated"] == 1
    found = result(made)
    assert found.units == 4_000  # ten days of 400; the rest is no part of the test
    assert found.best is not None
    assert found.best.relative == pytest.approx(0.6)
    assert experiments_update(now=AT + timedelta(hours=1))["updated"] == 0


def test_a_corrected_import_corrects_the_test(cast: Cast) -> None:
    lines = [make_line(cast), make_line(cast)]
    metric = MetricDesign("conversions", "count", minimum_effect=0.2, base=0.1,
                          events_measure="conversions", units_measure="clicks")  # fmt: skip
    made = run_experiment(
        cast, source="imports", unit="click", metrics=[metric],
        arms=[ArmDesign(str(place), line_id=line.pk) for place, line in enumerate(lines)],
    )  # fmt: skip
    for line in lines:
        load_days(line, {"2026-11-05": {"clicks": 1000, "conversions": 100}})
    experiments_update(now=AT)
    later = AT + timedelta(days=1)
    load_days(lines[1], {"2026-11-05": {"clicks": 1000, "conversions": 150}}, known_at=later)
    experiments_update(now=later)
    was, now = result(made, AT).best, result(made, later).best
    assert was is not None
    assert now is not None
    assert (was.value, now.value) == (0.1, 0.15)


@pytest.mark.feature("7.4")
def test_a_grid_says_what_each_factor_does(cast: Cast) -> None:
    grid = [("short", "people"), ("short", "product"), ("long", "people"), ("long", "product")]
    made = run_experiment(
        cast, kind="factorial", end_units=80_000,
        arms=[ArmDesign(f"{h} {i}", levels={"headline": h, "image": i}) for h, i in grid],
    )  # fmt: skip
    # The long headline adds two points, the image nothing; together nothing more.
    yes = dict(zip(grid, (1000, 1005, 1400, 1398), strict=True))
    read(made, {f"{h} {i}": (20_000, yes[h, i]) for h, i in grid})
    found = {
        " x ".join(sorted(name for _, name in one.levels)): one for one in result(made).factors
    }
    assert set(found) == {"long", "product", "long x product"}
    assert float(found["long"].difference.estimate) == pytest.approx(0.019825)
    assert found["long"].p < 0.001
    assert min(found["product"].p, found["long x product"].p) > 0.5


def test_a_holdout_says_what_was_added_and_at_what_cost(cast: Cast) -> None:
    made = run_experiment(cast, kind="holdout", arms=[ArmDesign("held out"), ArmDesign("mailed")],
                          currency="EUR")  # fmt: skip
    read(made, {"held out": (20_000, 1000), "mailed": (20_000, 1200)})
    arm_spends_set(experiment=made, spends={"mailed": 4_000_000_000}, user=cast.manager, at=AT)
    assert says(made).startswith("The campaign added 200 orders (95 % range 11")
    lift = (result(made).lifts or {})["mailed"]
    assert lift.cost_per_added == pytest.approx(20)


@pytest.mark.feature("7.7")
def test_a_rotation_gives_the_best_the_most_and_nobody_nothing(cast: Cast) -> None:
    made = run_experiment(
        cast, kind="rotation", arms=["a", "b", "c"], end_units=None, looks="any_time"
    )
    read(made, {"a": (2000, 200), "b": (2000, 250), "c": (2000, 150)})
    shares = result(made).shares or {}
    assert max(shares, key=lambda name: shares[name]) == "b"
    assert min(shares.values()) >= 0.05 - 1e-9
    asked = experiment_propose(experiment=again(made), user=cast.manager, reason="", at=AT)
    execute(decide(asked, cast.director))
    assert sum(arm.live_share or 0 for arm in again(made).arms.all()) == pytest.approx(1)


@pytest.mark.feature("7.3")
def test_a_winner_is_put_in_use_by_approval_only(cast: Cast) -> None:
    line = make_line(cast)
    made = run_experiment(cast, campaign=line.campaign)
    read(made, {"control": (19_000, 1900), "green": (19_000, 2250)})
    with pytest.raises(Conflict, match="not concluded"):
        experiment_propose(experiment=again(made), user=cast.manager, reason="", at=AT)
    experiment_settle(
        experiment=again(made), user=cast.manager, decision="ship", learning="Green sells.", at=AT
    )
    asked = experiment_propose(experiment=again(made), user=cast.manager, reason="", at=AT)
    assert asked.payload["arm"] == "green"
    assert again(made).applied_at is None
    execute(decide(asked, cast.director))
    assert again(made).applied_at is not None
    logged = Optimisation.objects.get(campaign=line.campaign)
    assert (logged.old_value, logged.new_value) == ("control", "green")


def test_a_concluded_verdict_stays_as_it_was(cast: Cast) -> None:
    made = run_experiment(cast)
    read(made, {"control": (3000, 300), "green": (3000, 312)})
    done = experiment_settle(
        experiment=again(made), user=cast.manager, decision="again", learning="Too small.", at=AT
    )
    assert done.sentence.startswith("No difference shown in orders per visitor")
    assert done.result["report"]["verdict"]["outcome"] == "running"
    assert says(made, AT + timedelta(days=9)).startswith("No difference shown")
    assert any("ended with 6,000 of 40,000" in one for one in result(made).deviations)


@pytest.mark.feature("7.1")
def test_the_size_is_the_one_textbooks_give() -> None:
    once = Question("proportion", 0.1, 0.1, reading="once")
    size = size_for(once)
    # z of 0.975 and 0.8, squared, times both variances, over the squared difference.
    assert size.per_arm == pytest.approx(2.8016**2 * (0.09 + 0.0979) / 0.01**2, rel=1e-3)
    often = size_for(Question("proportion", 0.1, 0.1, reading="until_end", daily_units=1_000))
    assert size.total < often.total < 1.25 * size.total
    assert often.days == -(-often.total // 1_000)
    found = dict(often.found)
    assert found[7] > found[28] > 0.1 * 0.9
    with pytest.raises(Invalid, match="standard deviation"):
        size_for(Question("mean", 50, 0.1))


def test_what_was_done_otherwise_is_said(cast: Cast) -> None:
    made = run_experiment(cast)
    read(made, {"control": (100, 10), "green": (100, 10)})
    assert result(made).deviations == ()
    arm = made.arms.get(name="green")
    arm.weight = 3
    arm.save()
    assert "The plan was sealed with split" in result(made).deviations[0]


def test_squares_come_from_a_standard_deviation() -> None:
    values = np.array([1.0, 4.0, 9.0, 2.0])
    squares = squares_of(4, float(values.sum()), float(values.std(ddof=1)))
    assert squares == pytest.approx(float(values @ values))
    assert BEGAN < AT
