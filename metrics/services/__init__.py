"""Everything that changes numbers: loading and undoing facts, segments, targets."""

from metrics.selectors.labels import register_labels
from metrics.selectors.rates import Rate, register_rates
from metrics.services.competitors import competitor_create, competitor_edit
from metrics.services.loading import LoadResult, Progress, facts_load
from metrics.services.locks import lock_teams
from metrics.services.months import month_close, month_close_once
from metrics.services.observed import observations_undo
from metrics.services.segments import segment_ensure
from metrics.services.targets import (
    campaign_needs_target,
    target_edit,
    target_retire,
    target_set,
)
from metrics.services.undo import batch_undo
from metrics.services.withdrawal import (
    LineDayKey,
    facts_return,
    facts_withdraw,
    withdrawn_facts,
)

__all__ = [
    "LineDayKey",
    "LoadResult",
    "Progress",
    "Rate",
    "batch_undo",
    "campaign_needs_target",
    "competitor_create",
    "competitor_edit",
    "facts_load",
    "facts_return",
    "facts_withdraw",
    "lock_teams",
    "month_close",
    "month_close_once",
    "observations_undo",
    "register_labels",
    "register_rates",
    "segment_ensure",
    "target_edit",
    "target_retire",
    "target_set",
    "withdrawn_facts",
]
