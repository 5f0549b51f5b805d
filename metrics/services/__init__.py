"""Everything that changes numbers: loading and undoing facts, segments, targets."""

from metrics.selectors.labels import register_labels
from metrics.selectors.rates import Rate, register_rates
from metrics.services.loading import LoadResult, Progress, facts_load
from metrics.services.segments import segment_ensure
from metrics.services.targets import (
    campaign_needs_target,
    target_edit,
    target_retire,
    target_set,
)
from metrics.services.undo import batch_undo

__all__ = [
    "LoadResult",
    "Progress",
    "Rate",
    "batch_undo",
    "campaign_needs_target",
    "facts_load",
    "register_labels",
    "register_rates",
    "segment_ensure",
    "target_edit",
    "target_retire",
    "target_set",
]
