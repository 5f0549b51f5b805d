"""Returns by channel as attribution models see them, for the robustness of a split."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from analytics.allocation import Returns, returns_of_credits
from analytics.response import Curves
from insights.models import AttributionRun
from insights.selectors.response import Board

# Of a split's channels so many must have been met in journeys, or models say nothing of it.
ENOUGH = 0.75


def credits_of(board: Board, curves: Curves) -> Mapping[str, Returns]:
    """Model -> unit -> return on spend, from the team's newest attribution; empty without one.

    Credits are by channel, so they say something only where every unit is a channel of its own; a
    channel that no journey met has none.
    """
    names = {unit.key: unit.channel_name for unit in board.read if unit.key in curves.names}
    if board.team is None or len(set(names.values())) < len(names):
        return {}
    run = AttributionRun.objects.filter(team=board.team, reason="").first()
    if run is None:
        return {}
    met = {name: place for place, name in enumerate(run.record["channels"])}
    if sum(name in met for name in names.values()) < ENOUGH * len(names):
        return {}
    found = {}
    for model, told in run.record["models"].items():
        credit = {k: told["value"][met[name]] if name in met else 0 for k, name in names.items()}
        with suppress(ValueError):
            found[model] = returns_of_credits(curves, credit)
    return found
