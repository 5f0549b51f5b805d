"""Stage history out of exports that only know today's stage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from accounts.models import Team
from customers.choices import Outcome
from customers.models import Opportunity, StageEntry

_WON = ("closed won", "closedwon", "won", "gewonnen", "gagné", "ganado")
_LOST = ("closed lost", "closedlost", "lost", "verloren", "perdu", "perdido")


def outcome_of(stage: str) -> str:
    """Open, won or lost, by the words of a stage; unknown words are open."""
    words = stage.casefold()
    if any(words == known or words.endswith(f" {known}") for known in _LOST):
        return Outcome.LOST
    if any(words == known or words.endswith(f" {known}") for known in _WON):
        return Outcome.WON
    return Outcome.OPEN


def stage_rows(
    moved: Iterable[Opportunity], team: Team, system: str, at: datetime
) -> dict[str, Mapping[str, Any]]:
    """The entry each opportunity made now, and the end of the one before, as rows by number.

    The first stage that is seen counts from the day the deal was created: when it was entered
    is not in the export, and it cannot have been earlier.
    """
    deals = {deal.number: deal for deal in moved if deal.stage}
    current = {
        entry.opportunity_ref: entry
        for entry in StageEntry.objects.filter(
            team=team, system=system, opportunity_ref__in=list(deals), left_at=None
        )
    }
    rows: dict[str, Mapping[str, Any]] = {}
    for number, deal in deals.items():
        before = current.get(number)
        if before and before.stage == deal.stage:
            continue
        if before:
            rows[before.number] = {"number": before.number, "left_at": max(at, before.entered_at)}
        entered = at if before else min(deal.created_at or at, at)
        key = f"{number}@{entered:%Y%m%dT%H%M%S}"
        rows[key] = {
            "number": key,
            "opportunity_ref": number,
            "stage": deal.stage,
            "pipeline": deal.pipeline,
            "entered_at": entered,
        }
    return rows
