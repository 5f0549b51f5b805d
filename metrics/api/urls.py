"""Endpoints of numbers and targets under /api/v1/."""

from django.urls import path

from metrics.api import known, views

urlpatterns = [
    path("query/", views.Query.as_view(), name="api-query"),
    path("metrics/", views.Metrics.as_view(), name="api-metrics"),
    path("lineage/", known.LineageView.as_view(), name="api-lineage"),
    path(
        "lineage/<int:batch>/<int:line>/<str:day>/",
        known.LineageRows.as_view(),
        name="api-lineage-rows",
    ),
    path("restatements/", known.Restatements.as_view(), name="api-restatements"),
    path("performance-months/", known.ClosedMonths.as_view(), name="api-performance-months"),
    path(
        "performance-months/<str:key>/",
        known.ClosedMonthDetail.as_view(),
        name="api-performance-month",
    ),
    path("targets/", views.Targets.as_view(), name="api-targets"),
    path("targets/<int:pk>/", views.TargetDetail.as_view(), name="api-target"),
    path("targets/<int:pk>/retire/", views.TargetRetire.as_view(), name="api-target-retire"),
]
