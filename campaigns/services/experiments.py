"""The life of an experiment: draft, sealed, running, stopped or concluded, archived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import require
from campaigns.choices import ExperimentDecision, ExperimentState
from campaigns.models import Arm, Experiment, ExperimentMetric
from campaigns.rules.designs import (
    ArmDesign,
    Design,
    MetricDesign,
    check_design,
    missing_to_seal,
)
from campaigns.selectors.experiments import design_of, plan_document, plan_hash
from campaigns.services.plans import acting, clean
from core import events
from core.errors import Conflict, Invalid
from core.events import Actor

State = ExperimentState
FIELDS = (
    "name", "owner", "campaign", "audience", "kind", "source", "hypothesis", "unit", "starts_on",
    "ends_on", "alpha", "power", "looks", "planned_looks", "end_units", "daily_units", "tags",
    "currency",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Concluded:
    """What a test says at its end, as it was computed, and what people make of it."""

    outcome: str
    sentence: str
    decision: str
    learning: str
    result: Mapping[str, Any] = field(default_factory=dict)
    effect: tuple[float | None, float | None, float | None] = (None, None, None)


def require_own(user: User, experiment: Experiment) -> None:
    """Raise ``NotAllowed`` unless the person may run this experiment."""
    require(user, Act.RUN_EXPERIMENT, team=experiment.team, owner_id=experiment.owner_id)


@transaction.atomic
def experiment_create(
    *,
    team: Team,
    user: User,
    at: datetime,
    arms: Sequence[ArmDesign],
    metrics: Sequence[MetricDesign],
    **fields: Any,
) -> Experiment:
    """Create a draft; ``fields`` are any of ``FIELDS``."""
    owner = fields.pop("owner", None) or user
    require(user, Act.RUN_EXPERIMENT, team=team, owner_id=owner.pk)
    experiment = Experiment(team=team, owner=owner, created_at=at, **_tidy(fields))
    _check(experiment, arms, metrics)
    experiment.save()
    _put_parts(experiment, arms, metrics)
    events.record(
        actor=user.as_actor(),
        action="experiment.created",
        subject=experiment,
        at=at,
        after={"kind": experiment.kind, "arms": [arm.name for arm in arms]},
        team_path=team.path,
    )
    return experiment


@transaction.atomic
def experiment_edit(
    *,
    experiment: Experiment,
    user: User,
    at: datetime,
    arms: Sequence[ArmDesign] | None = None,
    metrics: Sequence[MetricDesign] | None = None,
    version: int | None = None,
    **changes: Any,
) -> Experiment:
    """Change a draft. A sealed plan is not changed: it is opened again first, before the start."""
    current = _locked(experiment)
    require_own(user, current)
    if current.state != State.DRAFT:
        raise Conflict(
            f"The plan of “{current}” is sealed and does not change.",
            remedy="Before the first unit it can be opened again; afterwards plan a new test.",
        )
    if version is not None and version != current.version:
        raise Conflict(f"“{current}” was changed by somebody else while you were editing.")
    stands = design_of(current)
    before = {name: str(getattr(current, name)) for name in changes}
    for name, value in _tidy(changes).items():
        setattr(current, name, value)
    arms, metrics = arms or stands.arms, metrics or stands.metrics
    _check(current, arms, metrics)
    current.version += 1
    current.save()
    if (arms, metrics) != (stands.arms, stands.metrics):
        current.arms.all().delete()
        current.metrics.all().delete()
        _put_parts(current, arms, metrics)
    after = {name: str(getattr(current, name)) for name in changes}
    changed = {name for name in after if before[name] != after[name]}
    _record(
        current, user.as_actor(), "experiment.changed", at,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed} | {"arms": [arm.name for arm in arms]},
    )  # fmt: skip
    return current


@transaction.atomic
def experiment_seal(*, experiment: Experiment, user: User, at: datetime) -> Experiment:
    """Register the plan: from now on only its fingerprint counts. Raises ``Invalid`` when
    something is still to be said."""
    current = _in_state(experiment, State.DRAFT, "sealed")
    require_own(user, current)
    if missing := missing_to_seal(design_of(current)):
        raise Invalid(missing[0], details=[{"where": "", "message": one} for one in missing])
    current.plan = plan_document(current)
    current.plan_sha256 = plan_hash(current.plan)
    current.state, current.sealed_at = State.SEALED, at
    current.sealed_by_name = user.name
    current.save()
    _record(current, user.as_actor(), "experiment.sealed", at, after={"plan": current.plan_sha256})
    return current


@transaction.atomic
def experiment_reopen(*, experiment: Experiment, user: User, at: datetime) -> Experiment:
    """Make a sealed plan a draft again, which is possible until the first unit."""
    current = _in_state(experiment, State.SEALED, "opened again")
    require_own(user, current)
    before = current.plan_sha256
    current.plan, current.plan_sha256, current.sealed_at = {}, "", None
    current.state, current.sealed_by_name = State.DRAFT, ""
    current.save()
    _record(current, user.as_actor(), "experiment.reopened", at, before={"plan": before})
    return current


@transaction.atomic
def experiment_start(*, experiment: Experiment, user: User, at: datetime) -> Experiment:
    """Let the first unit in; the plan cannot change any more."""
    current = _in_state(experiment, State.SEALED, "started")
    require_own(user, current)
    current.state, current.started_at = State.RUNNING, at
    current.save()
    _record(current, user.as_actor(), "experiment.started", at, after={"plan": current.plan_sha256})
    return current


@transaction.atomic
def experiment_stop(
    *,
    experiment: Experiment,
    reason: str,
    at: datetime,
    user: User | None = None,
    actor: Actor | None = None,
) -> Experiment:
    """End a running experiment before it is concluded: by a person, or by its own safeguards."""
    current = _in_state(experiment, State.RUNNING, "stopped")
    if user:
        require_own(user, current)
    if not reason.strip():
        raise Invalid("Say why it is stopped.", where="reason")
    current.state, current.ended_at, current.stop_reason = State.STOPPED, at, reason.strip()
    current.save()
    _record(current, acting(user, actor), "experiment.stopped", at, reason=reason.strip())
    return current


@transaction.atomic
def experiment_conclude(
    *, experiment: Experiment, concluded: Concluded, user: User, at: datetime
) -> Experiment:
    """Keep the verdict as it was computed, with what was learnt and decided."""
    current = _in_state(experiment, (State.RUNNING, State.STOPPED), "concluded")
    require_own(user, current)
    if concluded.decision not in set(ExperimentDecision):
        raise Invalid("Choose what follows from it.", where="decision")
    if not concluded.learning.strip():
        raise Invalid(
            "Write what was learnt, so that nobody has to test it again.", where="learning"
        )
    low_middle_high = concluded.effect
    current.outcome, current.sentence = concluded.outcome, concluded.sentence
    current.result = dict(events.plain(concluded.result))
    current.effect, current.effect_low, current.effect_high = low_middle_high
    current.decision, current.learning = concluded.decision, concluded.learning.strip()
    current.state, current.concluded_at = State.CONCLUDED, at
    current.concluded_by_name = user.name
    current.ended_at = current.ended_at or at
    current.save()
    _record(
        current, user.as_actor(), "experiment.concluded", at,
        after={"outcome": concluded.outcome, "decision": concluded.decision},
        reason=concluded.learning.strip(),
    )  # fmt: skip
    return current


@transaction.atomic
def experiment_archive(*, experiment: Experiment, user: User, at: datetime) -> Experiment:
    """Put a concluded experiment away; its learning stays findable."""
    current = _in_state(experiment, State.CONCLUDED, "archived")
    require_own(user, current)
    current.state, current.archived_at = State.ARCHIVED, at
    current.save()
    _record(current, user.as_actor(), "experiment.archived", at)
    return current


def experiment_step(
    *, experiment: Experiment, step: str, user: User, at: datetime, reason: str = ""
) -> Experiment:
    """Take the step of that name: seal, reopen, start, stop (with its reason) or archive."""
    steps = {
        "seal": experiment_seal,
        "reopen": experiment_reopen,
        "start": experiment_start,
        "archive": experiment_archive,
    }
    if step == "stop":
        return experiment_stop(experiment=experiment, user=user, reason=reason, at=at)
    if step not in steps:
        raise Invalid("That is no step of an experiment.", where="step")
    return steps[step](experiment=experiment, user=user, at=at)


@transaction.atomic
def arm_spends_set(
    *, experiment: Experiment, spends: Mapping[str, int | None], user: User, at: datetime
) -> None:
    """Say what treating each arm cost, in micros of the experiment's currency."""
    current = _locked(experiment)
    require_own(user, current)
    arms = {arm.name: arm for arm in current.arms.all()}
    changed = {n: v for n, v in spends.items() if n in arms and arms[n].spend_micros != v}
    if not changed:
        return
    for name, value in changed.items():
        arms[name].spend_micros = value
        arms[name].save(update_fields=["spend_micros"])
    _record(current, user.as_actor(), "experiment.spend_set", at, after=dict(changed))


