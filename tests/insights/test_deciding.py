"""A message for each unit: chances are logged, rewards count once, other rules can be valued."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import time_machine
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from campaigns.models import Experiment, ServedChoice
from core.errors import Conflict, Invalid, NotAllowed
from insights.selectors.experiment_policy import policy_report
from insights.selectors.experiments import result_of
from insights.services.deciding import decide, policy_learn, reward
from tests.cast import Cast
from tests.sign_in import signed_in
from tests.trials import again, make_experiment, run_experiment
from tests.world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.feature("7.11")]
# Chance of a reward, by context and arm: each segment has its own best message.
TRUTH = {"new": {"offer": 0.30, "story": 0.10}, "returning": {"offer": 0.08, "story": 0.20}}


def personal(cast: Cast) -> Experiment:
    return run_experiment(
        cast, kind="personal", arms=["offer", "story"], end_units=None, looks="any_time"
    )


def serve(experiment: Experiment, number: int, seed: int, share: float = 0.3) -> None:
    """Choices as an earlier rule made them: the offer with a chance of ``share``."""
    dice = np.random.default_rng(seed)
    arms = {arm.name: arm for arm in experiment.arms.all()}
    rows = []
    for place in range(number):
        context = "new" if dice.random() < 0.5 else "returning"
        name = "offer" if dice.random() < share else "story"
        rows.append(
            ServedChoice(
                experiment=experiment, unit_sha256=f"{seed}-{place}", context=context,
                arm=arms[name], propensity=share if name == "offer" else 1 - share,
                at=AT - timedelta(days=2), reward=float(dice.random() < TRUTH[context][name]),
                rewarded_at=AT,
            )
        )  # fmt: skip
    ServedChoice.objects.bulk_create(rows)


def post(user: User, name: str, pk: int, **body: Any) -> Any:
    client = APIClient()
    client.force_authenticate(user)
    with time_machine.travel(AT, tick=False):
        return client.post(reverse(name, args=[pk]), body, format="json")


def test_a_choice_is_logged_with_its_chance_and_stays(cast: Cast) -> None:
    made = personal(cast)
    Experiment.objects.filter(pk=made.pk).update(policy={"": [0.5, 0.5], "new": [0.9, 0.1]})
    first = post(cast.manager, "api-experiment-decide", made.pk, unit="u1", context="new").json()
    again_ = post(cast.manager, "api-experiment-decide", made.pk, unit="u1", context="new").json()
    assert first == again_
    kept = ServedChoice.objects.get()
    assert kept.propensity == {"offer": 0.9, "story": 0.1}[first["arm"]] == first["propensity"]
    assert "u1" not in kept.unit_sha256
    done = post(cast.manager, "api-experiment-rewards", made.pk, choice=first["choice"], reward=1)
    assert done.json()["reward"] == 1
    assert post(
        cast.manager, "api-experiment-rewards", made.pk, choice=first["choice"], reward=0
    ).status_code == 409  # fmt: skip


def test_arms_are_drawn_as_often_as_their_chance_says(cast: Cast) -> None:
    made = personal(cast)
    Experiment.objects.filter(pk=made.pk).update(policy={"": [0.8, 0.2]})
    current = again(made)
    drawn = [
        decide(experiment=current, user=cast.manager, unit=str(n), context="x", at=AT).arm.name
        for n in range(400)
    ]
    # Five standard errors: the dice are real ones.
    assert abs(drawn.count("offer") / 400 - 0.8) < 0.1


def test_who_may_decide_and_when(cast: Cast) -> None:
    made, draft = personal(cast), make_experiment(cast, kind="personal")
    for user in (cast.executive, cast.uk_manager):
        with pytest.raises(NotAllowed):
            decide(experiment=made, user=user, unit="u", context="", at=AT)
    assert post(cast.other_manager, "api-experiment-decide", made.pk, unit="u").status_code == 404
    with pytest.raises(Conflict, match="draft"):
        decide(experiment=again(draft), user=cast.manager, unit="u", context="", at=AT)
    with pytest.raises(Conflict, match="no test that chooses"):
        decide(experiment=run_experiment(cast), user=cast.manager, unit="u", context="", at=AT)
    choice = decide(experiment=made, user=cast.manager, unit="u", context="", at=AT)
    with pytest.raises(Invalid, match="between 0 and 1"):
        reward(choice=choice, user=cast.manager, value=2, at=AT)


def test_each_segment_learns_its_own_message(cast: Cast) -> None:
    made = personal(cast)
    serve(made, 3000, 1)
    assert policy_learn(experiment=made, at=AT)
    offer = {name: shares[0] for name, shares in again(made).policy.items()}
    assert offer["new"] > 0.9
    assert offer["returning"] < 0.1
    assert min(offer["returning"], 1 - offer["new"]) >= 0.05 - 1e-9
    assert not policy_learn(experiment=again(made), at=AT)


def test_too_few_choices_teach_and_claim_nothing(cast: Cast) -> None:
    made = personal(cast)
    serve(made, 60, 2)
    assert not policy_learn(experiment=made, at=AT)
    report = policy_report(again(made), at=AT)
    assert all(one.value.self_normalised.value is None for one in report.checks)


def test_the_value_of_another_rule_is_recovered_from_the_log(cast: Cast) -> None:
    """What "always offer" would bring, by 30 logs of another rule: 95 % ranges hold the truth."""
    truth = {name: (TRUTH["new"][name] + TRUTH["returning"][name]) / 2 for name in TRUTH["new"]}
    held, naive = 0, 0
    made = personal(cast)
    for seed in range(30):
        ServedChoice.objects.all().delete()
        serve(made, 600, seed)
        checks = {one.name: one.value for one in policy_report(made, at=AT).checks}
        for name, value in truth.items():
            ends = checks[f"Always {name}"].self_normalised.interval
            assert ends is not None
            held += ends.low <= value <= ends.high
        best = np.mean([0.30, 0.20])
        rewards = ServedChoice.objects.values_list("reward", flat=True)
        naive += int(abs(float(np.mean([one or 0 for one in rewards])) - best) < 0.03)
    assert held >= 60 * 0.95 - 3 * (60 * 0.95 * 0.05) ** 0.5
    assert naive == 0  # the control: the mean of the log says nothing of another rule


def test_pages_say_what_choosing_brings(cast: Cast) -> None:
    made = personal(cast)
    serve(made, 3000, 4)
    policy_learn(experiment=made, at=AT)
    found = result_of(again(made), AT)
    assert found.sentence.startswith("Choosing per segment brings 2")
    with time_machine.travel(AT, tick=False):
        page = signed_in(cast.director).get(reverse("insights:experiment-policy", args=[made.pk]))
        read = signed_in(cast.director).get(reverse("insights:experiment", args=[made.pk]))
    assert "“As learnt now” would bring most" in page.content.decode()
    assert "As learnt now" in read.content.decode()
