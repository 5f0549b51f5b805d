"""Endpoints of findings and recommendations under /api/v1/."""

from django.urls import path

from insights.api import competitors, efficiency, maturity, views

urlpatterns = [
    path("competition/", competitors.CompetitionView.as_view(), name="api-competition"),
    path("competitors/", competitors.Competitors.as_view(), name="api-competitors"),
    path("competitors/<int:pk>/", competitors.CompetitorDetail.as_view(), name="api-competitor"),
    path("efficiency/", efficiency.EfficiencyView.as_view(), name="api-efficiency"),
    path("findings/", views.Findings.as_view(), name="api-findings"),
    path("findings/<int:pk>/", views.FindingDetail.as_view(), name="api-finding"),
    path("maturity/", maturity.MaturityView.as_view(), name="api-maturity"),
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
