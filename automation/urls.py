"""Alerts and messages, below /alerts/."""

from django.urls import path

from automation.views import alerts, messages

app_name = "automation"
urlpatterns = [
    path("", alerts.alerts, name="alerts"),
    path("new/", alerts.create, name="raise"),
    path("messages/", messages.notifications, name="notifications"),
    path("messages/read/", messages.notifications_read, name="notifications-read"),
    path("<int:pk>/", alerts.alert, name="alert"),
    path("finding/<int:finding_pk>/", alerts.for_finding, name="for-finding"),
    path("<int:pk>/acknowledge/", alerts.acknowledge, name="acknowledge"),
    path("<int:pk>/snooze/", alerts.snooze, name="snooze"),
    path("<int:pk>/assign/", alerts.assign, name="assign"),
]
