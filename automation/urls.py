"""Alerts and messages, below /alerts/."""

from django.urls import path

from automation.views import alerts, messages, switches

app_name = "automation"
urlpatterns = [
    path("", alerts.alerts, name="alerts"),
    path("new/", alerts.create, name="raise"),
    path("messages/", messages.notifications, name="notifications"),
    path("messages/read/", messages.notifications_read, name="notifications-read"),
    path("automation/", switches.switches, name="switches"),
    path("automation/stop/", switches.stop, name="stop"),
    path("automation/release/", switches.release, name="release"),
    path("automation/<slug:key>/on/", switches.feature_ask, name="feature-ask"),
    path("automation/<slug:key>/off/", switches.feature_off, name="feature-off"),
    path("<int:pk>/", alerts.alert, name="alert"),
    path("finding/<int:finding_pk>/", alerts.for_finding, name="for-finding"),
    path("<int:pk>/acknowledge/", alerts.acknowledge, name="acknowledge"),
    path("<int:pk>/snooze/", alerts.snooze, name="snooze"),
    path("<int:pk>/assign/", alerts.assign, name="assign"),
]
