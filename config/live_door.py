"""Where pages ask for the live stream: sent on to its process, or told to ask again later.

A page that cannot reach the stream would write an error into the browser's console with
every attempt, and gives up for good after an answer that is no stream. So the pages'
server answers first. Behind a proxy that serves ``/live`` itself this is not reached.
"""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET

from core.routes import public

AGAIN_AFTER = 15_000
PATIENCE_SECONDS = 0.2


@public("says where the live stream is, which asks who listens")
@require_GET
def live(request: HttpRequest) -> HttpResponse:
    """The stream's own address while it answers, else an empty stream that ends at once."""
    address = urlsplit(settings.LIVE_URL)
    # Cookies and the stream's answer hold for the host in the settings only.
    at_home = request.get_host() == urlsplit(settings.SITE_URL).netloc
    if address.hostname and at_home and listens(address.hostname, address.port):
        answer: HttpResponse = HttpResponseRedirect(settings.LIVE_URL)
    else:
        answer = HttpResponse(f"retry: {AGAIN_AFTER}\n\n", content_type="text/event-stream")
    answer["Cache-Control"] = "no-store"
    return answer


def listens(host: str, port: int | None) -> bool:
    """Whether somebody takes connections there."""
    try:
        with socket.create_connection((host, port or 443), PATIENCE_SECONDS):
            return True
    except OSError:
        return False
