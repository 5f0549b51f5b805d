"""A message for each unit: the arm is drawn, its chance is logged, shares follow the rewards."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from secrets import SystemRandom

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, Sum

from accounts.models import User
from campaigns.choices import ExperimentKind, ExperimentState
from campaigns.models import Arm, Experiment, ServedChoice
from campaigns.services import require_own
from core import events
from core.errors import Conflict, Invalid
from core.events import AUTOMATION
from insights.selectors.experiment_policy import FEWEST, OVERALL, WAIT, thompson_policy

_dice = SystemRandom()


def decide(
    *, experiment: Experiment, user: User, unit: str, context: str, at: datetime
) -> ServedChoice:
    """The arm for a unit, drawn by the shares of its context and kept with the chance it had.

    The same unit is answered with the same arm. The choice is its own record; no event is
    written for it.
    """
    require_own(user, experiment)
    _require_running(experiment)
    key = hashlib.sha256(f"{experiment.pk}:{unit}".encode()).hexdigest()
    if known := _choice(experiment, key):
        return known
    arms = list(experiment.arms.all())
    shares = shares_for(experiment, arms, context)
    place = _dice.choices(range(len(arms)), weights=shares)[0]
    try:
        with transaction.atomic():
            return ServedChoice.objects.create(
                experiment=experiment,
                unit_sha256=key,
                context=context,
                arm=arms[place],
                propensity=shares[place],
                at=at,
            )
    except IntegrityError:
        # Two calls for one unit at the same time: the first one counts.
        return ServedChoice.objects.select_related("arm").get(
            experiment=experiment, unit_sha256=key
        )


def _choice(experiment: Experiment, key: str) -> ServedChoice | None:
    rows = ServedChoice.objects.select_related("arm")
    return rows.filter(experiment=experiment, unit_sha256=key).first()


def _require_running(experiment: Experiment) -> None:
    if experiment.kind != ExperimentKind.PERSONAL:
        raise Conflict(
            f"“{experiment}” is no test that chooses a message for each unit.",
            remedy="Plan one of the kind “Message per segment”.",
        )
    if experiment.state != ExperimentState.RUNNING:
        raise Conflict(f"“{experiment}” is {experiment.get_state_display().lower()}.")


def shares_for(experiment: Experiment, arms: Sequence[Arm], context: str) -> list[float]:
    """The chances of the arms in a context: as learnt there, else overall, else as planned."""
    learnt: Mapping[str, list[float]] = experiment.policy
    found = learnt.get(context) or learnt.get(OVERALL)
    if found and len(found) == len(arms):
        return found
    whole = sum(arm.weight for arm in arms)
    return [arm.weight / whole for arm in arms]


def reward(*, choice: ServedChoice, user: User, value: float, at: datetime) -> ServedChoice:
    """Say what came of a choice, 0 to 1, once; the same value again changes nothing."""
    require_own(user, choice.experiment)
    if not 0 <= value <= 1:
        raise Invalid("A reward lies between 0 and 1.", where="reward")
    taken = ServedChoice.objects.filter(pk=choice.pk, reward=None).update(
        reward=value, rewarded_at=at
    )
    choice.refresh_from_db()
    if not taken and choice.reward != value:
        raise Conflict("Another reward is known for this choice; the first one counts.")
    return choice


@transaction.atomic
def policy_learn(*, experiment: Experiment, at: datetime) -> bool:
    """Learn the shares of every context anew from what is known; whether anything changed."""
    current = Experiment.objects.select_for_update(of=("self",)).get(pk=experiment.pk)
    arms = list(experiment.arms.all())
    counts = _counts(current, at)
    learnt = {
        context: thompson_policy([found.get(arm.pk, (0, 0.0)) for arm in arms])
        for context, found in counts.items()
        if sum(n for n, _ in found.values()) >= FEWEST
    }
    if not learnt or learnt == current.policy:
        return False
    before, current.policy, current.policy_at = current.policy, learnt, at
    current.save(update_fields=["policy", "policy_at"])
    events.record(
        actor=AUTOMATION,
        action="experiment.learnt",
        subject=current,
        at=at,
        before={"contexts": len(before)},
        after={"contexts": len(learnt)},
        team_path=experiment.team.path,
    )
    return True


def _counts(experiment: Experiment, at: datetime) -> dict[str, dict[int, tuple[int, float]]]:
    """By context, and over all of them under "": choices and rewards of each arm."""
    settled = Q(reward__isnull=False) | Q(at__lte=at - WAIT)
    rows = (
        ServedChoice.objects.filter(settled, experiment=experiment, at__lte=at)
        .order_by()
        .values_list("context", "arm_id")
        .annotate(n=Count("pk"), gained=Sum("reward"))
    )
    found: dict[str, dict[int, tuple[int, float]]] = {}
    for context, arm, n, gained in rows:
        for key in {context, OVERALL}:
            had, got = found.setdefault(key, {}).get(arm, (0, 0.0))
            found[key][arm] = (had + n, got + (gained or 0.0))
    return found
