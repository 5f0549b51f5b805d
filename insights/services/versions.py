"""The model registry: training adds a version, and only one of a kind is in use for a team."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from accounts.models import Team, User
from core import events
from core.errors import Conflict
from core.events import AUTOMATION, Actor
from insights.models import ModelVersion
from metrics.models import Batch

State = ModelVersion.State


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training made; ``sha256`` is of exactly the rows it read, ``reason`` why it made none."""

    sha256: str
    rows: int
    batch: Batch | None
    known_at: datetime
    params: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, Any] = field(default_factory=dict)
    record: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    cpu_seconds: float | None = None


@transaction.atomic
def version_add(
    *, kind: str, team: Team, trained: Trained, user: User | None, at: datetime
) -> ModelVersion:
    """Register what was trained: the first that works is in use at once, later ones challenge it.

    Where one was benched or retired, too, a later one waits until somebody decides on it.
    """
    _one_at_a_time(kind, team)
    same = ModelVersion.objects.filter(kind=kind, team=team)
    is_first = not trained.reason and not same.exclude(state=State.CHALLENGER).exists()
    version = ModelVersion.objects.create(
        kind=kind,
        team=team,
        number=(same.aggregate(last=Max("number"))["last"] or 0) + 1,
        state=State.CHAMPION if is_first else State.CHALLENGER,
        state_reason="The first that works" if is_first else "",
        state_at=at,
        batch=trained.batch,
        known_at=trained.known_at,
        data_sha256=trained.sha256,
        rows=trained.rows,
        params=dict(trained.params),
        scores=dict(trained.scores),
        record=dict(trained.record),
        reason=trained.reason,
        trained_at=at,
        trained_by=user,
        cpu_seconds=trained.cpu_seconds,
    )
    events.record(
        actor=user.as_actor() if user else AUTOMATION,
        action="model.trained",
        subject=version,
        at=at,
        after={"state": version.state, "rows": version.rows, "scores": version.scores},
        team_path=team.path,
        live=["models"],
    )
    return version


@transaction.atomic
def version_move(
    *,
    version: ModelVersion,
    state: str,
    reason: str,
    actor: Actor,
    at: datetime,
    request_id: int | None = None,
) -> ModelVersion:
    """Put a version into use, bench or retire it; the one that was in use before is retired.

    Raises ``Conflict`` for a version without a model.
    """
    _one_at_a_time(version.kind, version.team)
    version.refresh_from_db()
    if state == State.CHAMPION and version.reason:
        raise Conflict(
            f"{version} has no model: its data was too thin.",
            code="no_model",
            remedy="Train it again when there is more data.",
        )
    before = version.state
    if state == State.CHAMPION:
        _retire_other(version, actor, at)
    version.state, version.state_reason, version.state_at = state, reason, at
    version.request_id = request_id or version.request_id
    version.save(update_fields=["state", "state_reason", "state_at", "request_id"])
    events.record(
        actor=actor,
        action="model.moved",
        subject=version,
        at=at,
        reason=reason,
        before={"state": before},
        after={"state": state},
        team_path=version.team.path,
        live=["models"],
    )
    return version


def _retire_other(version: ModelVersion, actor: Actor, at: datetime) -> None:
    other = (
        ModelVersion.objects.filter(kind=version.kind, team=version.team, state=State.CHAMPION)
        .exclude(pk=version.pk)
        .first()
    )
    if other:
        version_move(
            version=other, state=State.RETIRED, reason=f"{version} took its place", actor=actor, at=at
        )  # fmt: skip


def _one_at_a_time(kind: str, team: Team) -> None:
    """Until the transaction ends, nobody else numbers or moves versions of a kind and team."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", [kind, team.pk])
