"""Reading findings, recommendations and maturity curves."""

from insights.selectors.dependents import concluded_from
from insights.selectors.findings import findings_for, recommendations_for
from insights.selectors.maturity import (
    PlatformGrowth,
    curve_of,
    curves_known,
    days_growing,
    growth_known,
)
from insights.selectors.outlook import Outlook, outlook

__all__ = [
    "Outlook",
    "PlatformGrowth",
    "concluded_from",
    "curve_of",
    "curves_known",
    "days_growing",
    "findings_for",
    "growth_known",
    "outlook",
    "recommendations_for",
]
