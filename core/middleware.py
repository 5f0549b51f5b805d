"""Around every page: errors become calm pages, moments are shown where the organisation keeps its books."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone

from core import clock, slow
from core.errors import AdroitError
from core.models import Organisation
from core.text import NOTHING, has_unkept, kept

# Programs get UTC; browsers ask these without showing a moment.
UTC_PATHS = ("/api/", "/live", "/static/", "/healthz")


class OrganisationOnce:
    """The organisation's settings are read at most once in a request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with Organisation.read_once():
            return self.get_response(request)


class SlowStatements:
    """Keeps what took the database long while a page or API answer was made."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with slow.timed() as found:
            answer = self.get_response(request)
        if found:
            match = request.resolver_match
            slow.keep(found, place=match.view_name if match else "", at=clock.now())
        return answer


class LocalTime:
    """Pages show moments in the organisation's time zone; the API keeps to UTC."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(UTC_PATHS):
            return self.get_response(request)
        with timezone.override(ZoneInfo(Organisation.current().time_zone)):
            return self.get_response(request)


class PlainText:
    """What pages are sent reaches no view with zero characters, and no name with unseen ones.

    Works after the form is read for its token, so a body that cannot be read has its answer
    already. The API has its own (``core.parsers``).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> None:
        if request.path.startswith(UTC_PATHS):
            return
        if "%00" in request.META.get("QUERY_STRING", ""):
            request.GET = _as_kept(request.GET)  # type: ignore[assignment]
        if request.method == "POST" and has_unkept(request.POST.lists()):
            request.POST = _as_kept(request.POST)  # type: ignore[assignment]


def _as_kept(said: QueryDict) -> QueryDict:
    plain = QueryDict(mutable=True, encoding=said.encoding)
    for field, texts in said.lists():
        name = field.replace(NOTHING, "")
        plain.setlist(name, [kept(name, str(text)) for text in texts])
    return plain


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
