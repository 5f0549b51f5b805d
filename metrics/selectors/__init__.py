"""Reading numbers: the registry and the one query."""

from metrics.rules.metric import MEASURE_LABELS, Metric
from metrics.rules.progress import Standing, better_of
from metrics.rules.registry import METRICS, by_tier, children_of, measures_of, metric_for
from metrics.selectors.dimensions import DIMENSIONS, dimension
from metrics.selectors.labels import register_labels
from metrics.selectors.plain import amount_text, as_plain, as_table, decimal_text
from metrics.selectors.query import query
from metrics.selectors.rates import Rate
from metrics.selectors.result import Column, QueryResult
from metrics.selectors.targets import (
    TargetProgress,
    earlier_targets,
    target_progress,
    targets_visible,
)
from metrics.selectors.words import written

__all__ = [
    "DIMENSIONS",
    "MEASURE_LABELS",
    "METRICS",
    "Column",
    "Metric",
    "QueryResult",
    "Rate",
    "Standing",
    "TargetProgress",
    "amount_text",
    "as_plain",
    "as_table",
    "better_of",
    "by_tier",
    "children_of",
    "decimal_text",
    "dimension",
    "earlier_targets",
    "measures_of",
    "metric_for",
    "query",
    "register_labels",
    "target_progress",
    "targets_visible",
    "written",
]
