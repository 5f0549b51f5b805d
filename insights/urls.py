"""Recommendations, below /insights/."""

from django.urls import path

from insights import views

app_name = "insights"
urlpatterns = [
    path("recommendations/", views.recommendations, name="recommendations"),
    path("recommendations/<int:pk>/", views.recommendation, name="recommendation"),
    path("recommendations/<int:pk>/dismiss/", views.dismiss, name="recommendation-dismiss"),
]
