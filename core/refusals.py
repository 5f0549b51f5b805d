"""What answers when no view does: the error page, under /api/ the one error shape."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults

from core.errors import AdroitError

API = "/api/"

Handler = Callable[..., HttpResponse]


def _or_shape(handler: Handler, status: int, code: str, message: str) -> Handler:
    @wraps(handler)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.path_info.startswith(API):
            return JsonResponse(AdroitError(message, code=code).as_dict(), status=status)
        return handler(request, *args, **kwargs)

    return answer


bad_request = _or_shape(
    defaults.bad_request, 400, "bad_request", "The request cannot be read as it was sent."
)
not_allowed = _or_shape(defaults.permission_denied, 403, "not_allowed", "You may not do this.")
not_found = _or_shape(defaults.page_not_found, 404, "not_found", "There is no such address.")
server_error = _or_shape(
    defaults.server_error, 500, "server_error", "Something broke on our side; nothing was changed."
)
