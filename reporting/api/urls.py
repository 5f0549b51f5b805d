"""Endpoints of reporting under /api/v1/."""

from django.urls import path

from reporting.api import reports, views

urlpatterns = [
    path("events/", views.Events.as_view(), name="api-events"),
    path("reports/", reports.Reports.as_view(), name="api-reports"),
    path("reports/<int:pk>/", reports.ReportDetail.as_view(), name="api-report"),
    path("reports/<int:pk>/sign/", reports.ReportSign.as_view(), name="api-report-sign"),
    path("reports/<int:pk>/pdf/", reports.ReportPdf.as_view(), name="api-report-pdf"),
    path("reports/<int:pk>/csv/", reports.ReportCsv.as_view(), name="api-report-csv"),
    path("subscriptions/", reports.Subscriptions.as_view(), name="api-subscriptions"),
    path("subscriptions/<int:pk>/", reports.SubscriptionDetail.as_view(), name="api-subscription"),
]
