"""Around every page: errors become calm pages, moments are shown where the organisation keeps its books."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from core.errors import AdroitError
from core.models import Organisation

# Programs get UTC; browsers ask these without showing a moment.
UTC_PATHS = ("/api/", "/live", "/static/", "/healthz")


class OrganisationOnce:
    """The organisation's settings are read at most once in a request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with Organisation.read_once():
            return self.get_response(request)


class LocalTime:
    """Pages show moments in the organisation's time zone; the API keeps to UTC."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(UTC_PATHS):
            return self.get_response(request)
        with timezone.override(ZoneInfo(Organisation.current().time_zone)):
            return self.get_response(request)


class ErrorPages:
    """Turns ``AdroitError`` raised by a view into its status and a calm page (or a toast for htmx)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, AdroitError):
            return None
        template = (
            "components/error_toast.html" if request.headers.get("HX-Request") else "error.html"
        )
        return render(request, template, {"error": error}, status=error.status)
