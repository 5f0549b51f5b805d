"""Endpoints of numbers and targets under /api/v1/."""

from django.urls import path

from metrics.api import views

urlpatterns = [
    path("query/", views.Query.as_view(), name="api-query"),
    path("metrics/", views.Metrics.as_view(), name="api-metrics"),
    path("targets/", views.Targets.as_view(), name="api-targets"),
    path("targets/<int:pk>/", views.TargetDetail.as_view(), name="api-target"),
    path("targets/<int:pk>/retire/", views.TargetRetire.as_view(), name="api-target-retire"),
]
