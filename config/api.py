"""The API: every app registers its endpoints under /api/v1/."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from core.api import TextQuery

# The apps that have endpoints; each has an ``api/urls.py``.
APPS = (
    "accounts",
    "approvals",
    "campaigns",
    "metrics",
    "budgets",
    "customers",
    "integrations",
    "insights",
    "automation",
    "reporting",
)


class Schema(TextQuery, SpectacularAPIView):
    """The description of the API."""


class Docs(TextQuery, SpectacularSwaggerSplitView):
    """The same as a page to try it out."""


api_urls: list[URLPattern | URLResolver] = [
    *(path("", include(f"{app}.api.urls")) for app in APPS),
    path("schema/", Schema.as_view(), name="api-schema"),
    path("docs/", Docs.as_view(url_name="api-schema"), name="api-docs"),
]
