"""Customers and personal data, below /customers/."""

from django.urls import path

from customers.views import customers, privacy

app_name = "customers"
urlpatterns = [
    path("", customers.accounts, name="accounts"),
    path("pipeline/", customers.pipeline, name="pipeline"),
    path("people/", customers.contacts, name="contacts"),
    path("people/<int:pk>/", customers.contact, name="contact"),
    path("<int:pk>/", customers.account, name="account"),
    path("personal-data/", privacy.privacy, name="privacy"),
    path("personal-data/keep/", privacy.keep, name="keep"),
    path("personal-data/find/", privacy.find, name="find"),
    path("personal-data/erasures/<int:pk>/", privacy.erasure, name="erasure"),
    path("personal-data/erasures/<int:pk>/erase/", privacy.erase, name="erase"),
    path("personal-data/looks/", privacy.looks, name="looks"),
]
