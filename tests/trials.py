"""Experiments for tests, in one call each: a draft, a running one, and what its arms brought.

test = make_experiment(cast)                    # a draft of DACH and Jonas
test = run_experiment(cast, end_units=20_000)   # sealed and started
read(test, {"control": (5000, 500), "green": (5000, 580)})
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from accounts.models import User
from campaigns.models import Experiment
from campaigns.rules.designs import ArmDesign, MetricDesign
from campaigns.rules.reading_files import ReadingRow
from campaigns.selectors import experiments_for
from campaigns.services import (
    experiment_create,
    experiment_seal,
    experiment_start,
    readings_record,
)
from tests.cast import Cast
from tests.world import AT

START = date(2026, 11, 2)
BEGAN = AT - timedelta(days=20)
ORDERS = MetricDesign("orders", minimum_effect=0.1, base=0.1)
REFUNDS = MetricDesign("refunds", "count", "guardrail", "lower")
_numbers = count(1)


def make_experiment(
    cast: Cast,
    *,
    arms: Sequence[str | ArmDesign] = ("control", "green"),
    metrics: Sequence[MetricDesign] = (ORDERS,),
    user: User | None = None,
    **fields: Any,
) -> Experiment:
    """A draft of DACH and Jonas; any field of the record may be given."""
    defaults: dict[str, Any] = {
        "name": f"Test {next(_numbers)}", "hypothesis": "A green button brings more orders",
        "starts_on": START, "ends_on": START + timedelta(days=27), "end_units": 40_000,
        "daily_units": 1_500,
    }  # fmt: skip
    return experiment_create(
        team=fields.pop("team", cast.dach),
        user=user or cast.manager,
        at=fields.pop("at", BEGAN),
        arms=[arm if isinstance(arm, ArmDesign) else ArmDesign(arm) for arm in arms],
        metrics=metrics,
        **(defaults | fields),
    )


def run_experiment(cast: Cast, **fields: Any) -> Experiment:
    """The same, sealed and started."""
    user = fields.get("user", cast.manager)
    made = make_experiment(cast, **fields)
    experiment_seal(experiment=made, user=user, at=BEGAN)
    experiment_start(experiment=made, user=user, at=BEGAN)
    return again(made, user)


def again(experiment: Experiment, user: User | None = None) -> Experiment:
    """The record as it stands now, with its parts."""
    rows = experiments_for(user or experiment.owner)
    return rows.get(pk=experiment.pk)


def read(
    experiment: Experiment,
    totals: Mapping[str, tuple[int, float]],
    *,
    metric: str = "orders",
    day: date = date(2026, 11, 20),
    at: datetime = AT,
) -> None:
    """Totals of each arm on one day."""
    rows = [ReadingRow(arm, metric, n, total, day) for arm, (n, total) in totals.items()]
    readings_record(experiment=experiment, rows=rows, user=experiment.owner, at=at)
