"""What insights keeps: findings, what was learnt, and what was computed for people to look at."""

from insights.models.findings import (
    Finding,
    FindingQuerySet,
    Recommendation,
    RecommendationQuerySet,
    Verdict,
)
from insights.models.maturity import MaturityCurve
from insights.models.versions import ModelVersion, ModelVersionQuerySet

__all__ = [
    "Finding",
    "FindingQuerySet",
    "MaturityCurve",
    "ModelVersion",
    "ModelVersionQuerySet",
    "Recommendation",
    "RecommendationQuerySet",
    "Verdict",
]
