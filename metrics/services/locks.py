"""Who may write the facts of a team at the same time: one."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

# Also used by the triggers of migration 0003.
LOCK_CLASS = 7_402_412


def lock_teams(team_ids: Iterable[int]) -> None:
    """Wait until nobody else writes facts of these teams, until the transaction ends.

    Channel roll-ups are shared by the lines of a team, so two loads into one team take
    turns. Locks are taken in the order of the teams' numbers: two loads never wait for
    each other.
    """
    with connection.cursor() as cursor:
        for team_id in sorted(set(team_ids)):
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_CLASS, team_id])
