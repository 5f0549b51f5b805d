"""Stopping and starting what happens by itself, and the features people switch on."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import require, teams_with
from approvals.models import ChangeRequest
from approvals.services import request_create
from automation.choices import FEATURE, RELEASE
from core import features, killswitch
from core.errors import Conflict, Invalid
from core.features import Feature
from core.models import FeatureSwitch


@transaction.atomic
def everything_stop(*, user: User, reason: str, at: datetime) -> None:
    """Throw the kill switch: at once, by one person. Raises ``Conflict`` when it is on already."""
    require(user, Act.KILL_SWITCH_ON)
    because = reason.strip() or "No reason given."
    if not killswitch.throw(actor=user.as_actor(), reason=because, at=at):
        raise Conflict("Everything is stopped already.", code="stopped")


@transaction.atomic
def release_ask(*, user: User, reason: str, at: datetime) -> ChangeRequest:
    """Ask to switch it off again; another executive or director confirms."""
    if not killswitch.is_on():
        raise Conflict("Nothing is stopped.", code="not_stopped")
    return request_create(
        user=user, kind=RELEASE, payload={}, title="Start again what happens by itself",
        reason=reason, evidence={}, at=at,
    )  # fmt: skip


@transaction.atomic
def feature_off(*, user: User, key: str, reason: str, at: datetime) -> FeatureSwitch:
    """Switch a feature off: the safe direction, one person with the right to activate."""
    require(user, Act.ACTIVATE_RULE)
    feature = features.feature_of(key)
    if not features.is_on(key):
        raise Conflict(f"{feature.label} is off already.")
    if not reason.strip():
        raise Invalid("Say why.", where="reason")
    return features.switch(key, False, actor=user.as_actor(), reason=reason.strip(), at=at)


@transaction.atomic
def feature_ask(*, user: User, key: str, reason: str, at: datetime) -> ChangeRequest:
    """Ask to switch a feature on; an executive, not the asker, decides."""
    feature: Feature = features.feature_of(key)
    if features.is_on(key):
        raise Conflict(f"{feature.label} is on already.")
    team = next(iter(teams_with(user, Act.DRAFT_RULE)), None)
    if team is None:
        require(user, Act.DRAFT_RULE)
        raise Invalid("You belong to no team that could ask for it.")
    payload = {"feature": key, "team": team.pk}
    return request_create(
        user=user, kind=FEATURE, payload=payload, title=f"Switch on: {feature.label}",
        reason=reason, evidence={"What it does": feature.text, "Level": str(feature.level)}, at=at,
    )  # fmt: skip
