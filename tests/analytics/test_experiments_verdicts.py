"""One sentence that says what to do, and does not say more than the data do."""

from dataclasses import replace

import numpy as np
import pytest

from analytics.experiments import Kind, Looks, Metric, Reading, Role, Sample, Test, analyse
from analytics.experiments.moments import PairMoments
from analytics.experiments.results import Outcome, Report
from analytics.results import Better, Reason

ONCE = Looks(Reading.ONCE)


def orders(*totals: tuple[int, int], **settings: object) -> Metric:
    """A proportion with (events, n) of every arm."""
    samples = tuple(Sample(n, events=events) for events, n in totals)
    return Metric("orders", Kind.PROPORTION, samples, **settings)  # type: ignore[arg-type]


def refunds(*totals: tuple[int, int]) -> Metric:
    samples = tuple(Sample(n, events=events) for events, n in totals)
    return Metric("refunds", Kind.COUNT, samples, Role.GUARDRAIL, Better.LOWER)


def run(*metrics: Metric, looks: Looks = ONCE, **settings: object) -> Report:
    arms = ("control", "green", "blue", "grey")[: len(metrics[0].samples)]
    usual = Test("Button", arms, metrics, (1.0,) * len(arms), looks=looks)
    return analyse(replace(usual, **settings))  # type: ignore[arg-type]


def test_a_winner() -> None:
    report = run(orders((1000, 10_000), (1120, 10_010)))
    assert report.verdict.outcome is Outcome.BETTER
    assert report.verdict.sentence == (
        "Take green: orders +11.9% (95% interval +2.9% to +20.9%) against control, "
        "99.7% likely to be better."
    )
    assert report.chance_best["green"] == pytest.approx(0.997, abs=0.002)


def test_a_loser() -> None:
    report = run(orders((1000, 10_000), (880, 10_010)))
    assert report.verdict.outcome is Outcome.WORSE
    assert report.verdict.sentence.startswith("Keep control: with green orders -12.1%")
    fewer_is_better = run(orders((1000, 10_000), (880, 10_010), better=Better.LOWER))
    assert fewer_is_better.verdict.outcome is Outcome.BETTER
    assert fewer_is_better.effects[0].probability_to_beat == pytest.approx(0.998, abs=0.001)
    assert (fewer_is_better.effects[0].expected_loss or 0) < 1e-4


def test_a_broken_split_is_not_read() -> None:
    report = run(orders((1000, 10_000), (1300, 10_600)))
    assert report.verdict.outcome is Outcome.INVALID
    assert report.verdict.reason is Reason.SPLIT_MISMATCH
    assert "Do not read this test: 10,000 in control" in report.verdict.sentence
    assert report.outcomes == {"green": Outcome.INVALID}
    assert run(orders((1000, 10_000), (1300, 10_600)), split=(1.0, 1.06)).verdict.outcome is (
        Outcome.BETTER
    )


def test_a_guardrail_stops_a_winner() -> None:
    primary = orders((1000, 10_000), (1200, 10_010))
    assert run(primary, refunds((60, 10_000), (64, 10_010))).verdict.outcome is Outcome.BETTER
    report = run(primary, refunds((60, 10_000), (120, 10_010)))
    assert report.verdict.outcome is Outcome.HARMFUL
    assert "refunds got worse: +99.8%" in report.verdict.sentence
    assert run(primary, refunds((120, 10_000), (60, 10_010))).verdict.outcome is Outcome.BETTER


def test_what_looks_good_once_is_not_enough_for_many_looks() -> None:
    totals = orders((1000, 10_000), (1092, 10_010), minimum_effect=0.05)
    assert run(totals).verdict.outcome is Outcome.BETTER
    report = run(totals, looks=Looks(), daily_units=2000)
    assert report.verdict.outcome is Outcome.RUNNING
    assert "Read once, at its end, its p of .0356 would count" in report.verdict.sentence
    outlook = report.effects[0].outlook
    assert outlook.units_left is not None
    assert outlook.days_left == np.ceil(outlook.units_left / 2000)
    assert f"{outlook.units_left:,} units more, {outlook.days_left} days" in report.verdict.sentence


def test_past_its_declared_end_a_test_has_no_verdict() -> None:
    report = run(orders((1000, 10_000), (1200, 10_010)), looks=Looks(Reading.UNTIL_END, end=15_000))
    assert (report.verdict.outcome, report.verdict.reason) == (Outcome.OPEN, Reason.PAST_END)


def test_equal_means_that_no_difference_worth_finding_is_left() -> None:
    totals = ((20_000, 200_000), (20_050, 200_100))
    report = run(orders(*totals, minimum_effect=0.05))
    assert report.verdict.outcome is Outcome.EQUAL
    assert "as good as equal" in report.verdict.sentence
    assert run(orders(*totals, minimum_effect=0.01)).verdict.outcome is Outcome.OPEN


def test_an_ended_test_without_a_difference_says_what_it_could_see() -> None:
    report = run(orders((100, 1000), (104, 1002)))
    assert report.verdict.outcome is Outcome.OPEN
    assert report.verdict.reason is Reason.NOT_SEPARATED
    assert "it could see 37.9% or more" in report.verdict.sentence


