"""Why a metric changed between two periods, in parts that add up to the change.

tree   volume, rate and mix, segment by segment, the dimension that says most first
chain  the steps of a funnel (spend, clicks, conversions, revenue)
risks  what may happen, ranked by what it would cost
"""

from analytics.drivers.chain import chain
from analytics.drivers.results import Driver, Link, RankedRisk, Risk
from analytics.drivers.risks import rank_risks
from analytics.drivers.tree import OTHER, Cells, explain

__all__ = [
    "OTHER",
    "Cells",
    "Driver",
    "Link",
    "RankedRisk",
    "Risk",
    "chain",
    "explain",
    "rank_risks",
]
