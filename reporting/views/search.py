"""Global search: campaigns, requests, alerts, reports, whatever a room offers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.permissions import gate, person
from core import search as finder
from core.pages import page


@gate()
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Hits by kind; as a part for the palette, as a page without it."""
    text = request.GET.get("q", "")
    context = {
        "q": text,
        "hits": finder.find(person(request), text),
        "crumbs": [("Search", "")],
    }
    return page(request, "reporting/search.html", context, fragment="hits")
