"""The live stream: one small ASGI process that tells open pages what changed.

``GET /live`` answers with server-sent events. A page is told only about events of
teams its person may see; it then fetches its own parts again, with all the checks of
any other request. One database connection listens for all streams. A page that lost its
stream names the last event it heard (``Last-Event-ID``) and is told to look again when
something happened since that it may know.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import psycopg  # noqa: E402
from asgiref.sync import sync_to_async  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.auth import get_user  # noqa: E402
from django.db import close_old_connections, connection  # noqa: E402
from django.http import HttpRequest  # noqa: E402
from django.http.cookie import parse_cookie  # noqa: E402
from django.utils.module_loading import import_string  # noqa: E402

from accounts.choices import Act  # noqa: E402
from accounts.models import Scope, User  # noqa: E402
from accounts.permissions import levels, scope_for  # noqa: E402
from core.events import CHANNEL  # noqa: E402
from core.models import Event  # noqa: E402

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

log = logging.getLogger(__name__)
HEARTBEAT_SECONDS = 20
QUEUE_LENGTH = 200
# How many events are looked at when a page comes back.
REMEMBERED = 1_000
MAX_NUMBER = 2**63 - 1


@dataclass(eq=False)
class Stream:
    """One open page: what it may hear and what waits to be sent."""

    scope: Scope
    # Where the person reads the trail of sign-ins and rights.
    security: Scope
    queue: asyncio.Queue[str] = field(default_factory=lambda: asyncio.Queue(QUEUE_LENGTH))

    def offer(self, event: dict[str, Any], text: str) -> None:
        """Queue what the person may see; a page that cannot keep up only loses repeats."""
        if self.may_hear(event["team_path"], is_security=event["security"]):
            with contextlib.suppress(asyncio.QueueFull):
                self.queue.put_nowait(text)

    def may_hear(self, team_path: str, *, is_security: bool) -> bool:
        """Security is for those who read its trail; what belongs to no team is for everybody."""
        if is_security:
            return self.security.holds(team_path)
        return not team_path or self.scope.holds(team_path)


streams: set[Stream] = set()


def _who(cookie_header: str) -> Stream | None:
    """The stream of the signed-in person a request belongs to; runs in a thread."""
    close_old_connections()
    request = HttpRequest()
    request.COOKIES = parse_cookie(cookie_header)
    engine = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
    request.session = engine(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    user = get_user(request)
    if not isinstance(user, User):
        return None
    return Stream(scope_for(user, Act.VIEW_CAMPAIGNS), security_scope(user))


def _missed(stream: Stream, last: str) -> list[str]:
    """One word that tells a page to look at everything again; runs in a thread.

    Only when something happened since the event of that number that its person may hear of.
    """
    if not last.isdecimal() or int(last) > MAX_NUMBER:
        return []
    later = Event.objects.filter(pk__gt=int(last)).order_by("-pk")[:REMEMBERED]
    for event in later:
        if stream.may_hear(event.team_path, is_security=event.is_security):
            return [written({"id": event.pk, "action": "missed", "subjects": ["*"]})]
    return []


def written(event: dict[str, Any]) -> str:
    """An event as the stream sends it."""
    return f"id: {event['id']}\ndata: {json.dumps(event)}\n\n"


def security_scope(user: User) -> Scope:
    """Everywhere for who reads the whole trail or the trail of security, else nowhere."""
    held = {level for level, _ in levels(user, Act.VIEW_AUDIT)}
    return Scope(everything=bool(held & {"A", "SEC"}))


async def _listen() -> None:
    """Hear the database and offer each event to every stream; reconnect for ever."""
    while True:
        try:
            await _hear_until_cut()
        except (psycopg.Error, OSError):
            log.warning("the live stream lost the database and will try again", exc_info=True)
            await asyncio.sleep(1)


async def _hear_until_cut() -> None:
    parameters = await sync_to_async(_connection_parameters)()
    async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as database:
        await database.execute(f"LISTEN {CHANNEL}")
        async for note in database.notifies():
            event = json.loads(note.payload)
            text = written(event)
            for stream in tuple(streams):
                stream.offer(event, text)


def _connection_parameters() -> dict[str, Any]:
    connection.ensure_connection()
    parameters = connection.get_connection_params()
    wanted = ("dbname", "user", "password", "host", "port")
    return {key: parameters[key] for key in wanted if parameters.get(key)}


async def _parts(stream: Stream, missed: list[str]) -> AsyncIterator[str]:
    yield "retry: 2000\n\n"
    for text in missed:
        yield text
    while True:
        try:
            yield await asyncio.wait_for(stream.queue.get(), HEARTBEAT_SECONDS)
        except TimeoutError:
            yield ": still here\n\n"


def _headers(origin: str) -> list[tuple[bytes, bytes]]:
    headers = [
        (b"content-type", b"text/event-stream"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
    ]
    if origin == settings.SITE_URL:
        headers += [
            (b"access-control-allow-origin", origin.encode()),
            (b"access-control-allow-credentials", b"true"),
        ]
    return headers


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _serve(request: dict[str, Any], receive: Receive, send: Send) -> None:
    named = {key.decode("latin-1"): value.decode("latin-1") for key, value in request["headers"]}
    if request["path"] not in ("/live", "/live/"):
        await _answer(send, 404, [])
        return
    stream = await sync_to_async(_who, thread_sensitive=False)(named.get("cookie", ""))
    if stream is None:
        await _answer(send, 401, _headers(named.get("origin", "")))
        return
    # From here on it hears what happens; what it missed comes first, and twice is harmless.
    streams.add(stream)
    try:
        last = named.get("last-event-id", "")
        missed = await sync_to_async(_missed, thread_sensitive=False)(stream, last)
        await _stream(stream, missed, named.get("origin", ""), receive, send)
    finally:
        streams.discard(stream)


async def _stream(
    stream: Stream, missed: list[str], origin: str, receive: Receive, send: Send
) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": _headers(origin)})
    sending = asyncio.create_task(_pump(stream, missed, send))
    leaving = asyncio.create_task(_until_gone(receive))
    try:
        await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        sending.cancel()
        leaving.cancel()


async def _pump(stream: Stream, missed: list[str], send: Send) -> None:
    async for part in _parts(stream, missed):
        await send({"type": "http.response.body", "body": part.encode(), "more_body": True})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _lifespan(receive: Receive, send: Send) -> None:
    listening = None
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            listening = asyncio.create_task(_listen())
            await send({"type": "lifespan.startup.complete"})
        else:
            if listening:
                listening.cancel()
            await send({"type": "lifespan.shutdown.complete"})
            return


async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """The ASGI application: ``uvicorn config.live:app``."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http":
        await _serve(scope, receive, send)
