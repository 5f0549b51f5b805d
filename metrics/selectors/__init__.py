"""Reading numbers: the registry and the one query."""

from metrics.rules.metric import MEASURE_LABELS, Metric
from metrics.rules.progress import Standing, better_of
from metrics.rules.registry import METRICS, by_tier, children_of, measures_of, metric_for
from metrics.rules.spans import Span
from metrics.selectors.asking import points_from, where_from
from metrics.selectors.competition import (
    Competition,
    Rival,
    Share,
    competition,
    competitors_for,
    rank,
)
from metrics.selectors.dependents import Dependent, dependents_of, register_dependents
from metrics.selectors.dimensions import DIMENSIONS, dimension
from metrics.selectors.former_targets import as_they_stood, in_force, retired
from metrics.selectors.growth import Growing, register_growth
from metrics.selectors.labels import register_labels
from metrics.selectors.origins import BatchOrigin, FileRow, FileRows, Place, register_origins
from metrics.selectors.plain import amount_text, as_plain, as_table, decimal_text
from metrics.selectors.query import query
from metrics.selectors.rates import Rate
from metrics.selectors.restatements import Restated, restatable, restatements
from metrics.selectors.result import Column, QueryResult
from metrics.selectors.targets import (
    TargetProgress,
    earlier_targets,
    target_progress,
    targets_visible,
)
from metrics.selectors.watched import Watched, days_watched
from metrics.selectors.words import written

__all__ = [
    "DIMENSIONS",
    "MEASURE_LABELS",
    "METRICS",
    "BatchOrigin",
    "Column",
    "Competition",
    "Dependent",
    "FileRow",
    "FileRows",
    "Growing",
    "Metric",
    "Place",
    "QueryResult",
    "Rate",
    "Restated",
    "Rival",
    "Share",
    "Span",
    "Standing",
    "TargetProgress",
    "Watched",
    "amount_text",
    "as_plain",
    "as_table",
    "as_they_stood",
    "better_of",
    "by_tier",
    "children_of",
    "competition",
    "competitors_for",
    "days_watched",
    "decimal_text",
    "dependents_of",
    "dimension",
    "earlier_targets",
    "in_force",
    "measures_of",
    "metric_for",
    "points_from",
    "query",
    "rank",
    "register_dependents",
    "register_growth",
    "register_labels",
    "register_origins",
    "restatable",
    "restatements",
    "retired",
    "target_progress",
    "targets_visible",
    "where_from",
    "written",
]
