"""The API describes itself: completely, validly, and its errors in one shape."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from core.routes import Route, routes
from tests.cast import Cast

SHAPE = {"code", "message", "where", "remedy", "details"}
OURS = [one for one in routes() if one.is_ours and one.is_api]
# The description and its page answer in formats of their own.
DESCRIBED = [one for one in OURS if one.name not in {"api-schema", "api-docs"}]
NOWHERE = 2**40


@pytest.fixture
def director(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.director)
    return client


def described() -> dict[str, Any]:
    generator: Any = SchemaGenerator
    schema: dict[str, Any] = generator().get_schema(request=None, public=True)
    return schema


def some_address(route: Route) -> str:
    """The route's address; its object does not exist."""
    return "/" + re.sub(r"<\w+:\w+>", str(NOWHERE), route.path)


def error_of(answer: Any) -> dict[str, Any]:
    assert answer["Content-Type"].startswith("application/json"), answer.content[:200]
    error: dict[str, Any] = answer.json()["error"]
    assert set(error) == SHAPE
    assert error["message"]
    return error


@pytest.mark.django_db
def test_the_description_is_valid_and_complete() -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, file="/dev/null")


def test_every_endpoint_is_described() -> None:
    paths = {re.sub(r"{\w+}", "*", path) for path in described()["paths"]}
    ours = {re.sub(r"<\w+:\w+>", "*", "/" + one.path) for one in DESCRIBED}
    assert ours - paths == set()


def test_operations_have_names_of_their_own() -> None:
    names = [
        operation["operationId"]
        for path in described()["paths"].values()
        for operation in path.values()
    ]
    assert len(names) == len(set(names))


def test_tokens_and_sessions_open_the_api() -> None:
    schemes = described()["components"]["securitySchemes"]
    assert schemes["token"]["scheme"] == "bearer"


def test_every_endpoint_refuses_a_stranger_in_the_one_shape(db: None) -> None:
    for route in DESCRIBED:
        answer = Client().get(some_address(route))
        assert answer.status_code in {401, 403, 405}, route.name
        error_of(answer)


def test_every_endpoint_refuses_a_wrong_method_in_the_one_shape(director: Client) -> None:
    for route in DESCRIBED:
        unused = next(method for method in ("PUT", "PATCH", "POST") if method not in route.rights)
        answer = director.generic(unused, some_address(route), "{}", "application/json")
        assert answer.status_code in {403, 405}, route.name
        error_of(answer)


@pytest.mark.parametrize("path", ["campaigns/1099511627776/", "campaigns/-1/", "nothing/"])
def test_what_is_not_there_has_the_one_shape(path: str, director: Client) -> None:
    answer = director.get(f"/api/v1/{path}")
    assert (answer.status_code, error_of(answer)["code"]) == (404, "not_found")


def test_a_page_that_is_not_there_stays_a_page(director: Client) -> None:
    answer = director.get("/nothing/")
    assert (answer.status_code, answer["Content-Type"][:9]) == (404, "text/html")


def test_a_failure_of_ours_has_the_one_shape_and_says_nothing_more(
    director: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("campaigns.api.views.campaigns_with_parts", lambda user: 1 / 0)
    director.raise_request_exception = False
    answer = director.get("/api/v1/campaigns/")
    assert (answer.status_code, error_of(answer)["code"]) == (500, "server_error")
    assert "Zero" not in answer.content.decode()


@pytest.mark.parametrize("page", ["schema", "docs"])
@pytest.mark.parametrize("name", ["lang", "version", "a"])
def test_a_query_that_cannot_be_read_is_refused(director: Client, page: str, name: str) -> None:
    assert director.get(f"/api/v1/{page}/", {name: "en"}).status_code == 200
    assert director.get(f"/api/v1/{page}/", {name: "e\0n"}).status_code == 400
    assert director.get(f"/api/v1/{page}/", {f"{name}\0": "en"}).status_code == 400
