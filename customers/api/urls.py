"""Endpoints of customers and of personal data under /api/v1/."""

from django.urls import path

from customers.api import views

urlpatterns = [
    path("accounts/", views.Accounts.as_view(), name="api-accounts"),
    path("accounts/<int:pk>/", views.AccountDetail.as_view(), name="api-account"),
    path("opportunities/", views.Opportunities.as_view(), name="api-opportunities"),
    path("pipeline/", views.Pipeline.as_view(), name="api-pipeline"),
    path("contacts/", views.Contacts.as_view(), name="api-contacts"),
    path("contacts/<int:pk>/", views.ContactDetail.as_view(), name="api-contact"),
    path("personal-data/", views.Retention.as_view(), name="api-retention"),
    path("personal-data/erasures/", views.Erasures.as_view(), name="api-erasures"),
    path("personal-data/erasures/<int:pk>/", views.ErasureDetail.as_view(), name="api-erasure"),
    path("personal-data/looks/", views.Looks.as_view(), name="api-looks"),
]
