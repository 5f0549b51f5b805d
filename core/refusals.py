"""What answers when no view does: the error page, under /api/ the one error shape."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import psycopg
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views import defaults

from core.errors import AdroitError, NoSpace, TooSlow

API = "/api/"
# No space, more than somebody's share of it, a file larger than the system allows.
NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

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
_server_error = _or_shape(
    defaults.server_error, 500, "server_error", "Something broke on our side; nothing was changed."
)


def server_error(request: HttpRequest) -> HttpResponse:
    """A full disk and a question without an end say so; whatever else broke says nothing more."""
    error = _said(sys.exc_info()[1])
    if error is None:
        return _server_error(request)
    if request.path_info.startswith(API):
        return JsonResponse(error.as_dict(), status=error.status)
    # Without the request: what stands around a page may be what found no space.
    return HttpResponse(render_to_string("500.html", {"error": error}), status=error.status)


def _said(error: BaseException | None) -> AdroitError | None:
    if _is_full(error):
        return NoSpace(
            "There is no space left on our disk; nothing was changed.",
            remedy="Ask whoever runs Adroit to make room, then do it once more.",
        )
    if _is_cancelled(error):
        return TooSlow(
            "This took the database too long and was ended; nothing was changed.",
            remedy="Ask for a shorter period or fewer things at once.",
        )
    return None


def _is_cancelled(error: BaseException | None) -> bool:
    if isinstance(error, psycopg.errors.QueryCanceled):
        return True
    return error is not None and _is_cancelled(error.__cause__)


def _is_full(error: BaseException | None) -> bool:
    """Whether a full disk is the reason, or the reason of the reason."""
    if isinstance(error, OSError):
        return error.errno in NO_SPACE
    if isinstance(error, psycopg.errors.DiskFull):
        return True
    return error is not None and _is_full(error.__cause__)
