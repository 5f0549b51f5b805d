"""The steps of a funnel add up to its change; risks are ranked by what they would cost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.drivers import Risk, chain, rank_risks
from analytics.results import Severity

STEPS = ("spend", "clicks", "orders", "revenue")
AMOUNT = st.one_of(st.just(0.0), st.floats(0.1, 1e6))


@pytest.mark.feature("4.13")
@settings(max_examples=60, deadline=None)
@given(st.tuples(*[AMOUNT] * 4), st.tuples(*[AMOUNT] * 4))
def test_steps_add_up(before: tuple[float, ...], after: tuple[float, ...]) -> None:
    links = chain(STEPS, before, after)
    size = max(1.0, *(abs(one.part) for one in links))
    total = sum(one.part for one in links)
    assert total == pytest.approx(after[-1] - before[-1], abs=1e-8 * size)


def test_the_step_that_moved_gets_all_of_it() -> None:
    links = chain(STEPS, (100, 200, 20, 1000), (100, 200, 10, 500))
    assert [one.name for one in links] == [
        "spend", "clicks per spend", "orders per clicks", "revenue per orders",
    ]  # fmt: skip
    assert [one.part for one in links] == pytest.approx([0, 0, -500, 0])
    assert (links[2].before, links[2].after) == pytest.approx((0.1, 0.05))


def test_two_steps_share_what_they_did_together() -> None:
    """Spend and rate both doubled: three hundred, of which neither can claim more."""
    links = chain(("spend", "revenue"), (10, 100), (20, 400))
    assert [one.part for one in links] == pytest.approx([150, 150])


def test_results_without_volume_are_a_link_of_their_own() -> None:
    links = chain(("clicks", "orders"), (100, 10), (0, 3))
    assert [one.name for one in links] == ["clicks", "orders per clicks", "without volume"]
    assert [one.part for one in links] == pytest.approx([-10, 0, 3])


def test_a_bad_chain_is_an_error() -> None:
    with pytest.raises(ValueError, match="2 to 8"):
        chain(("spend",), (1,), (2,))
    with pytest.raises(ValueError, match="before and after"):
        chain(STEPS, (1, 2), (1, 2))


@pytest.mark.feature("4.11")
def test_risks_are_ranked_by_expected_loss_and_the_sooner_first() -> None:
    risks = [
        Risk("target missed", 0.5, 2000, 40),
        Risk("overspend", 0.9, 10_000, 8),
        Risk("data gap", 0.1, 10_000, 3),
        Risk("renewal", 0.01, 100_000, 90, cautious_loss=500_000),
    ]
    found = rank_risks(risks, of=100_000, earlier={"overspend": 5000})
    assert [one.risk.name for one in found] == [
        "overspend", "data gap", "target missed", "renewal",
    ]  # fmt: skip
    assert found[0].score == pytest.approx(0.09)
    assert found[0].change == pytest.approx(4000)
    assert found[1].change is None
    assert [one.severity for one in found] == [
        Severity.HIGH, Severity.MEDIUM, Severity.MEDIUM, Severity.HIGH,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("risk", "of"),
    [(Risk("a", 1.1, 1, 1), 1.0), (Risk("a", 0.1, -1, 1), 1.0), (Risk("a", 0.1, 1, 1), 0.0)],
)
def test_a_bad_risk_is_an_error(risk: Risk, of: float) -> None:
    with pytest.raises(ValueError):
        rank_risks([risk], of=of)
