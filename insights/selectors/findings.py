"""Reading findings and recommendations."""

from __future__ import annotations

from accounts.models import User
from insights.models import Finding, FindingQuerySet, Recommendation, RecommendationQuerySet


def findings_for(user: User) -> FindingQuerySet:
    """What was noticed about the teams the person may see, newest first."""
    return Finding.objects.for_user(user).select_related("team", "campaign", "line")


def recommendations_for(user: User) -> RecommendationQuerySet:
    """What is advised to the teams the person may see, newest first."""
    return Recommendation.objects.for_user(user).select_related("team", "finding__campaign")
