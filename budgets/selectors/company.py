"""Whose matter the books as a whole are."""

from __future__ import annotations

from accounts.models import Team
from core.errors import Invalid


def whole_company() -> Team:
    """The team at the top: what concerns all books belongs to it."""
    team = Team.objects.filter(parent=None).order_by("pk").first()
    if team is None:
        raise Invalid(
            "There is no team yet.", remedy="An administrator sets up the organisation first."
        )
    return team
