"""A synthetic market whose truth is known: pure numpy, the same bytes for the same seed.

`simulate` returns a company with teams, campaigns, plans, targets and a log of changes, and the
facts its platforms would report, final or as known on any day. What was planted stands in
`Market.truth`, apart from everything the company can see.
"""

from demo.market.model import MEASURES, Facts, Market
from demo.market.simulation import simulate

__all__ = ["MEASURES", "Facts", "Market", "simulate"]
