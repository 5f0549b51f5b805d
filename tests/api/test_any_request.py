"""Whatever is sent to the API by whoever: no failure of ours, and no answer that is not described.

Every operation of the description is asked with content that fits it and content that does not,
about an object that is there, by each role in turn; what it does is undone each time.
"""

from __future__ import annotations

import logging
import re
import socket
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import cycle
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import got_request_exception, request_finished, request_started
from django.db import close_old_connections, transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from rest_framework.response import Response
from schemathesis import Case
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode

from core.routes import Route, routes
from tests.cast import Cast
from tests.drills.sheet import FULL, bar, keep, size
from tests.examples import load_examples

pytestmark = [pytest.mark.drill, pytest.mark.django_db]
ROLES = ("executive", "director", "manager", "analyst", "admin", "auditor", "nobody", "stranger")
EXAMPLES_EACH = size(1, 4)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ROUTES = {re.sub(r"<\w+:\w+>", "*", "/" + one.path): one for one in routes() if one.is_api}
OBJECTS = load_examples()


class Application(WSGIHandler):
    """The product as it is served; forms of others are another test's matter."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        answer: Any = super().__call__({**environ, "REMOTE_ADDR": "127.0.0.1"}, start_response)
        try:
            return [b"".join(answer)]
        finally:
            answer.close()

    def get_response(self, request: Any) -> HttpResponseBase:
        request._dont_enforce_csrf_checks = True
        return super().get_response(request)


@schemathesis.serializer("application/x-ndjson")
def lines(_context: Any, value: Any) -> bytes:
    return str(value).encode("utf-8", "replace")


@dataclass
class Asked:
    """How often each answer came, and what was wrong: operation and reason to an example."""

    number: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    wrong: dict[tuple[str, str], str] = field(default_factory=dict)
    broke: list[str] = field(default_factory=list)

    def note(self, case: Case, role: str, status: int, failures: Any) -> None:
        self.number += 1
        self.statuses[status] = self.statuses.get(status, 0) + 1
        for failure in failures:
            key = case.operation.label, f"{failure.title}: {failure.message}"[:300]
            self.wrong.setdefault(key, f"as {role}: {case.as_curl_command()[:400]} {self.broke}")

    def remember(self, **_: Any) -> None:
        """Where the product broke, of the request that is being answered."""
        self.broke[:] = traceback.format_exc().splitlines()[-6:]


@cache
def description() -> Any:
    """The product's description, with the product behind it."""
    generator: Any = SchemaGenerator
    schema: Any = schemathesis.openapi.from_dict(generator().get_schema(request=None, public=True))
    schema.app = Application()
    return schema


class Askers:
    """The API, and a signed-in session for each role."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.asked = cast, Asked()
        self.cookies = {role: self._cookie(role) for role in ROLES}
        self.schema = description()
        got_request_exception.connect(self.asked.remember)

    def _cookie(self, role: str) -> dict[str, str]:
        user, client = getattr(self.cast, role, None), Client()
        if user is None:
            return {}
        client.force_login(user)
        return {key: one.value for key, one in client.cookies.items()}

    def operations(self) -> list[Any]:
        return [found.ok() for found in self.schema.get_all_operations()]

    def ask(self, case: Case, role: str) -> None:
        """Ask and undo; what is wrong with the answer is noted."""
        self.asked.broke.clear()
        with transaction.atomic():
            answer = case.call(cookies=self.cookies[role])
            transaction.set_rollback(True)
        failures: Any = ()
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as found:
            failures = found.exceptions
        self.asked.note(case, role, answer.status_code, failures)

    @contextmanager
    def about_something(self, operation: Any) -> Iterator[dict[str, Any]]:
        """What the parameters of its address are when they name an object that is there."""
        route = ROUTES[re.sub(r"{\w+}", "*", operation.path)]
        with transaction.atomic():
            yield self._named(route, re.findall(r"{(\w+)}", operation.path))
            transaction.set_rollback(True)

    def _named(self, route: Route, names: list[str]) -> dict[str, Any]:
        if not names:
            return {}
        keywords = OBJECTS[route.name].make(self.cast)
        ours = re.findall(r"<\w+:(\w+)>", route.path)
        return {name: keywords[own] for name, own in zip(names, ours, strict=True)}


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No name leads anywhere, and the end of a request does not end the test's connection."""

    def nowhere(*_: Any, **__: Any) -> Any:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    logging.disable(logging.CRITICAL)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    logging.disable(logging.NOTSET)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def each_case(operation: Any, mode: GenerationMode, ask: Callable[[Case], None]) -> None:
    """Ask every case that is made up for an operation."""

    @settings(
        max_examples=EXAMPLES_EACH,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def made_up(case: Case) -> None:
        ask(case)

    made_up()


def modes(number: int) -> Sequence[GenerationMode]:
    """Content that fits and content that does not; in a short run one of the two."""
    both = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    return both if FULL else (both[number % 2],)


def ask_all(askers: Askers, operations: Sequence[Any]) -> None:
    roles = cycle(ROLES)
    for number, operation in enumerate(operations):
        bar(number + 1, len(operations), f"operations, {askers.asked.number:,} requests")
        with askers.about_something(operation) as there:

            def ask(case: Case, there: dict[str, Any] = there) -> None:
                case.path_parameters.update(there)
                for role in ROLES if FULL else (next(roles),):
                    askers.ask(case, role)

            for mode in modes(number):
                each_case(operation, mode, ask)


def test_no_request_breaks_anything_or_is_answered_in_a_way_that_is_not_described(
    cast: Cast, alone: None
) -> None:
    askers = Askers(cast)
    operations = askers.operations()
    ask_all(askers, operations)
    asked = askers.asked
    assert asked.wrong == {}, "\n".join(f"{key}: {value}" for key, value in asked.wrong.items())
    good = sum(count for status, count in asked.statuses.items() if status < 300)
    assert asked.number >= len(operations)
    assert good > len(operations) // 10, asked.statuses
    keep(
        "Any request to the API",
        did=f"{asked.number:,} requests to {len(operations)} operations by {len(ROLES)} roles, "
        f"{good:,} of them done",
        found="0 failures of ours, 0 answers that are not described",
        control="a view that breaks, a status and a field that are not described: all seen",
    )


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        (lambda: 1 / 0, "Server error"),
        (lambda: Response({}, status=418), "Undocumented status code"),
        (lambda: Response({"results": "none"}), "Response violates schema"),
        (lambda: HttpResponse("<p>"), "Undocumented Content-Type"),
    ],
)
def test_the_control_is_seen(
    cast: Cast, alone: None, monkeypatch: pytest.MonkeyPatch, answer: Any, seen: str
) -> None:
    monkeypatch.setattr("campaigns.api.views.Campaigns.get", lambda *_, **__: answer())
    askers = Askers(cast)
    each_case(
        askers.schema["/api/v1/campaigns/"]["GET"],
        GenerationMode.POSITIVE,
        lambda case: askers.ask(case, "director"),
    )
    assert seen in str(askers.asked.wrong)
