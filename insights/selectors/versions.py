"""Which model is in use."""

from __future__ import annotations

from accounts.models import Team
from insights.models import ModelVersion


def champion_of(kind: str, team: Team) -> ModelVersion | None:
    """The model in use for a team: its own, else that of the nearest team above it."""
    found = ModelVersion.objects.filter(
        kind=kind, state=ModelVersion.State.CHAMPION, team__path__in=_paths_up(team.path)
    ).select_related("team")
    return max(found, key=lambda one: len(one.team.path), default=None)


def _paths_up(path: str) -> list[str]:
    """``0001/0004/`` -> ``0001/``, ``0001/0004/``."""
    numbers = path.strip("/").split("/")
    return ["/".join(numbers[: n + 1]) + "/" for n in range(len(numbers))]
