"""Which touches on the way to a conversion get the credit, by nine models side by side.

touches    what happened, and what is left out, grouped, joined or rolled up first
windows    touches and conversions to paths, with a lookback
paths      journeys as flat arrays, and from texts like "search > e-mail"
shares     the models that share out each path: first to time decay, and Shapley
chain      the journeys as an absorbing Markov chain, in closed form
models     all models at once, their disagreement, credit in whole cents
stability  how firmly the shares stand when journeys are drawn anew
journeys   top paths, steps, time to convert, funnel, what comes next, links of a Sankey
"""

from analytics.attribution.flows import funnel, links
from analytics.attribution.journeys import next_steps, steps, top_paths
from analytics.attribution.models import Settings, attribute, disagreement, ranges, whole_units
from analytics.attribution.paths import Paths, paths_from_texts
from analytics.attribution.results import Attribution, Credit
from analytics.attribution.shares import Position
from analytics.attribution.stability import stability
from analytics.attribution.touches import (
    Conversions,
    How,
    Touches,
    accounts,
    grouped,
    joined,
    without,
)
from analytics.attribution.windows import USUAL, WHOLE, Lookback, paths_by_kind, paths_from_touches

__all__ = [
    "USUAL",
    "WHOLE",
    "Attribution",
    "Conversions",
    "Credit",
    "How",
    "Lookback",
    "Paths",
    "Position",
    "Settings",
    "Touches",
    "accounts",
    "attribute",
    "disagreement",
    "funnel",
    "grouped",
    "joined",
    "links",
    "next_steps",
    "paths_by_kind",
    "paths_from_texts",
    "paths_from_touches",
    "ranges",
    "stability",
    "steps",
    "top_paths",
    "whole_units",
    "without",
]
