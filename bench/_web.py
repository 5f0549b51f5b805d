"""Requests straight into the WSGI application, and the hand-made peers they are compared with."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from unittest.mock import patch

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.test import Client, override_settings
from django.urls import path

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import gate, person
from campaigns.models import Campaign, CampaignLine
from config.urls import urlpatterns as product_urls

ROWS = 50
# What `django-admin startproject` puts before a page, without sessions and people.
BARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
LIST = """<!doctype html><html lang="en"><head><title>Campaigns</title></head><body><h1>Campaigns</h1>
<table>{% for c in campaigns %}<tr><td><a href="/campaigns/{{ c.pk }}/">{{ c.name }}</a></td>
<td>{{ c.get_status_display }}</td><td>{{ c.team.name }}</td><td>{{ c.owner.name }}</td>
<td>{{ c.created_at|date:"j M Y" }}</td></tr>{% endfor %}</table></body></html>"""

Ask = Callable[[], bytes]
list_page = engines["django"].from_string(LIST)


def _list(request: HttpRequest, campaigns: Any) -> HttpResponse:
    found = campaigns.select_related("team", "owner").order_by("pk")[:ROWS]
    return HttpResponse(list_page.render({"campaigns": found}, request))


def bare_list(request: HttpRequest) -> HttpResponse:
    """The page that nobody signs in for and that shows everything."""
    return _list(request, Campaign.objects.all())


@gate(Act.VIEW_CAMPAIGNS)
def scoped_list(request: HttpRequest) -> HttpResponse:
    """The same page of the product: signed in, allowed, in scope."""
    return _list(request, Campaign.objects.for_user(person(request)))


def handmade_campaigns(request: HttpRequest) -> HttpResponse:
    """What the API's campaign list answers, written by hand, for anybody."""
    page = Campaign.objects.select_related("team", "owner").prefetch_related(
        "lines__channel", "lines__ad_account"
    )[:ROWS]
    rows = [_as_json(campaign) for campaign in page]
    here = request.build_absolute_uri()
    answer = {"count": Campaign.objects.count(), "next": f"{here}?page=2", "previous": None}
    return JsonResponse(answer | {"results": rows})


def _as_json(campaign: Campaign) -> dict[str, Any]:
    return {
        "id": campaign.pk,
        "name": campaign.name,
        "team": campaign.team_id,
        "team_name": campaign.team.name,
        "owner": campaign.owner_id,
        "owner_name": campaign.owner.name,
        "objective": campaign.objective,
        "status": campaign.status,
        "flight_start": campaign.flight_start,
        "flight_end": campaign.flight_end,
        "markets": campaign.markets,
        "brief": campaign.brief,
        "version": campaign.version,
        "lines": [_line_as_json(line) for line in campaign.lines.all()],
    }


def _line_as_json(line: CampaignLine) -> dict[str, Any]:
    return {
        "id": line.pk,
        "name": line.name,
        "channel": line.channel.key,
        "ad_account": line.ad_account_id,
        "currency": line.currency,
        "external_id": line.external_id,
        "starts_on": line.starts_on,
        "ends_on": line.ends_on,
        "is_paused": line.is_paused,
    }


urlpatterns = [
    path("bench/bare/", bare_list),
    path("bench/scoped/", scoped_list),
    path("bench/handmade/", handmade_campaigns),
    *product_urls,
]


@contextmanager
def addresses() -> Iterator[None]:
    """The product's addresses and the peers', over plain HTTP as on one machine."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(
        ROOT_URLCONF="bench._web",
        ALLOWED_HOSTS=["testserver"],
        # Names without a hash need no collected files.
        STORAGES=settings.STORAGES | {"staticfiles": plain},
        STATIC_ROOT=settings.STATICFILES_DIRS[0],
    ):
        yield


def application(middleware: Sequence[str] | None = None) -> WSGIHandler:
    """The product's application, or one with other middleware."""
    with patch.object(settings, "MIDDLEWARE", list(middleware or settings.MIDDLEWARE)):
        return WSGIHandler()


def cookies_of(user: User) -> str:
    """A session of that person, as the browser sends it."""
    client = Client()
    client.force_login(user)
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


def asks(handler: WSGIHandler, address: str, cookies: str = "") -> Ask:
    """One GET each time it is called; the answer's body. Ends the run at any answer but 200."""

    def ask() -> bytes:
        status: list[str] = []

        def start(line: str, _headers: Any, _error: Any = None, /) -> Callable[[bytes], object]:
            status.append(line)
            return bytes  # nobody writes past the answer

        answer = handler(_environ(address, cookies), start)
        body = b"".join(answer)
        answer.close()
        if not status[0].startswith("200"):
            raise SystemExit(f"{address} answered {status[0]}")
        return body

    return ask


def _environ(address: str, cookies: str) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": address,
        "QUERY_STRING": "",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_COOKIE": cookies,
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(b""),
    }


def results(body: bytes) -> Any:
    """The rows of an answer of the API."""
    return json.loads(body)["results"]
