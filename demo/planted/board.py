"""Every planted thing beside what its engine says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.models import User
from demo.planted import learnt, stories
from demo.planted.rows import Row

_PARTS = (
    stories.delays,
    stories.changes,
    stories.falling,
    stories.overspending,
    stories.outage,
    learnt.curves,
    learnt.journeys,
    learnt.experiments,
    learnt.chances,
)


def planted_rows(kept: Mapping[str, Any], user: User, now: datetime) -> list[Row]:
    """The rows that one person may see; ``kept`` is the truth as it was written."""
    return [row for part in _PARTS for row in part(kept, user, now)]
