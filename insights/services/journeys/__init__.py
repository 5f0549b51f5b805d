"""Attribution and journeys: runs over a team's touches, and what they keep."""

from insights.rules.attribution import Asked
from insights.services.journeys.lifetime import lifetime_run
from insights.services.journeys.nightly import analyses_nightly
from insights.services.journeys.orders import (
    LIFETIME,
    OPEN,
    analysis_order,
    analysis_work,
    plan_for,
    plan_set,
)
from insights.services.journeys.results import DAY_BINS
from insights.services.journeys.runs import attribution_run

__all__ = [
    "DAY_BINS",
    "LIFETIME",
    "OPEN",
    "Asked",
    "analyses_nightly",
    "analysis_order",
    "analysis_work",
    "attribution_run",
    "lifetime_run",
    "plan_for",
    "plan_set",
]
