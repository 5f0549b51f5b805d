"""When a campaign's results have become dearer by more than noise."""

from __future__ import annotations

from analytics.efficiency import CostChange

# A quarter dearer within a week is beyond what auctions and weekdays do; below it people would be
# called for every dear weekend.
WORSE = 0.25
# Told when the whole 95 % range is dearer, held while half of it is left.
LEVEL = 0.95


def is_dearer(change: CostChange, *, is_held: bool = False) -> bool:
    """Whether the cost per result rose by more than is tolerated, beyond noise."""
    if change.value is None or change.interval is None:
        return False
    if is_held:
        return change.value > WORSE / 2
    return change.value > WORSE and change.interval.low > 0
