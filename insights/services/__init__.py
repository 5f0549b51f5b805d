"""What insights does: checks, findings, recommendations."""

from insights.services.checks import daily_check
from insights.services.findings import Found, findings_sync
from insights.services.listeners import CHANGED, ENDED, OPENED, register_listener
from insights.services.outcomes import (
    advice_expire,
    note_request,
    recommendation_dismiss,
    recommendation_proposed,
)
from insights.services.proposals import editing_url, recommendation_propose
from insights.services.recommendations import recommend_for
from insights.services.verdicts import measure_verdicts, verdict_ready_on

__all__ = [
    "CHANGED",
    "ENDED",
    "OPENED",
    "Found",
    "advice_expire",
    "daily_check",
    "editing_url",
    "findings_sync",
    "measure_verdicts",
    "note_request",
    "recommend_for",
    "recommendation_dismiss",
    "recommendation_propose",
    "recommendation_proposed",
    "register_listener",
    "verdict_ready_on",
]
