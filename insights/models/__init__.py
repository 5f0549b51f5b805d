"""What insights keeps: findings, what was learnt, and what was computed for people to look at."""

from insights.models.allocations import AllocationPlan, MeasuredReturn
from insights.models.anomalies import Dismissal, Explanation, RiskEntry, RiskEntryQuerySet
from insights.models.attribution import AnalysisPlan, AttributionRun, Conversion, LifetimeRun
from insights.models.findings import (
    Finding,
    FindingQuerySet,
    Recommendation,
    RecommendationQuerySet,
    Verdict,
)
from insights.models.forecast_scores import ForecastScore, ForecastTally, ForecastTallyQuerySet
from insights.models.forecasts import (
    Forecast,
    ForecastIssue,
    ForecastOverride,
    ForecastQuerySet,
)
from insights.models.maturity import MaturityCurve
from insights.models.scores import FeatureTable, FeatureTableQuerySet, Score, ScoreQuerySet
from insights.models.versions import ModelVersion, ModelVersionQuerySet

__all__ = [
    "AllocationPlan",
    "AnalysisPlan",
    "AttributionRun",
    "Conversion",
    "Dismissal",
    "Explanation",
    "FeatureTable",
    "FeatureTableQuerySet",
    "Finding",
    "FindingQuerySet",
    "Forecast",
    "ForecastIssue",
    "ForecastOverride",
    "ForecastQuerySet",
    "ForecastScore",
    "ForecastTally",
    "ForecastTallyQuerySet",
    "LifetimeRun",
    "MaturityCurve",
    "MeasuredReturn",
    "ModelVersion",
    "ModelVersionQuerySet",
    "Recommendation",
    "RecommendationQuerySet",
    "RiskEntry",
    "RiskEntryQuerySet",
    "Score",
    "ScoreQuerySet",
    "Verdict",
]
