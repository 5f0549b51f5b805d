"""Pages of insights: recommendations, efficiency and competitors."""

from insights.views.competitors import competitor_edit, competitor_new, competitors
from insights.views.efficiency import efficiency
from insights.views.maturity import maturity
from insights.views.recommendations import dismiss, recommendation, recommendations

__all__ = [
    "competitor_edit",
    "competitor_new",
    "competitors",
    "dismiss",
    "efficiency",
    "maturity",
    "recommendation",
    "recommendations",
]
