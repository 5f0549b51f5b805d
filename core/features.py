"""Features that an organisation switches on when it is ready for them.

An app registers its features from ``AppConfig.ready()`` and asks ``is_on`` where the
feature would act. Levels follow the specification: 1 by hand, 2 advice, 3 automation with
approval, 4 automation within limits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from core import events
from core.errors import Invalid
from core.events import Actor
from core.models import FeatureSwitch


@dataclass(frozen=True, slots=True)
class Feature:
    """Something that can be switched; ``text`` says in a sentence what it does."""

    key: str
    label: str
    text: str
    level: int
    default: bool = True


_features: dict[str, Feature] = {}


def register(feature: Feature) -> None:
    """Make a feature known."""
    _features[feature.key] = feature


def known() -> list[Feature]:
    """Every feature, the lower levels first."""
    return sorted(_features.values(), key=lambda feature: (feature.level, feature.label))


def feature_of(key: str) -> Feature:
    """The feature of a key; raises ``Invalid`` for any other."""
    try:
        return _features[key]
    except KeyError as error:
        raise Invalid(f"“{key}” is not a feature that can be switched.", where="feature") from error


def is_on(key: str) -> bool:
    """Whether a feature acts now."""
    row = FeatureSwitch.objects.filter(key=key).first()
    return row.is_on if row else feature_of(key).default


@transaction.atomic
def switch(
    key: str, is_on: bool, *, actor: Actor, reason: str, at: datetime, request_id: int | None = None
) -> FeatureSwitch:
    """Set a feature; the rights are checked by whoever calls it."""
    feature = feature_of(key)
    row, _ = FeatureSwitch.objects.update_or_create(
        key=key,
        defaults={
            "is_on": is_on, "changed_at": at, "changed_by": actor.name, "request_id": request_id,
        },
    )  # fmt: skip
    events.record(
        actor=actor, action=f"feature.{'on' if is_on else 'off'}", subject=row, at=at,
        after={"feature": feature.label}, reason=reason, live=["features"],
    )  # fmt: skip
    return row
