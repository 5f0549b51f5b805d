"""Response curves: what past spend brought, and what more or less of it would bring."""

from analytics.response.curves import Curves, curves_restored, curves_stored, named_row
from analytics.response.fit import fit_response
from analytics.response.market import Market
from analytics.response.priors import Experiment
from analytics.response.reshape import merged, scaled, side_by_side
from analytics.response.results import ChannelResponse, Quality, ResponseFit

__all__ = [
    "ChannelResponse",
    "Curves",
    "Experiment",
    "Market",
    "Quality",
    "ResponseFit",
    "curves_restored",
    "curves_stored",
    "fit_response",
    "merged",
    "named_row",
    "scaled",
    "side_by_side",
]
