"""One shape for every error, and a page that says what happened and how to go on."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory
from rest_framework import exceptions, serializers

from core import middleware
from core.api import error_response
from core.errors import AdroitError, Conflict, Invalid, NotAllowed, TooThin
from core.middleware import ErrorPages

SHAPE = {"code", "message", "where", "remedy", "details"}


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (AdroitError("x"), 400, "error"),
        (Invalid("x"), 422, "invalid"),
        (NotAllowed("x"), 403, "not_allowed"),
        (Conflict("x"), 409, "conflict"),
        (TooThin("x"), 422, "not_enough_data"),
        (Invalid("x", code="MIXED_CURRENCY"), 422, "MIXED_CURRENCY"),
        (Http404("x"), 404, "not_found"),
        (PermissionDenied("x"), 403, "not_allowed"),
        (exceptions.NotAuthenticated(), 401, "not_authenticated"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.Throttled(3), 429, "throttled"),
        (exceptions.ParseError(), 400, "parse_error"),
        (exceptions.ValidationError({"name": ["Too long."]}), 400, "invalid"),
    ],
)
def test_the_api_answers_every_error_in_one_shape(error: Exception, status: int, code: str) -> None:
    response = error_response(error, {})
    assert response is not None
    assert response.status_code == status
    assert set(response.data) == {"error"}
    assert set(response.data["error"]) == SHAPE
    assert response.data["error"]["code"] == code
    assert response.data["error"]["message"]


def test_the_api_names_each_wrong_field() -> None:
    class Line(serializers.Serializer[Any]):
        name = serializers.CharField(max_length=3)
        amount = serializers.IntegerField()

    line = Line(data={"name": "Winter", "amount": "many"})
    assert not line.is_valid()
    response = error_response(exceptions.ValidationError(line.errors), {})
    assert response is not None
    assert [one["where"] for one in response.data["error"]["details"]] == ["name", "amount"]


def test_a_list_of_faults_has_no_field() -> None:
    response = error_response(exceptions.ValidationError("Nothing fits."), {})
    assert response is not None
    assert response.data["error"]["details"] == [{"where": "", "message": "Nothing fits."}]


def test_an_unexpected_error_is_not_dressed_up() -> None:
    assert error_response(ZeroDivisionError(), {}) is None


def test_an_error_carries_place_remedy_and_details() -> None:
    error = Invalid("Row 3 has no date.", where="row 3", remedy="Add it.", details=[{"row": 3}])
    assert error.as_dict()["error"] == {
        "code": "invalid",
        "message": "Row 3 has no date.",
        "where": "row 3",
        "remedy": "Add it.",
        "details": [{"row": 3}],
    }


@pytest.mark.parametrize(
    ("headers", "template"),
    [({}, "error.html"), ({"HX-Request": "true"}, "components/error_toast.html")],
)
def test_pages_get_the_errors_own_status_and_template(
    headers: dict[str, str], template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: dict[str, Any] = {}

    def render(
        request: HttpRequest, name: str, context: dict[str, Any], status: int
    ) -> HttpResponse:
        drawn.update(name=name, **context)
        return HttpResponse(status=status)

    monkeypatch.setattr(middleware, "render", render)
    pages = ErrorPages(lambda request: HttpResponse())
    request = RequestFactory().get("/", headers=headers)
    error = Conflict("Somebody else decided this.")
    response = pages.process_exception(request, error)
    assert response is not None
    assert response.status_code == 409
    assert drawn == {"name": template, "error": error}
    assert pages.process_exception(request, ValueError()) is None