@pytest.mark.parametrize(
    ("totals", "reason"),
    [
        (((3, 15), (9, 15)), Reason.TOO_FEW_UNITS),
        (((0, 4000), (12, 4000)), Reason.TOO_FEW_UNITS),
        (((0, 4000), (0, 4000)), Reason.NO_VARIATION),
        (((4000, 4000), (4000, 4000)), Reason.NO_VARIATION),
    ],
)
def test_thin_data_say_so(totals: tuple[tuple[int, int], ...], reason: Reason) -> None:
    for looks in (ONCE, Looks(), Looks(Reading.UNTIL_END, end=10_000)):
        report = run(orders(*totals), looks=looks)
        assert (report.verdict.outcome, report.verdict.reason) == (Outcome.RUNNING, reason)
        assert report.verdict.sentence.startswith("No verdict on green")


def test_a_base_of_zero_has_no_relative_change_but_an_answer() -> None:
    report = run(orders((0, 4000), (25, 4010)))
    effect = report.effects[0]
    assert effect.relative is None
    assert (effect.test, effect.interval_method) == ("fisher", "newcombe")
    assert effect.interval is not None
    assert effect.interval.low > 0
    assert report.verdict.outcome is Outcome.BETTER
    assert "%" not in report.verdict.sentence.split("against")[0]


def test_several_arms_are_corrected_and_the_best_one_is_named() -> None:
    report = run(orders((1000, 10_000), (1090, 10_000), (1250, 10_000), (990, 10_000)), looks=ONCE)
    assert report.verdict.arm == "blue"
    p = {effect.arm: effect for effect in report.effects}
    assert p["green"].p < 0.05 < p["green"].deciding_p
    assert p["green"].corrected_p["bonferroni"] == pytest.approx(3 * p["green"].p)
    assert report.outcomes == {
        "green": Outcome.OPEN,
        "blue": Outcome.BETTER,
        "grey": Outcome.OPEN,
    }
    assert sum(report.chance_best.values()) == pytest.approx(1)


def test_the_primary_metric_does_not_pay_for_the_others() -> None:
    primary = orders((1000, 10_000), (1100, 10_000))
    others = tuple(
        replace(orders((1000, 10_000), (1090, 10_000)), name=name, role=Role.SECONDARY)
        for name in ("a", "b", "c")
    )
    report = run(primary, *others)
    assert report.effects[0].deciding_p == report.effects[0].p
    assert report.effects[1].deciding_p > report.effects[1].p
    assert report.effects[0].corrected_p["bonferroni"] == pytest.approx(4 * report.effects[0].p)


def means(lift: float, *, scale: float = 1.0, moved: float = 0.0) -> Metric:
    samples = []
    for arm in (0, 1):
        generator = np.random.default_rng(arm)
        before = generator.gamma(2, 10, 4000)
        after = (before + generator.gamma(2, 3, 4000)) * (1 + lift * arm) * scale
        both = np.cov(after, before + moved * arm)
        samples.append(
            Sample(
                4000.0,
                pair=PairMoments(
                    4000.0,
                    float(after.mean()),
                    float(both[0, 0]),
                    float(before.mean() + moved * arm),
                    float(both[1, 1]),
                    float(both[0, 1]),
                ),
                values=after,
            )
        )
    return Metric("revenue", Kind.MEAN, tuple(samples), has_covariate=True)


def test_a_covariate_sharpens_and_a_moved_one_is_refused() -> None:
    effect = run(means(0.05)).effects[0]
    assert effect.adjustment is not None
    assert effect.adjustment.variance_reduction > 0.8
    assert effect.p < effect.adjustment.p_before
    refused = run(means(0.05, moved=3.0)).effects[0]
    assert refused.adjustment is not None
    assert refused.adjustment.reason is Reason.COVARIATE_MOVED
    assert refused.p == refused.adjustment.p_before


def test_units_of_measure_change_nothing() -> None:
    euros, cents = run(means(0.03)).effects[0], run(means(0.03, scale=100.0)).effects[0]
    assert cents.p == pytest.approx(euros.p, rel=1e-9)
    assert cents.relative == pytest.approx(euros.relative, rel=1e-9)
    assert cents.probability_to_beat == pytest.approx(euros.probability_to_beat, rel=1e-9)
    assert cents.estimate == pytest.approx(100 * euros.estimate, rel=1e-9)
    assert cents.expected_loss == pytest.approx(100 * (euros.expected_loss or 0), rel=1e-6)


def test_needed_units_give_the_power_that_was_planned() -> None:
    metric = orders((1000, 10_000), (1000, 10_000), minimum_effect=0.1)
    for looks in (ONCE, Looks(), Looks(Reading.UNTIL_END, end=40_000)):
        needed = run(metric, looks=looks).effects[0].outlook.units_needed
        assert needed is not None
        half = needed // 2
        there = orders((half // 10, half), (half // 10, half), minimum_effect=0.1)
        outlook = run(there, looks=looks).effects[0].outlook
        assert outlook.power_now == pytest.approx(0.8, abs=0.03)
        assert outlook.detectable == pytest.approx(0.1, rel=0.05)


def test_the_same_seed_gives_the_same_report() -> None:
    assert run(means(0.02)) == run(means(0.02))
    assert run(means(0.02)).fingerprint == run(means(0.04)).fingerprint
