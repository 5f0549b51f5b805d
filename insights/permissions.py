"""Who may train a model, and ask for it to be put in use."""

from __future__ import annotations

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import may, require, teams_with


def reach(user: User, act: Act, team: Team) -> Team | None:
    """For which team a person may do ``act`` to a model of ``team``.

    The team itself, else the highest of theirs below it: a model of the company speaks of their
    teams as well.
    """
    if may(user, act, team=team):
        return team
    below = [one for one in teams_with(user, act) if one.path.startswith(team.path)]
    return min(below, key=lambda one: len(one.path), default=None)


def require_reach(user: User, act: Act, team: Team) -> Team:
    """The same; raises ``NotAllowed`` where there is none."""
    found = reach(user, act, team)
    if found is None:
        require(user, act, team=team)
    return found or team
