"""Where everything is mounted: one line per app, the API beside it."""

from django.contrib import admin
from django.urls import include, path

from accounts.urls import closed
from config.api import api_urls
from config.live_door import live
from config.static_files import favicon

urlpatterns = [
    path("favicon.ico", favicon, name="favicon"),
    path("live", live, name="live"),
    path("", include("reporting.urls")),
    path("accounts/", include(closed)),
    path("accounts/", include("allauth.urls")),
    path("people/", include("accounts.urls")),
    path("approvals/", include("approvals.urls")),
    path("campaigns/", include("campaigns.urls")),
    path("goals/", include("metrics.urls")),
    path("budgets/", include("budgets.urls")),
    path("customers/", include("customers.urls")),
    path("imports/", include("integrations.urls")),
    path("insights/", include("insights.urls")),
    path("alerts/", include("automation.urls")),
    path("demo/", include("demo.urls")),
    path("look/", include("core.urls")),
    path("api/v1/", include(api_urls)),
    path("admin/", admin.site.urls),
]

handler400 = "core.refusals.bad_request"
handler403 = "core.refusals.not_allowed"
handler404 = "core.refusals.not_found"
handler500 = "core.refusals.server_error"
