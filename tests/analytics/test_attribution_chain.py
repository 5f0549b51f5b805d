"""Removal effects: closed form against the definition, and where the algebra could break."""

from dataclasses import replace

import numpy as np
import pytest

from analytics.attribution import Paths, attribute
from analytics.attribution import chain as chains
from analytics.attribution.chain import Chain, chain, removal_effects, states
from analytics.results import Reason
from tests.analytics.journeys import paths


def effects(found: Paths, order: int) -> np.ndarray:
    model = chain(found, states(found, order), found.conversions)
    return removal_effects(model, len(found.channels))


def by_removal(model: Chain, channels: int) -> np.ndarray:
    """One solve without each channel: whoever would reach it is lost."""

    def converting(stays: np.ndarray) -> float:
        move = model.move * stays[:, None] * stays
        reach = np.linalg.solve(np.eye(len(stays)) - move, model.convert * stays)
        return float((model.begin * stays) @ reach)

    everyone = converting(np.ones(len(model.begin)))
    return np.array(
        [1 - converting((model.channel != k).astype(float)) / everyone for k in range(channels)]
    )


@pytest.fixture
def many() -> Paths:
    rng = np.random.default_rng(9)
    return paths(
        *(
            (
                " > ".join(rng.choice(list("abcdef"), rng.integers(1, 9))),
                float(rng.integers(0, 3)),
                0.0,
                float(rng.integers(1, 5)),
            )
            for _ in range(300)
        )
    )


@pytest.mark.parametrize("order", [1, 2])
def test_the_closed_form_is_what_removing_each_channel_gives(many: Paths, order: int) -> None:
    model = chain(many, states(many, order), many.conversions)
    assert removal_effects(model, 6) == pytest.approx(by_removal(model, 6), abs=1e-12)


def test_removal_sends_to_nothing_and_does_not_spread_anew() -> None:
    # Half of those at a go on to b, the others stop; without b nobody converts.
    found = paths(("a > b", 1, 0, 0), ("a", 0, 0, 1))
    assert effects(found, 1) == pytest.approx([1, 1])


def test_effects_add_up_to_more_than_one_and_are_normed(many: Paths) -> None:
    assert effects(many, 1).sum() > 1
    credit = attribute(many).models["markov"]
    assert credit.conversions.sum() == pytest.approx(many.conversions.sum(), abs=1e-9)


def test_a_channel_that_follows_itself_changes_order_two_only() -> None:
    found = paths(("a > b", 4, 0, 2), ("b", 1, 0, 5), ("a > c", 2, 0, 6))
    # Those who had b alone see it twice.
    looped = paths(("a > b", 4, 0, 2), ("b > b", 1, 0, 5), ("a > c", 2, 0, 6))
    assert effects(looped, 1)[0] == pytest.approx(effects(found, 1)[0])
    model = chain(looped, states(looped, 1), looped.conversions)
    without_loop = replace(
        model,
        move=model.move - np.diag(np.diag(model.move)),
        convert=model.convert,
    )
    stays = 1 - np.diag(model.move)
    without_loop = replace(
        without_loop,
        move=without_loop.move / stays[:, None],
        convert=without_loop.convert / stays,
    )
    assert removal_effects(without_loop, 3) == pytest.approx(effects(looped, 1))
    assert len(states(looped, 2).channel) > len(states(found, 2).channel)


def test_a_channel_that_leads_only_to_itself_is_solved() -> None:
    found = paths(("a > a > a > a", 0, 0, 1), ("b", 1, 0, 1))
    assert effects(found, 1) == pytest.approx([0, 1])
    assert effects(found, 2) == pytest.approx([0, 1])


def test_paths_that_never_happened_leave_a_state_without_exit() -> None:
    found = paths(("a > a > c", 0, 0, 0), ("b", 1, 0, 1))
    assert effects(found, 1) == pytest.approx([0, 1, 0])
    assert effects(found, 2) == pytest.approx([0, 1, 0])


def test_without_null_paths_everything_converts_and_the_answer_warns() -> None:
    rows = [("a > b", 40, 0, 0), ("a", 20, 0, 0)]
    answer = attribute(paths(*rows))
    assert answer.models["markov"].removal_effect == pytest.approx([1, 2 / 3])
    assert answer.reasons == (Reason.NO_NULL_PATHS,)
    assert attribute(paths(*rows, ("a", 0, 0, 1))).reasons == ()


def test_without_conversions_nothing_is_credited() -> None:
    answer = attribute(paths(("a > b", 0, 0, 9)))
    assert answer.models["markov"].conversions.sum() == 0
    assert answer.disagreement is None
    assert Reason.TOO_FEW_CONVERSIONS in answer.reasons


def test_too_many_pairs_of_channels_are_refused_with_the_reason(
    many: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chains, "MOST_STATES", 10)
    answer = attribute(many)
    assert answer.models["markov_2"].reason is Reason.TOO_MANY_STATES
    assert answer.models["markov"].reason is None
