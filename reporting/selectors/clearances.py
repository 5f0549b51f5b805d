"""Up to which classification people may take documents away."""

from __future__ import annotations

from accounts.choices import Role
from accounts.models import User
from core.classification import ORDER, Level, is_cleared, level_of
from core.errors import NotAllowed
from reporting.choices import CLEARED_AT_FIRST
from reporting.models import Clearance


def clearances() -> dict[Role, Level]:
    """Every role with the highest level it may export."""
    decided = {Role(row.role): Level(row.highest) for row in Clearance.objects.all()}
    return {**CLEARED_AT_FIRST, **decided}


def highest_of(user: User) -> Level:
    """The highest level of a person's roles."""
    known = clearances()
    held = [known[Role(role)] for role in user.roles]
    return max(held, key=ORDER.index, default=Level.PUBLIC)


def may_take(user: User, label: str) -> bool:
    """Whether a person may take a document of this label away."""
    return is_cleared(highest_of(user), label)


def require_cleared(user: User, label: str) -> None:
    """Raise ``NotAllowed`` unless the person may take a document of this label away."""
    if not may_take(user, label):
        raise NotAllowed(
            f"This is classified “{label}”; your role may take documents away up to "
            f"“{highest_of(user).label}”.",
            code="classified",
            where=level_of(label).label,
            remedy="Read it on the page, or ask an executive or a director for the file.",
        )
