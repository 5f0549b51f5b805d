"""Endpoints of alerts under /api/v1/."""

from django.urls import path

from automation.api import switches, views

urlpatterns = [
    path("alerts/", views.Alerts.as_view(), name="api-alerts"),
    path("alerts/<int:pk>/", views.AlertDetail.as_view(), name="api-alert"),
    path("automation/", switches.Automation.as_view(), name="api-automation"),
    path(
        "automation/features/<slug:key>/",
        switches.FeatureSwitching.as_view(),
        name="api-automation-feature",
    ),
    path("notifications/", views.Notifications.as_view(), name="api-notifications"),
    path("notifications/read/", views.NotificationsRead.as_view(), name="api-notifications-read"),
]
