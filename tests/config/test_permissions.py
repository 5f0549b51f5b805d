"""Every address against every role: who lacks the right is refused, and nothing changes.

Generated from the URLconf. A new page or endpoint without a line in
config/url_permissions.csv, or with parameters and no example in tests/<app>/examples.py,
fails here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.choices import Act
from accounts.management.commands.permission_matrix import declared_rights, rights_file
from accounts.models import User
from accounts.permissions import can
from accounts.rules import read_rights, rights_differences
from core.routes import ANY, SIGNED_IN, UNDECLARED, Route, routes
from tests.cast import Cast
from tests.examples import load_examples

OURS = [route for route in routes() if route.is_ours]
EXAMPLES = load_examples()
# One of each role, somebody without any, a stranger, and two of the other division.
PRINCIPALS = (
    "executive", "director", "manager", "analyst", "admin", "auditor", "nobody", "stranger",
    "other_director", "other_manager",
)  # fmt: skip
ELSEWHERE = {"other_director", "other_manager"}
CHANGES = re.compile(
    r'^\s*(?:WITH.*)?(INSERT INTO|UPDATE|DELETE FROM|TRUNCATE|COPY)\s+"?(\w+)', re.DOTALL
)
# What a request may leave behind that is nobody's record: the sign-in, the cache, when an
# approver first saw a request, and the organisation's row, which the first request of an
# installation creates.
TRACES = {
    "approvals_look",
    "django_session",
    "usersessions_usersession",
    "core_cache",
    "core_organisation",
}
SAFE = {"GET"}


class Visitors:
    """A browser for each principal, and what was written while one of them asked."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.browsers = {name: self._browser(name) for name in PRINCIPALS}

    def user(self, name: str) -> User | None:
        return getattr(self.cast, name, None)

    def _browser(self, name: str, **options: Any) -> Client:
        client, user = Client(**options), self.user(name)
        if user:
            client.force_login(user)
        return client

    def ask(self, name: str, method: str, url: str, **options: Any) -> tuple[Any, list[str]]:
        """The answer, and the statements that changed something; all of it is undone."""
        browser = self._browser(name, **options) if options else self.browsers[name]
        call: Callable[..., Any] = getattr(browser, method.lower())
        body = {} if method == "GET" else {"content_type": "application/json"}
        given = body if "/api/" in url else {}
        with transaction.atomic(), watched() as changes:
            answer = call(url, **given)
            # Closing the answer itself would end the test's database connection too.
            for close_file in answer._resource_closers:
                close_file()
            transaction.set_rollback(True)
        return answer, changes


@contextmanager
def watched() -> Iterator[list[str]]:
    """Collects the statements that change a table other than the traces of a request."""
    changes: list[str] = []

    def look(execute: Callable[..., Any], sql: Any, *rest: Any) -> Any:
        found = CHANGES.match(str(sql))
        if found and found[2] not in TRACES:
            changes.append(str(sql)[:120])
        return execute(sql, *rest)

    with connection.execute_wrapper(look):
        yield changes


def address(route: Route, cast: Cast) -> str:
    if not route.has_parameters and route.name not in EXAMPLES:
        return reverse(route.name)
    keywords = dict(EXAMPLES[route.name].make(cast))
    query = keywords.pop("query", "")
    return reverse(route.name, kwargs=keywords) + (f"?{query}" if query else "")


def asked_methods(route: Route) -> list[tuple[str, tuple[str, ...]]]:
    """Each method with its rights; a page that answers any is asked by GET and POST."""
    if ANY in route.rights:
        return [(method, route.rights[ANY]) for method in ("GET", "POST")]
    return list(route.rights.items())


def is_allowed(user: User | None, rights: tuple[str, ...]) -> bool:
    if rights[0].startswith("everybody"):
        return True
    if user is None:
        return False
    return rights == (SIGNED_IN,) or any(can(user, Act(right)) for right in rights)


