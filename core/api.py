"""What all API endpoints share: pagination, input, amounts and the one error shape."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import exceptions, serializers
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.pagination import PageNumberPagination
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from core.errors import AdroitError
from core.money import Money
from core.parsers import UNKEPT

# For answers that can be read as they were: see ``core.known.answer_as_known``.
AS_OF = OpenApiParameter(
    "as_of", str, description="What was known at a moment, or at the end of a day"
)


class Pages(PageNumberPagination):
    """``?page=2&per_page=100``; at most 500 a page."""

    page_size_query_param = "per_page"
    max_page_size = 500


class AnyFormat(DefaultContentNegotiation):
    """For endpoints that answer with a file: whatever the client accepts, errors are JSON."""

    def select_renderer(
        self,
        request: Request,  # noqa: ARG002
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,  # noqa: ARG002
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        return first, first.media_type


def read(shape: type[serializers.BaseSerializer[Any]], request: Request) -> dict[str, Any]:
    """The checked content of a request; what it names is looked up in the caller's sight."""
    data = shape(data=request.data, context={"request": request})
    data.is_valid(raise_exception=True)
    return dict(data.validated_data)


class Seen(serializers.PrimaryKeyRelatedField[Any]):
    """A thing by number, out of ``visible(person)``.

    What the caller may not see is answered like what does not exist, so that nobody
    learns of it by asking.
    """

    default_error_messages = {
        "does_not_exist": "There is no such thing, or you may not see it.",
        "incorrect_type": "Give its number.",
    }

    def __init__(
        self, model: type[Model], visible: Callable[[Any], QuerySet[Any]], **options: Any
    ) -> None:
        self.visible = visible
        super().__init__(queryset=QuerySet(model).none(), **options)

    def get_queryset(self) -> QuerySet[Any]:
        return self.visible(self.context["request"].user)


class TextQuery(APIView):
    """For views of others, which read the query unchecked: texts that cannot be kept are a 400."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        for name, values in request.query_params.lists():
            if any(UNKEPT.search(text) for text in (name, *values)):
                raise exceptions.ParseError(
                    "The query holds a character that cannot be read: zero, or half of a "
                    "surrogate pair."
                )


AMOUNT = {
    "type": "object",
    "nullable": True,
    "required": ["amount", "currency"],
    "properties": {"amount": {"type": "string"}, "currency": {"type": "string"}},
    "example": {"amount": "48000.00", "currency": "EUR"},
}


def money_out(value: Money | None) -> dict[str, str] | None:
    """An amount at full precision, at least to the minor unit; nothing when it is not known."""
    if value is None:
        return None
    exact, paid = value.amount, value.rounded()
    return {"amount": f"{paid if paid == exact else exact:f}", "currency": value.currency}


@extend_schema_field(AMOUNT)
class MoneyOut(serializers.Field[Any, Any, Any, Any]):
    """``{"amount": "48000.00", "currency": "EUR"}``."""

    def to_representation(self, value: Money) -> dict[str, str] | None:
        return money_out(value)


def error_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every error as ``{"error": {"code", "message", "where", "remedy", "details"}}``."""
    if isinstance(error, AdroitError):
        return Response(error.as_dict(), status=error.status)
    response = exception_handler(error, context)
    if response is not None:
        response.data = _known(error, response).as_dict()
    return response


def _known(error: Exception, response: Response) -> AdroitError:
    if isinstance(error, exceptions.ValidationError):
        details = [
            {"where": field, "message": message} for field, message in _by_field(error.detail)
        ]
        fields = {detail["where"] for detail in details}
        where = fields.pop() if len(fields) == 1 else ""
        return AdroitError(
            "Some fields are not right.", code="invalid", where=where, details=details
        )
    if isinstance(error, Http404):
        return AdroitError("There is no such thing, or you may not see it.", code="not_found")
    if isinstance(error, PermissionDenied):
        return AdroitError("You may not do this.", code="not_allowed")
    code = getattr(error, "default_code", "error")
    return AdroitError(str(getattr(response, "data", {}).get("detail", error)), code=str(code))


def _by_field(detail: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Each message with the field it is about; a part of a field as ``legs.0.amount``."""
    if isinstance(detail, dict):
        for key, inner in detail.items():
            yield from _by_field(inner, f"{path}.{key}".lstrip("."))
    elif isinstance(detail, list):
        for place, inner in enumerate(detail):
            deeper = isinstance(inner, dict | list)
            yield from _by_field(inner, f"{path}.{place}" if deeper else path)
    else:
        yield path, str(detail)
