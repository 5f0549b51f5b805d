"""Training a model anew: by a worker, by command or by schedule; each makes one more version."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.choices import Act
from accounts.models import Team, User
from core import events, outbox
from core.errors import AdroitError, Invalid
from core.events import AUTOMATION
from core.models import OutboxItem
from insights.models import ModelVersion
from insights.permissions import require_reach
from insights.selectors.versions import TRAIN
from insights.services.versions import Trained, version_add

# How far a training is: steps done, steps in all, and what is being done.
Say = Callable[[int, int, str], None]
# Trains on what a team and all below it knew at a moment. Raises nothing when data is too thin:
# that is a ``Trained`` with a reason.
Trainer = Callable[[Team, datetime, Say], Trained]
OPEN = (OutboxItem.State.PENDING, OutboxItem.State.RUNNING)

_trainers: dict[str, Trainer] = {}


def register_trainer(kind: str, trainer: Trainer) -> None:
    """Say how a kind of model is trained; called from ``AppConfig.ready()``."""
    _trainers[kind] = trainer


def trainable() -> list[tuple[str, str]]:
    """The kinds that can be trained, each with its name."""
    return [(kind, label) for kind, label in ModelVersion.Kind.choices if kind in _trainers]


def silent(done: int, total: int, note: str) -> None:
    """Nobody watches."""


def model_train(
    *,
    kind: str,
    team: Team,
    user: User | None,
    at: datetime,
    say: Say = silent,
    work: int | None = None,
) -> ModelVersion:
    """Train on what is known at a moment and register the version; ``work`` names the job once."""
    if kind not in _trainers:
        raise Invalid(
            f"Nobody knows how to train “{kind}”.",
            where="kind",
            remedy="Choose one of " + ", ".join(name for name, _ in trainable()) + ".",
        )
    made = ModelVersion.objects.filter(kind=kind, team=team, params__work=work).first()
    if work is not None and made:
        return made
    trained = _trainers[kind](team, at, say)
    if work is not None:
        trained = replace(trained, params={**trained.params, "work": work})
    return version_add(kind=kind, team=team, trained=trained, user=user, at=at)


@transaction.atomic
def train_request(*, kind: str, team: Team, user: User, at: datetime) -> OutboxItem:
    """Ask a worker to train; asking again while it is at it gives the same work.

    Raises ``NotAllowed`` when the person may train for no team that the model speaks of.
    """
    require_reach(user, Act.RUN_MODELS, team)
    if kind not in dict(trainable()):
        raise Invalid("This kind of model cannot be trained here.", where="kind")
    return _ordered(kind, team, user, at)


def _ordered(kind: str, team: Team, user: User | None, at: datetime, why: str = "") -> OutboxItem:
    wanted = {"kind": kind, "team": team.pk}
    open_ones = OutboxItem.objects.filter(kind=TRAIN, state__in=OPEN, payload__contains=wanted)
    if same := open_ones.first():
        return same
    label = ModelVersion.Kind(kind).label
    item = outbox.enqueue(
        TRAIN,
        f"train:{kind}:{team.pk}:{at.isoformat()}",
        {**wanted, "user": user.pk if user else None, "title": f"{label}, {team.name}"},
        at=at,
    )
    events.record(
        actor=user.as_actor() if user else AUTOMATION, action="model.training_asked", subject=item,
        at=at, after=wanted, reason=why, team_path=team.path, live=["models"],
    )  # fmt: skip
    return item


@transaction.atomic
def train_order(*, kind: str, team: Team, why: str, at: datetime) -> OutboxItem:
    """Have a model trained without anybody asking, for the reason given."""
    return _ordered(kind, team, None, at, why)


def train_item(item: OutboxItem, now: datetime) -> dict[str, Any]:
    """Outbox handler: ``{"version": number}``, or why there is none in ``refused`` and ``remedy``."""
    wanted = item.payload
    try:
        made = model_train(
            kind=wanted["kind"],
            team=Team.objects.get(pk=wanted["team"]),
            user=User.objects.filter(pk=wanted["user"]).first(),
            at=now,
            say=lambda done, total, note: outbox.progress(item, done, total, note, now=now),
            work=item.pk,
        )
    except AdroitError as error:
        return {"refused": error.message, "remedy": error.remedy}
    return {"version": made.pk}


def train_weekly(*, now: datetime) -> dict[str, int]:
    """Schedule: every kind and team that has a model gets a fresh challenger."""
    held = ModelVersion.objects.filter(kind__in=_trainers).values_list("kind", "team").distinct()
    teams = Team.objects.in_bulk({team for _, team in held})
    for kind, team in sorted(held):
        train_order(kind=kind, team=teams[team], why="Every week", at=now)
    return {"ordered": len(held)}