def check(route: Route, visitors: Visitors) -> None:
    """Ask an address as everybody by every method it answers."""
    url, let_in = address(route, visitors.cast), set()
    seen_by_all = route.name not in EXAMPLES or EXAMPLES[route.name].seen_by_all
    for method, rights in asked_methods(route):
        for name in PRINCIPALS:
            answer, changes = visitors.ask(name, method, url)
            where = f"{method} {url} as {name}: {answer.status_code}"
            if not is_allowed(visitors.user(name), rights):
                assert_refused(route, answer, changes, is_stranger=name == "stranger", where=where)
                continue
            assert answer.status_code < 500, where
            if method in SAFE:
                assert not changes, f"{where} changed something by reading: {changes}"
            if name in ELSEWHERE and not seen_by_all:
                assert answer.status_code >= 400, f"{where}: the object is of another division"
                assert not changes, f"{where}: {changes}"
            if answer.status_code < 400:
                let_in.add(method)
        if method in SAFE:
            assert method in let_in, f"nobody can open {method} {url}"


def assert_refused(
    route: Route, answer: Any, changes: list[str], *, is_stranger: bool, where: str
) -> None:
    assert not changes, f"{where} was refused, yet changed: {changes}"
    if not is_stranger:
        assert answer.status_code in {403, 404}, where
    elif route.is_api:
        assert answer.status_code in {401, 403}, where
    else:
        assert answer.status_code == 302, where
        assert answer["Location"].startswith(reverse(settings.LOGIN_URL)), where


@pytest.fixture
def visitors(cast: Cast) -> Visitors:
    return Visitors(cast)


@pytest.mark.feature("9.6")
@pytest.mark.parametrize("route", OURS, ids=lambda route: route.name)
def test_the_matrix_holds_at_every_address(route: Route, visitors: Visitors) -> None:
    check(route, visitors)


@pytest.mark.parametrize(
    "route", [one for one in OURS if set(one.rights) - SAFE], ids=lambda route: route.name
)
def test_a_foreign_page_cannot_post(route: Route, visitors: Visitors) -> None:
    """Without the token of our own forms, with the session of somebody who has the right."""
    url = address(route, visitors.cast)
    for method, rights in asked_methods(route):
        if method in SAFE:
            continue
        able = [name for name in PRINCIPALS if is_allowed(visitors.user(name), rights)]
        assert able, f"nobody may {method} {url}"
        answer, changes = visitors.ask(able[0], method, url, enforce_csrf_checks=True)
        assert (answer.status_code, changes) == (403, []), f"{method} {url} as {able[0]}"


def test_every_address_has_its_line_and_every_line_its_address() -> None:
    found = rights_differences(declared_rights(), read_rights(rights_file()), [UNDECLARED])
    assert found == [], "run `manage.py permission_matrix --write` and read what changes"


def test_every_address_with_parameters_has_an_example() -> None:
    missing = sorted({one.name for one in OURS if one.has_parameters} - set(EXAMPLES))
    assert missing == [], "say in tests/<app>/examples.py which object to try"


def test_every_address_has_a_name() -> None:
    assert [route.path for route in OURS if not route.name] == []


# Controls: the check sees what it is for.


def route_named(name: str) -> Route:
    return next(route for route in OURS if route.name == name)


def test_a_door_that_is_open_too_wide_is_seen(visitors: Visitors) -> None:
    invite = route_named("accounts:person-invite")
    never: tuple[str, ...] = (Act.EDIT_LEDGER.value,)
    with pytest.raises(AssertionError, match="as admin: 200"):
        check(replace(invite, rights=dict.fromkeys(invite.rights, never)), visitors)


def test_an_object_of_another_division_that_shows_is_seen(
    visitors: Visitors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.views.people.people_for", lambda user: User.objects.all())
    with pytest.raises(AssertionError, match="of another division"):
        check(route_named("accounts:person"), visitors)


def test_a_page_that_changes_something_when_read_is_seen(
    visitors: Visitors, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rename(user: User) -> str:
        User.objects.filter(pk=user.pk).update(title="read")
        return ""

    monkeypatch.setattr("accounts.views.people.role_words", rename)
    with pytest.raises(AssertionError, match="changed something by reading"):
        check(route_named("accounts:person"), visitors)