def _tidy(fields: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise Invalid(f"{', '.join(sorted(unknown))} cannot be set here.")
    tidy = dict(fields)
    if "tags" in tidy:
        words = (str(tag).strip().lower()[:40] for tag in tidy["tags"])
        tidy["tags"] = list(dict.fromkeys(word for word in words if word))[:12]
    return tidy


def _check(
    experiment: Experiment, arms: Sequence[ArmDesign], metrics: Sequence[MetricDesign]
) -> None:
    if experiment.ends_on < experiment.starts_on:
        raise Invalid("The test ends before it starts.", where="ends_on")
    check_design(
        Design(
            experiment.kind, experiment.source, experiment.looks, experiment.end_units,
            experiment.planned_looks, arms, metrics,
        )
    )  # fmt: skip
    clean(experiment)


def _put_parts(
    experiment: Experiment, arms: Sequence[ArmDesign], metrics: Sequence[MetricDesign]
) -> None:
    Arm.objects.bulk_create(
        Arm(
            experiment=experiment,
            position=place,
            name=arm.name.strip(),
            weight=arm.weight,
            levels=dict(arm.levels),
            line_id=arm.line_id,
            creative_id=arm.creative_id,
            segment_id=arm.segment_id,
        )
        for place, arm in enumerate(arms)
    )
    tidy = [replace(one, name=one.name.strip()) for one in metrics]
    ExperimentMetric.objects.bulk_create(
        ExperimentMetric(
            experiment=experiment,
            position=place,
            **{name: getattr(one, name) for name in MetricDesign.__slots__},
        )
        for place, one in enumerate(tidy)
    )


def _locked(experiment: Experiment) -> Experiment:
    return (
        Experiment.objects.select_for_update(of=("self",))
        .select_related("team")
        .get(pk=experiment.pk)
    )


def _in_state(experiment: Experiment, wanted: State | tuple[State, ...], verb: str) -> Experiment:
    """The locked record; ``Conflict`` when it is not where this step begins."""
    current = _locked(experiment)
    states = wanted if isinstance(wanted, tuple) else (wanted,)
    if current.state not in states:
        raise Conflict(
            f"“{current}” is {current.get_state_display().lower()} and cannot be {verb}."
        )
    return current


def _record(
    experiment: Experiment,
    actor: Actor,
    action: str,
    at: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    events.record(
        actor=actor,
        action=action,
        subject=experiment,
        at=at,
        before=before,
        after=after,
        reason=reason,
        team_path=experiment.team.path,
        live=["experiments", f"experiment:{experiment.pk}"],
    )
