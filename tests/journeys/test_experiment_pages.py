"""Experiments as people see them: light and dark, desk and phone, from the plan to the learning."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.urls import reverse

from campaigns.models import Experiment
from campaigns.rules.reading_files import ReadingRow
from campaigns.services import audience_create, readings_record
from insights.services.deciding import policy_learn
from insights.services.experiments import experiment_settle
from tests.cast import Cast
from tests.insights.test_deciding import personal, serve
from tests.journeys.shots import Shots
from tests.trials import ORDERS, REFUNDS, START, again, make_experiment, read, run_experiment
from tests.world import AT

pytestmark = [
    pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.feature("7.1"),
]  # fmt: skip


def feed(experiment: Experiment, days: int, rates: tuple[float, float]) -> None:
    """Daily totals drawn from true rates."""
    dice = np.random.default_rng(11)
    rows = [
        ReadingRow(arm, "orders", 900, int(dice.binomial(900, rate)), START + timedelta(days=day))
        for day in range(days)
        for arm, rate in zip(("control", "green"), rates, strict=True)
    ]
    rows += [
        ReadingRow(arm, "refunds", 900, int(dice.poisson(9)), START + timedelta(days=day))
        for day in range(days)
        for arm in ("control", "green")
    ]
    readings_record(experiment=experiment, rows=rows, user=experiment.owner, at=AT)


def test_the_pages_of_experiments(shots: Shots, cast: Cast) -> None:
    people = audience_create(team=cast.dach, user=cast.manager, name="Hikers", at=AT)
    green = run_experiment(
        cast, name="Green order button", metrics=[ORDERS, REFUNDS], audience=people,
        tags=["button"],
    )  # fmt: skip
    feed(green, 18, (0.1, 0.118))
    make_experiment(cast, name="Free shipping first", audience=people)
    old = run_experiment(cast, name="Short subject lines", tags=["email"])
    read(old, {"control": (19_000, 1900), "green": (19_000, 2250)})
    experiment_settle(
        experiment=again(old), user=cast.manager, decision="ship",
        learning="Short subjects are opened more. Keep them under 40 signs.", at=AT,
    )  # fmt: skip
    home = personal(cast)
    serve(home, 2000, 3)
    policy_learn(experiment=home, at=AT)
    shots.sign_in(cast.manager)
    wrong = shots.tour_all(
        [
            (reverse("insights:experiments"), "experiments"),
            (reverse("insights:experiment", args=[green.pk]), "experiment"),
            (reverse("campaigns:experiment-create"), "experiment-new"),
            (reverse("campaigns:experiment-readings", args=[green.pk]), "experiment-readings"),
            (reverse("insights:experiments-calendar"), "experiments-calendar"),
            (reverse("insights:experiment-policy", args=[home.pk]), "experiment-policy"),
        ]
    )
    assert not wrong, "\n".join(wrong)
