"""What a split stands on: whose curves, of which result, for which period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from accounts.models import Team, User
from core.periods import Period
from insights.models import AllocationPlan
from insights.selectors.allocation import Basis, basis_of, team_named
from insights.selectors.allocation_money import periods_to_plan
from insights.selectors.response import Board, board_of, response_versions, teams_of


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The team and period asked for, else the first that can be; what can be chosen stands beside.

    ``basis`` is None where no channel has a curve.
    """

    user: User
    teams: Sequence[Team]
    team: Team | None
    board: Board
    periods: Sequence[Period]
    period: Period
    basis: Basis | None


def ground_of(
    user: User, *, today: date, team: str = "", metric: str = "", period: str = ""
) -> Ground:
    """Curves in use and plan, as far as the person sees money."""
    versions = response_versions(user)
    teams = teams_of(versions, user)
    chosen = team_named(teams, team)
    board = board_of(versions, chosen, metric, day=today)
    periods = periods_to_plan(today)
    found = next((one for one in periods if one.key == period), periods[0])
    return Ground(user, teams, chosen, board, periods, found, basis_of(user, board, found))


def plans_for(user: User) -> list[AllocationPlan]:
    """Kept splits of teams whose money the person sees, the newest first."""
    return list(AllocationPlan.objects.for_user(user).select_related("team", "made_by"))
