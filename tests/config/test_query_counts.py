"""How many queries every page takes, as a ratchet: more than stands in query_counts.json fails.

Each page is asked the second time, by the first of the roles that may see it, about its
example object. `QUERY_COUNTS=write` notes the present numbers.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from core.routes import Route, routes
from tests.cast import Cast
from tests.config.test_permissions import address, asked_methods
from tests.sign_in import signed_in

NOTED = Path(__file__).with_name("query_counts.json")
PAGES = [route for route in routes() if route.is_ours and not route.is_api]
ROLES = ("director", "executive", "auditor", "manager", "admin", "analyst")


def count(route: Route, cast: Cast, browsers: dict[str, Client]) -> int | None:
    """Queries of the page for the first role that gets it; None when nobody does by GET."""
    if "GET" not in dict(asked_methods(route)):
        return None
    with transaction.atomic():
        url = address(route, cast)
        found = _queries(url, browsers)
        transaction.set_rollback(True)
    return found


def _queries(url: str, browsers: dict[str, Client]) -> int | None:
    for browser in browsers.values():
        if read(browser, url) == 200:
            with CaptureQueriesContext(connection) as taken:
                read(browser, url)
            return len(taken)
    return None


def read(browser: Client, url: str) -> int:
    """The status; a file that is given out is closed again."""
    answer: Any = browser.get(url)
    for close_file in answer._resource_closers:
        close_file()
    return int(answer.status_code)


def test_no_page_takes_more_queries_than_it_did(cast: Cast) -> None:
    browsers: dict[str, Client] = {}
    for role in ROLES:
        user: User = getattr(cast, role)
        browsers[role] = signed_in(user)
    found = {route.name: count(route, cast, browsers) for route in PAGES}
    counts = {name: number for name, number in sorted(found.items()) if number is not None}
    if os.environ.get("QUERY_COUNTS") == "write":
        NOTED.write_text(json.dumps(counts, indent=1) + "\n", encoding="utf-8")
        pytest.skip(f"{len(counts)} pages written to {NOTED.name}")
    noted: dict[str, int] = json.loads(NOTED.read_text(encoding="utf-8"))
    more = {
        name: f"{number} instead of {noted.get(name, 'no entry')}"
        for name, number in counts.items()
        if number > noted.get(name, -1)
    }
    assert not more, "QUERY_COUNTS=write notes them, if there is a reason"
    assert set(noted) <= set(counts), "pages that are gone: write the file anew"
