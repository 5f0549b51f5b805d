"""Pages that show numbers and records, at the root."""

from django.urls import path

from reporting.views import (
    annotations,
    audit,
    campaign,
    campaigns,
    clearances,
    home,
    initiatives,
    reports,
    search,
    slow,
)

app_name = "reporting"
urlpatterns = [
    path("", home.home, name="home"),
    path("search/", search.search, name="search"),
    path("campaigns/", campaigns.campaigns, name="campaigns"),
    path("campaigns/<int:pk>/", campaign.campaign, name="campaign"),
    path("campaigns/<int:pk>/remarks/new/", annotations.add, name="annotation-add"),
    path("remarks/<int:pk>/edit/", annotations.edit, name="annotation-edit"),
    path("remarks/<int:pk>/delete/", annotations.delete, name="annotation-delete"),
    path("remarks/<int:pk>/undelete/", annotations.undelete, name="annotation-undelete"),
    path("initiatives/", initiatives.initiatives, name="initiatives"),
    path("initiatives/<int:pk>/", initiatives.initiative, name="initiative"),
    path("audit/", audit.audit, name="audit"),
    path("slow/", slow.slow, name="slow"),
    path("audit/<int:pk>/", audit.event, name="event"),
    path("reports/", reports.reports, name="reports"),
    path("reports/classification/", clearances.clearance, name="clearance"),
    path("reports/make/", reports.make, name="report-make"),
    path("reports/making/<int:pk>/", reports.making, name="report-making"),
    path("reports/making/<int:pk>/stop/", reports.making_stop, name="report-making-stop"),
    path("reports/subscribe/", reports.subscribe, name="subscribe"),
    path("reports/subscriptions/<int:pk>/remove/", reports.unsubscribe, name="unsubscribe"),
    path("reports/<int:pk>/", reports.report, name="report"),
    path("reports/<int:pk>/pdf/", reports.report_pdf, name="report-pdf"),
    path("reports/<int:pk>/csv/", reports.report_csv, name="report-csv"),
    path("reports/<int:pk>/sign/", reports.sign, name="report-sign"),
]
