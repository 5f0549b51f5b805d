"""Every page of the demo company, as one person of each role finds it by following links.

A page nobody can reach by a link fails here, and so does one that breaks a rule of
``shots``. Each kind of page is looked at once, by the first of them who meets it; the
home of each role has a look of its own.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import timezone

from accounts.models import User
from accounts.selectors import personas
from config.places import PROJECT_ROOT
from demo.company.build import build_company
from tests.journeys.newest import a_day_of_work
from tests.journeys.shots import Shots

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LINK = re.compile(r'(?:href|hx-get|data-href)="(/[^"#]*)')
TAB = re.compile(r'href="(\?tab=\w+)')
TAB_ASKED = re.compile(r"[?&]tab=(\w+)")
# Addresses that answer with a file or pass the visitor on, and pages that no link of a
# quiet day leads to.
NO_PAGES_OF_LINKS = {
    "account_confirm_email": "comes by mail",
    "account_email": "passes on to the person",
    "account_email_verification_sent": "follows a new address",
    "accounts:me": "passes on to the person",
    "accounts:second-factor": "asks for the password once more",
    "accounts:settings": "passes on to the first tab",
    "accounts:view": "passes on to the list",
    "accounts:view-edit": "opened from a view in use",
    "api-schema": "a file",
    "approvals:choice-edit": "opened from one's own question",
    "approvals:confirm": "comes by mail",
    "approvals:decide-many": "opened with ticked rows",
    "approvals:request-mentions": "names while a comment is typed",
    "automation:for-finding": "passes on to the alert",
    "budgets:attachment": "a file",
    "budgets:grid-rows": "rows for the grid's program",
    "budgets:line-edit": "opened from a chosen amount",
    "budgets:unlock": "while the plan is locked",
    "campaigns:experiment-edit": "opened by who drafted it",
    "customers:erasure": "nobody asked to be erased: test_customer_pages",
    "favicon": "a file",
    "integrations:bill-file-rows": "rows of a file that was just read",
    "integrations:budget-sheet-file": "a file",
    "integrations:bulk-file": "a file",
    "demo:planted": "linked where the truth lies beside the database: test_scores",
    "insights:analysis": "while a run is worked out: test_attribution_pages",
    "insights:forecast-what-if": "what a slider changes",
    "insights:score-features": "a file",
    "insights:training": "while a model is trained",
    "integrations:connection": "the demo company has no connection: test_connection_pages",
    "integrations:connection-edit": "the demo company has no connection: test_connection_pages",
    "integrations:credentials": "the demo company has no connection: test_connection_pages",
    "integrations:order": "the demo company has no connection: test_connection_pages",
    "integrations:order-ask": "the demo company has no connection: test_connection_pages",
    "integrations:quality-issue": "the demo company's data is clean: test_quality_shots",
    "integrations:run-file": "a file",
    "integrations:run-progress": "while a large file is imported",
    "integrations:sample-file": "a file",
    "integrations:sync": "the demo company has no connection: test_connection_pages",
    "integrations:way": "nothing comes to the demo company by itself: test_file_pages",
    "integrations:way-edit": "nothing comes to the demo company by itself: test_file_pages",
    "live": "the stream",
    "reporting:report-csv": "a file",
    "reporting:report-making": "while a report is being made",
    "reporting:report-pdf": "a file",
    "reporting:search": "opened by the search box",
    "usersessions_list": "passes on to the person",
}
# One kind of page that shows different things to different people.
OWN_LOOK = {"reporting:home"}
# Enough pages of one kind, or one tab of it, to find every other kind behind them.
OF_ONE_KIND = 8


def page_names() -> set[str]:
    """Every address that people open with a browser, from the table of permissions."""
    with (PROJECT_ROOT / "config" / "url_permissions.csv").open() as table:
        rows = list(csv.DictReader(table))
    return {
        row["name"]
        for row in rows
        if "GET" in row["method"].split()
        and not row["path"].startswith(("api/v1/", "look/", "admin/"))
    }


def kind_of(path: str) -> str:
    """The name of an address; "" for one of somewhere else."""
    try:
        return str(resolve(path.split("?", maxsplit=1)[0]).view_name)
    except Resolver404:
        return ""


def place_of(link: str) -> str:
    """A page without its filters, but with its tab, which has links of its own."""
    place, tab = link.split("?", maxsplit=1)[0], tab_of(link)
    return f"{place}?tab={tab}" if tab else place


def tab_of(path: str) -> str:
    found = TAB_ASKED.search(path)
    return found[1] if found else ""


def pages_of(user: User) -> Iterator[tuple[str, str, str]]:
    """Follow links from the first page; every kind of page and tab found, and one address of it."""
    client = Client()
    client.force_login(user)
    waiting, met, opened = ["/"], {"/"}, Counter[tuple[str, str]]()
    while waiting:
        path = waiting.pop(0)
        kind, tab = kind_of(path), tab_of(path)
        if not kind or opened[kind, tab] >= OF_ONE_KIND:
            continue
        answer = client.get(path)
        answer.close()
        assert answer.status_code < 500, f"{path}: {answer.status_code}"
        if answer.status_code != 200 or not answer.headers["Content-Type"].startswith("text/html"):
            continue
        opened[kind, tab] += 1
        text = answer.content.decode()
        if opened[kind, tab] == 1 and "<html" in text:
            yield kind, tab, path
        found = [unescape(link) for link in LINK.findall(text)]
        found += [path.split("?", maxsplit=1)[0] + tab for tab in TAB.findall(text)]
        for link in dict.fromkeys(found):
            if place_of(link) not in met:
                met.add(place_of(link))
                waiting.append(link)


def new_pages(names: set[str], seen: set[tuple[str, str]], user: User) -> Iterator[tuple[str, str]]:
    """(path, name of the picture) of what ``user`` is the first to meet; ``seen`` grows."""
    who = re.sub(r"\W+", "-", user.name.split()[0].lower())
    for kind, tab, path in pages_of(user):
        if kind in names and (kind in OWN_LOOK or (kind, tab) not in seen):
            seen.add((kind, tab))
            yield path, "-".join(filter(None, ("demo", kind.replace(":", "-"), tab, who)))


@pytest.mark.feature("10.1")
def test_every_page_of_the_demo_company(shots: Shots, tmp_path: Path) -> None:
    now = timezone.now()
    build_company(seed=7, now=now, folder=tmp_path, say=lambda *_: None)
    a_day_of_work(now)
    names, seen, wrong = page_names(), set[tuple[str, str]](), list[str]()
    first_of_role = {persona.role: persona.email for persona in reversed(personas())}
    for user in User.objects.filter(email__in=first_of_role.values()).order_by("pk"):
        shots.sign_in(user)
        wrong += shots.tour_all(new_pages(names, seen, user))
    unreached = names - {kind for kind, _ in seen} - set(NO_PAGES_OF_LINKS)
    wrong += [f"no link leads to {name}" for name in sorted(unreached)]
    assert not wrong, "\n".join(wrong)
