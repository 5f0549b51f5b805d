"""One way from an error to a page that says what happened and how to go on."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.errors import AdroitError


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
