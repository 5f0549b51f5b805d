"""What can be asked for here: that the result of a test is put in use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import isclose
from typing import Any

from accounts.choices import Act
from accounts.models import Team, User
from approvals.models import ChangeRequest
from approvals.services import Effect, Payload
from campaigns.choices import ExperimentDecision, ExperimentState
from campaigns.models import Experiment
from campaigns.selectors import experiments_for
from campaigns.services import live_share, require_own, shares_apply, winner_apply
from core import formats
from core.errors import Conflict, Invalid
from core.models import Organisation
from core.money import Money

KIND = "experiment.apply"


class ApplyResult:
    """``{"experiment": number, "arm": name}`` of a concluded test, or ``{"experiment": number,
    "shares": {name: share}}`` of a running rotation."""

    kind = KIND
    label = "Result of a test"
    template = ""
    proposed_by = Act.RUN_EXPERIMENT
    effects_title = "What changes"

    def validate(self, payload: Payload, *, user: User, at: datetime) -> None:  # noqa: ARG002
        experiment = _experiment(payload, user)
        require_own(user, experiment)
        if "shares" in payload:
            _check_shares(experiment, payload)
        else:
            _check_winner(experiment, str(payload.get("arm", "")))

    def binding(self, payload: Payload) -> Payload:
        experiment = _experiment(payload)
        return {
            **payload,
            "plan": experiment.plan_sha256,
            "state": experiment.state,
            "said": experiment.sentence,
            "shares_now": {arm.name: arm.live_share for arm in experiment.arms.all()},
        }

    def amount(self, payload: Payload, *, at: datetime) -> Money:  # noqa: ARG002
        """A result moves no money by itself."""
        return Money(0, Organisation.current().reporting_currency)

    def team(self, payload: Payload) -> Team:
        return _experiment(payload).team

    def effects(self, payload: Payload) -> Sequence[Effect]:
        experiment = _experiment(payload)
        arms = list(experiment.arms.all())
        if "shares" not in payload:
            said = Effect("Variant in use", arms[0].name, str(payload["arm"]))
            return [said, Effect("What the test said", "", experiment.sentence)]
        weights = sum(arm.weight for arm in arms)
        return [
            Effect(
                arm.name,
                formats.percent(live_share(arm.live_share, arm.weight / weights), 0),
                formats.percent(payload["shares"][arm.name], 0),
            )
            for arm in arms
        ]

    def details(self, request: ChangeRequest) -> Mapping[str, Any]:  # noqa: ARG002
        return {}

    def execute(self, request: ChangeRequest, *, at: datetime) -> Mapping[str, Any]:
        payload, experiment = request.payload, _experiment(request.payload)
        if "shares" in payload:
            shares_apply(
                experiment=experiment, shares=payload["shares"], request_id=request.pk, at=at
            )
        else:
            winner_apply(
                experiment=experiment, arm=str(payload["arm"]), request_id=request.pk, at=at
            )
        return {"experiment": experiment.pk}


def _experiment(payload: Payload, user: User | None = None) -> Experiment:
    number = payload.get("experiment")
    rows = Experiment.objects.all() if user is None else experiments_for(user)
    found = rows.filter(pk=number).first() if isinstance(number, int) else None
    if found is None:
        raise Invalid("There is no such test, or you may not see it.", where="experiment")
    return found


def _check_winner(experiment: Experiment, arm: str) -> None:
    if experiment.state != ExperimentState.CONCLUDED or (
        experiment.decision != ExperimentDecision.SHIP
    ):
        raise Conflict(
            f"“{experiment}” was not concluded with a variant to use.",
            remedy="Conclude it first, with the decision to use the new variant.",
        )
    if experiment.applied_at:
        raise Conflict(f"The winner of “{experiment}” is in use already.")
    if arm not in [one.name for one in experiment.arms.all()[1:]]:
        raise Invalid("Name the variant to use, other than what there is today.", where="arm")


def _check_shares(experiment: Experiment, payload: Payload) -> None:
    shares, names = payload["shares"], {arm.name for arm in experiment.arms.all()}
    if experiment.state != ExperimentState.RUNNING:
        raise Conflict(f"“{experiment}” is not running.")
    if not isinstance(shares, Mapping) or set(shares) != names:
        raise Invalid("Give a share for each variant.", where="shares")
    values = list(shares.values())
    if any(not isinstance(one, int | float) or not 0 < one < 1 for one in values):
        raise Invalid("A share lies above 0 and below 1.", where="shares")
    if not isclose(sum(values), 1, abs_tol=1e-6):
        raise Invalid("The shares make 1 together.", where="shares")
