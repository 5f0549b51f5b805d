"""Endpoints of reporting under /api/v1/."""

from django.urls import path

from reporting.api import annotations, clearances, reports, views

urlpatterns = [
    path("search/", views.Search.as_view(), name="api-search"),
    path("events/", views.Events.as_view(), name="api-events"),
    path("events/head/", views.TrailHead.as_view(), name="api-events-head"),
    path("events/<int:pk>/", views.EventDetail.as_view(), name="api-event"),
    path("annotations/", annotations.Annotations.as_view(), name="api-annotations"),
    path("annotations/<int:pk>/", annotations.AnnotationDetail.as_view(), name="api-annotation"),
    path(
        "annotations/<int:pk>/undelete/",
        annotations.AnnotationUndelete.as_view(),
        name="api-annotation-undelete",
    ),
    path("reports/", reports.Reports.as_view(), name="api-reports"),
    path("reports/<int:pk>/", reports.ReportDetail.as_view(), name="api-report"),
    path("reports/<int:pk>/sign/", reports.ReportSign.as_view(), name="api-report-sign"),
    path("reports/<int:pk>/pdf/", reports.ReportPdf.as_view(), name="api-report-pdf"),
    path("reports/<int:pk>/csv/", reports.ReportCsv.as_view(), name="api-report-csv"),
    path("clearances/", clearances.Clearances.as_view(), name="api-clearances"),
    path("subscriptions/", reports.Subscriptions.as_view(), name="api-subscriptions"),
    path("subscriptions/<int:pk>/", reports.SubscriptionDetail.as_view(), name="api-subscription"),
]
