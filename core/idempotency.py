"""``Idempotency-Key``: a write of the API that is sent twice happens once.

A client that got no answer sends the same request with the same key again and gets the
stored answer. The answer is stored in the transaction of the change itself, so after a
crash there is either both or neither.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from copy import copy
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.encoding import force_bytes
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from core import clock
from core.errors import AdroitError, Conflict, Invalid
from core.models import IdempotencyKey

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
WRITES = {"POST", "PUT", "PATCH", "DELETE"}
LONGEST = 120
KEPT = timedelta(days=1)
# After this a request without an answer was cut off, and its change undone with it.
CUT_OFF = timedelta(minutes=10)

View = Callable[..., HttpResponseBase]


class IdempotencyKeys:
    """Middleware: claims the key, runs the view, stores the answer; or answers as before."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        key = request.headers.get(HEADER)
        if key is None or request.method not in WRITES or not hasattr(view, "cls"):
            return None
        fingerprint = _fingerprint(request)
        user_id = _user_id(request, view.cls)
        if user_id is None:
            return None  # refused by the view itself
        try:
            _require_usable(key, view.cls)
            claimed = _claim(user_id, key, fingerprint, clock.now())
        except AdroitError as error:
            return JsonResponse(error.as_dict(), status=error.status)
        if claimed.status is not None:
            return _stored(claimed)
        return _run(claimed, lambda: view(request, *args, **kwargs))


@transaction.atomic
def form_once(*, user_id: int, key: str, act: Callable[[], str], now: datetime) -> tuple[str, bool]:
    """What ``act`` gave when this person's form of this key was first sent, and whether that is now.

    Sent again at the same moment it waits for the first; where that one fails, it runs itself.
    """
    row, is_first = IdempotencyKey.objects.get_or_create(
        user_id=user_id, key=f"form:{key}", defaults={"request_hash": "", "created_at": now}
    )
    if is_first:
        row.body = act()
        row.save(update_fields=["body"])
    return row.body, is_first


def forget_old_keys(now: datetime) -> dict[str, int]:
    """Remove the answers nobody may ask for any more (schedule)."""
    gone, _ = IdempotencyKey.objects.filter(created_at__lt=now - KEPT).delete()
    return {"removed": gone}


def _user_id(request: HttpRequest, view: Any) -> int | None:
    """Who asks, by the view's own means; None when it would not let anybody in.

    The content is read before. A copy is asked: a refusal would leave nobody on the request,
    and the view has to say itself why it refuses.
    """
    asked = view()
    try:
        user = Request(
            copy(request),
            parsers=asked.get_parsers(),
            authenticators=asked.get_authenticators(),
        ).user
    except APIException:
        return None
    return user.pk if user.is_authenticated else None


def _require_usable(key: str, view: Any) -> None:
    if not 0 < len(key) <= LONGEST or not key.isprintable():
        raise Invalid(f"The key must have 1 to {LONGEST} printable characters.", where=HEADER)
    if getattr(view, "answers_with_secret", False):
        raise Invalid(
            "This answer shows a secret once, so it is not kept.",
            where=HEADER,
            remedy="Send the request without a key.",
        )


def _fingerprint(request: HttpRequest) -> str:
    """What was asked: method, address and content; the boundaries of a form do not count."""
    digest = hashlib.sha256()
    for part in (request.method, request.get_full_path(), *_content(request)):
        piece = hashlib.sha256(force_bytes(part)).digest()
        digest.update(piece)
    return digest.hexdigest()


def _content(request: HttpRequest) -> Iterator[str | bytes]:
    if request.content_type != "multipart/form-data":
        yield request.body
        return
    for name, values in sorted(request.POST.lists()):
        yield from (name, *values)
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            yield from (name, file.name or "", _digest_of(file))


def _digest_of(file: Any) -> bytes:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.digest()


def _claim(user_id: int, key: str, fingerprint: str, now: datetime) -> IdempotencyKey:
    """The key's row: ours to run when it has no status, else with the stored answer."""
    IdempotencyKey.objects.filter(user_id=user_id, key=key, created_at__lt=now - KEPT).delete()
    found, is_new = IdempotencyKey.objects.get_or_create(
        user_id=user_id, key=key, defaults={"request_hash": fingerprint, "created_at": now}
    )
    if found.request_hash != fingerprint:
        raise Invalid(
            "This key was used for another request.",
            code="idempotency_key_reused",
            where=HEADER,
            remedy="Use a new key for every change.",
        )
    if is_new or found.status is not None or _taken_over(found, now):
        return found
    raise Conflict(
        "The first request with this key is still running.",
        code="still_running",
        where=HEADER,
        remedy="Ask again in a moment.",
    )


def _taken_over(found: IdempotencyKey, now: datetime) -> bool:
    return bool(
        found.created_at < now - CUT_OFF
        and IdempotencyKey.objects.filter(
            pk=found.pk, status=None, created_at=found.created_at
        ).update(created_at=now)
    )


def _run(claimed: IdempotencyKey, view: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Run the request and store its answer with its change; a failure frees the key."""
    is_kept = False
    try:
        with transaction.atomic():
            answer = view()
            if hasattr(answer, "render"):
                answer.render()
            is_kept = isinstance(answer, HttpResponse) and answer.status_code < 500
            if is_kept:
                _store(claimed, answer)
    finally:
        if not is_kept:
            IdempotencyKey.objects.filter(pk=claimed.pk, status=None).delete()
    return answer


def _store(claimed: IdempotencyKey, answer: Any) -> None:
    claimed.status = answer.status_code
    claimed.body = answer.content.decode()
    claimed.content_type = answer.get("Content-Type", "")
    claimed.save(update_fields=["status", "body", "content_type"])


def _stored(claimed: IdempotencyKey) -> HttpResponse:
    answer = HttpResponse(
        claimed.body, status=claimed.status, content_type=claimed.content_type or None
    )
    answer[REPLAYED] = "true"
    return answer
