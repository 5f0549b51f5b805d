"""What all API endpoints share: pagination and the one error shape."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.pagination import PageNumberPagination
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler

from core.errors import AdroitError


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
            {"where": field, "message": str(message)}
            for field, messages in _by_field(error.detail)
            for message in messages
        ]
        return AdroitError("Some fields are not right.", code="invalid", details=details)
    if isinstance(error, Http404):
        return AdroitError("There is no such thing, or you may not see it.", code="not_found")
    if isinstance(error, PermissionDenied):
        return AdroitError("You may not do this.", code="not_allowed")
    code = getattr(error, "default_code", "error")
    return AdroitError(str(getattr(response, "data", {}).get("detail", error)), code=str(code))


def _by_field(detail: Any) -> list[tuple[str, list[Any]]]:
    if isinstance(detail, dict):
        return [(str(k), v if isinstance(v, list) else [v]) for k, v in detail.items()]
    return [("", detail if isinstance(detail, list) else [detail])]
