"""Competitors, efficiency, maturity and recommendations, below /insights/."""

from django.urls import path

from insights import views

app_name = "insights"
urlpatterns = [
    path("competitors/", views.competitors, name="competitors"),
    path("competitors/new/", views.competitor_new, name="competitor-new"),
    path("competitors/<int:pk>/edit/", views.competitor_edit, name="competitor-edit"),
    path("efficiency/", views.efficiency, name="efficiency"),
    path("maturity/", views.maturity, name="maturity"),
    path("recommendations/", views.recommendations, name="recommendations"),
    path("recommendations/<int:pk>/", views.recommendation, name="recommendation"),
    path("recommendations/<int:pk>/dismiss/", views.dismiss, name="recommendation-dismiss"),
]
