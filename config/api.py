"""The API: every app registers its endpoints under /api/v1/."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

# The apps that have endpoints; each has an ``api/urls.py``.
APPS = (
    "accounts",
    "approvals",
    "campaigns",
    "metrics",
    "budgets",
    "integrations",
    "insights",
    "automation",
    "reporting",
)

api_urls: list[URLPattern | URLResolver] = [
    *(path("", include(f"{app}.api.urls")) for app in APPS),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
]
