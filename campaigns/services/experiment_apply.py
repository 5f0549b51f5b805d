"""What follows from a test once it was approved: a winner in use, other shares of a rotation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from campaigns.choices import ChangeKind, ExperimentState
from campaigns.models import Campaign, Experiment
from campaigns.services.optimisations import optimisation_log
from core import events, formats
from core.errors import Conflict
from core.events import AUTOMATION


@transaction.atomic
def winner_apply(*, experiment: Experiment, arm: str, request_id: int, at: datetime) -> Experiment:
    """Note that the winner is in use now, in the record and in the log of every campaign it is
    about, where its effect is measured again later."""
    done = Experiment.objects.filter(pk=experiment.pk, applied_at=None).update(
        applied_at=at, request_id=request_id
    )
    if not done:
        raise Conflict(f"The winner of “{experiment}” is in use already.")
    control = experiment.arms.all()[0].name
    _log(experiment, control, arm, experiment.sentence, request_id, at)
    _record(experiment, {"arm": arm, "request": request_id}, at)
    return experiment


@transaction.atomic
def shares_apply(
    *, experiment: Experiment, shares: Mapping[str, float], request_id: int, at: datetime
) -> Experiment:
    """Put the shares of a rotation in force."""
    current = Experiment.objects.select_for_update(of=("self",)).get(pk=experiment.pk)
    if current.state != ExperimentState.RUNNING:
        raise Conflict(f"“{current}” is not running any more.")
    arms = list(current.arms.all())
    weights = sum(arm.weight for arm in arms)
    before = shares_text(
        {arm.name: live_share(arm.live_share, arm.weight / weights) for arm in arms}
    )
    for arm in arms:
        arm.live_share = shares[arm.name]
        arm.save(update_fields=["live_share"])
    hypothesis = "Shares follow results: how often each variant is likely to be the best."
    _log(current, before, shares_text(shares), hypothesis, request_id, at)
    _record(current, {"shares": dict(shares), "request": request_id}, at)
    return current


def live_share(share: float | None, planned: float) -> float:
    return planned if share is None else share


def shares_text(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {formats.percent(share, 0)}" for name, share in shares.items())[:200]


def campaigns_of(experiment: Experiment) -> list[Campaign]:
    """The campaigns a test is about: its own, and those of the lines and creatives of its arms."""
    found = {experiment.campaign.pk: experiment.campaign} if experiment.campaign else {}
    for arm in experiment.arms.all():
        for part in (arm.line, arm.creative):
            if part is not None:
                found[part.campaign.pk] = part.campaign
    return list(found.values())


def _log(
    experiment: Experiment, before: str, after: str, why: str, request_id: int, at: datetime
) -> None:
    for campaign in campaigns_of(experiment)[:1]:
        optimisation_log(
            campaign=campaign,
            kind=ChangeKind.CREATIVE,
            what=f"Result of the test “{experiment}” in use"[:200],
            old_value=before,
            new_value=after,
            hypothesis=why,
            made_on=at.date(),
            at=at,
            actor=AUTOMATION,
            request_id=request_id,
        )


def _record(experiment: Experiment, after: Mapping[str, object], at: datetime) -> None:
    events.record(
        actor=AUTOMATION,
        action="experiment.applied",
        subject=experiment,
        at=at,
        after=dict(after),
        team_path=experiment.team.path,
        live=["experiments", f"experiment:{experiment.pk}"],
    )
