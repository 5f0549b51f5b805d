"""Endpoints of findings and recommendations under /api/v1/."""

from django.urls import path

from insights.api import views

urlpatterns = [
    path("findings/", views.Findings.as_view(), name="api-findings"),
    path("findings/<int:pk>/", views.FindingDetail.as_view(), name="api-finding"),
    path("recommendations/", views.Recommendations.as_view(), name="api-recommendations"),
    path(
        "recommendations/<int:pk>/", views.RecommendationDetail.as_view(), name="api-recommendation"
    ),
    path(
        "recommendations/<int:pk>/propose/",
        views.RecommendationPropose.as_view(),
        name="api-recommendation-propose",
    ),
    path(
        "recommendations/<int:pk>/dismiss/",
        views.RecommendationDismiss.as_view(),
        name="api-recommendation-dismiss",
    ),
]
