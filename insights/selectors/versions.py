"""Which model is in use, which there are, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts.models import Team, User
from core import formats
from core.models import Event, OutboxItem
from insights.models import ModelVersion, ModelVersionQuerySet
from insights.models.versions import paths_up

TRAIN = "insights.train"


def champion_of(kind: str, team: Team) -> ModelVersion | None:
    """The model in use for a team: its own, else that of the nearest team above it."""
    found = ModelVersion.objects.filter(
        kind=kind, state=ModelVersion.State.CHAMPION, team__path__in=paths_up(team.path)
    ).select_related("team")
    return max(found, key=lambda one: len(one.team.path), default=None)


def versions_for(user: User) -> ModelVersionQuerySet:
    """Every version the person may see, by kind, the newest first."""
    return ModelVersion.objects.for_user(user).select_related("team", "trained_by", "batch")


def beside(version: ModelVersion) -> ModelVersion | None:
    """The version in use for the same team and kind, when it is another one."""
    same = ModelVersion.objects.filter(kind=version.kind, team=version.team)
    return same.filter(state=ModelVersion.State.CHAMPION).exclude(pk=version.pk).first()


def history_of(version: ModelVersion) -> list[Event]:
    """What happened to a version, the newest first."""
    return list(
        Event.objects.filter(
            subject_type=version._meta.label_lower, subject_id=str(version.pk)
        ).order_by("-id")
    )


def trainings_of(user: User) -> QuerySet[OutboxItem]:
    """The trainings this person asked for, whatever became of them."""
    return OutboxItem.objects.filter(kind=TRAIN, payload__user=user.pk)


@dataclass(frozen=True, slots=True)
class Measured:
    """One score of a version beside that of another; ``better`` None where neither is."""

    key: str
    label: str
    value: Any
    other: Any = None
    better: bool | None = None


# What scores are called, and whether more is better; what is not here is shown as it is named.
SCORES: Mapping[str, tuple[str, bool | None]] = {
    "mase": ("Error, in seasonal differences (MASE)", False),
    "naive_mase": ("The same of the seasonal naive", None),
    "skill": ("Better than the seasonal naive by", True),
    "coverage80": ("Inside the 80 % range", None),
    "coverage95": ("Inside the 95 % range", None),
    "direction": ("Direction right", True),
    "auc": ("Area under the curve (AUC)", True),
    "brier": ("Brier score", False),
    "calibration_error": ("Calibration error", False),
    "ece": ("Calibration error", False),
    "log_loss": ("Log loss", False),
    "lift": ("Lift of the top tenth", True),
    "top_decile_lift": ("Lift of the top tenth", True),
    "n": ("Cases", None),
    "error_30_days": ("Error of the 30-day total", False),
    "naive_error_30_days": ("The same of the seasonal naive", None),
}


def measured(version: ModelVersion, other: ModelVersion | None = None) -> list[Measured]:
    """The scores of a version one by one, beside those of another that were reached alike."""
    theirs = dict(_flat(scores_beside(version, other))) if other else {}
    found = [_beside(key, value, theirs.get(key)) for key, value in _flat(version.scores)]
    return sorted(found, key=_order)


def _order(one: Measured) -> tuple[list[tuple[int, str]], int]:
    """Level by level and day by day, the error first."""
    *path, last = one.key.split(".")
    places = [(int(part) if part.isdigit() else 0, part) for part in path]
    known = list(SCORES)
    return places, known.index(last) if last in known else len(known)


def scores_beside(version: ModelVersion, other: ModelVersion) -> Mapping[str, Any]:
    """What another reached: on the very cases of this version where its training noted it."""
    noted = version.record.get("in_use") or {}
    found: Mapping[str, Any] = noted["scores"] if noted.get("version") == other.pk else other.scores
    return found


def _beside(key: str, value: Any, other: Any) -> Measured:
    *path, last = key.split(".")
    label, more_is_better = SCORES.get(last, (last.replace("_", " ").capitalize(), None))
    place = ", ".join(_place(part) for part in path)
    told = f"{label}, {place}" if place else label
    better = None
    if more_is_better is not None and _is_number(value) and _is_number(other) and value != other:
        better = (value > other) == more_is_better
    return Measured(key, told, value, other, better)


def _place(part: str) -> str:
    """``7`` of horizons in words."""
    return f"{part} days ahead" if part.isdigit() else part.replace("_", " ")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _flat(scores: Mapping[str, Any], before: str = "") -> list[tuple[str, Any]]:
    """Nested scores as ``horizons.7.mase``; lists and texts are left to those who know them."""
    found: list[tuple[str, Any]] = []
    for key, value in scores.items():
        name = f"{before}{key}"
        if isinstance(value, Mapping):
            found += _flat(value, f"{name}.")
        elif _is_number(value) or value is None:
            found.append((name, value))
    return found


def calibration_of(version: ModelVersion) -> Sequence[Mapping[str, Any]]:
    """What was said against what came, tenth by tenth, where the record has it."""
    for holder in (version.scores, version.record):
        found = holder.get("calibration")
        if isinstance(found, list):
            return found
    return []


# Scores that are shares, by the end of their name.
SHARES = ("skill", "coverage80", "coverage95", "direction", "error_30_days", "_accuracy")


def score_text(value: Any, key: str = "") -> str:
    """A score as people read it: a share as such, else three digits, a count in full."""
    if value is None:
        return formats.NOTHING
    if key.endswith(SHARES):
        return formats.percent(value)
    if isinstance(value, int):
        return formats.number(value)
    return f"{value:.3f}".replace("-", "−")


# The score that stands for all: the first of these that a version has.
HEADLINES = (
    ("30.mase", "MASE {} at 30 days"),
    ("auc", "AUC {}"),
    ("wmape", "error {}"),
    ("mase", "MASE {}"),
    ("skill", "skill {}"),
)


def headline(version: ModelVersion) -> str:
    """The one score people compare versions by, in words; empty when there is none."""
    found = dict(_flat(version.scores))
    for end, words in HEADLINES:
        for key, value in found.items():
            if f".{key}".endswith(f".{end}") and _is_number(value):
                return words.format(f"{value:.2f}".replace("-", "−"))
    return ""
