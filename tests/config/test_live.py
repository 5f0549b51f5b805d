"""The live stream, as the real process serves it: quick, discreet, and it picks up where it broke."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Team, User
from config.places import PROJECT_ROOT
from core import events
from core.models import Event
from tests.cast import Cast, create_cast

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.feature("3.3")]


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@pytest.fixture
def live(database_url: str, transactional_db: None) -> Iterator[int]:
    """The process; the port it answers on."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "config.live:app", "--port", str(port), "--log-level", "warning", "--timeout-graceful-shutdown", "1"]  # fmt: skip
    environment = os.environ | {"DATABASE_URL": database_url}
    process = subprocess.Popen(command, cwd=PROJECT_ROOT, env=environment)
    try:
        wait_for(port)
        yield port
    finally:
        while Page.opened:
            Page.opened.pop().close()
        process.terminate()
        process.wait(timeout=20)


def wait_for(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with socket.socket() as door:
            if door.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail("the live process did not start")


class Page:
    """An open page of somebody: what it hears."""

    opened: ClassVar[list[Page]] = []

    def __init__(self, port: int, user: User | None, last: int | None = None) -> None:
        headers = {"Cookie": cookie_of(user)} if user else {}
        if last is not None:
            headers["Last-Event-ID"] = str(last)
        self.door = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
        self.door.request("GET", "/live", headers=headers)
        self.answer = self.door.getresponse()
        self.opened.append(self)
        if self.answer.status == 200:
            # The first line says that the stream is open.
            assert self.answer.readline().startswith(b"retry:")

    def next(self) -> dict[str, Any] | None:
        """The next event, or None when nothing comes within the patience of the connection."""
        try:
            while line := self.answer.readline():
                if line.startswith(b"data:"):
                    found: dict[str, Any] = json.loads(line[5:])
                    return found
        except TimeoutError:
            pass
        return None

    def close(self) -> None:
        self.answer.close()
        self.door.close()


def cookie_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def happen(team: Team | None, cast: Cast, *, is_security: bool = False) -> Event:
    return events.record(
        actor=cast.executive.as_actor(), action="campaign.changed", subject=cast.dach, at=AT,
        team_path=team.path if team else "", is_security=is_security,
    )  # fmt: skip


def test_a_change_is_heard_within_two_seconds_and_only_by_who_may_see_it(live: int) -> None:
    cast = create_cast()
    near, far = Page(live, cast.manager), Page(live, cast.other_manager)
    marks = {}
    for _ in range(2):
        # The process begins to listen a moment after it opens its door.
        began = time.monotonic()
        ours = happen(cast.dach, cast)
        if heard := near.next():
            marks[heard["id"]] = time.monotonic() - began
            break
    assert set(marks) == {ours.pk}
    assert max(marks.values()) <= 2
    theirs = happen(cast.us, cast)
    secret = happen(None, cast, is_security=True)
    open_to_all = happen(None, cast)
    told = [one["id"] for one in (far.next(), far.next()) if one]
    assert told == [theirs.pk, open_to_all.pk]
    assert secret.pk not in told


def test_security_is_heard_by_who_reads_the_trail_alone(live: int) -> None:
    cast = create_cast()
    auditor, manager = Page(live, cast.auditor), Page(live, cast.manager)
    happen(None, cast)
    assert auditor.next()
    assert manager.next()
    secret, known = happen(cast.dach, cast, is_security=True), happen(cast.dach, cast)
    assert [one["id"] for one in (auditor.next(), auditor.next()) if one] == [secret.pk, known.pk]
    heard = manager.next()
    assert heard
    assert heard["id"] == known.pk


def test_a_page_that_comes_back_looks_again_only_when_it_missed_something(live: int) -> None:
    cast = create_cast()
    last = happen(cast.dach, cast)
    missed = happen(cast.dach, cast)
    happen(cast.us, cast)
    heard = Page(live, cast.manager, last.pk).next()
    assert heard == {"id": missed.pk, "action": "missed", "subjects": ["*"]}
    quiet = Page(live, cast.manager, missed.pk)
    assert quiet.next() is None


@pytest.mark.parametrize("last", ["-1", "x", "9" * 40])
def test_a_number_that_is_none_is_no_reason_to_fail(live: int, last: str) -> None:
    cast = create_cast()
    happen(cast.dach, cast)
    page = Page(live, cast.manager, last)  # type: ignore[arg-type]
    assert page.answer.status == 200


def test_a_stranger_hears_nothing(live: int) -> None:
    assert Page(live, None).answer.status == 401
