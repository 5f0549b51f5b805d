"""The live stream: one small ASGI process that tells open pages what changed.

``GET /live`` answers with server-sent events. A page is told only about events of
teams its person may see; it then fetches its own parts again, with all the checks of
any other request. One database connection listens for all streams.
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
from accounts.permissions import can, scope_for  # noqa: E402
from core.events import CHANNEL  # noqa: E402

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

log = logging.getLogger(__name__)
HEARTBEAT_SECONDS = 20
QUEUE_LENGTH = 200


@dataclass(eq=False)
class Stream:
    """One open page: what it may hear and what waits to be sent."""

    scope: Scope
    security: bool
    queue: asyncio.Queue[str] = field(default_factory=lambda: asyncio.Queue(QUEUE_LENGTH))

    def offer(self, event: dict[str, Any], text: str) -> None:
        """Queue what the person may see; a page that cannot keep up only loses repeats."""
        visible = self.security if event["security"] else self.scope.holds(event["team_path"])
        if visible or not event["team_path"]:
            with contextlib.suppress(asyncio.QueueFull):
                self.queue.put_nowait(text)


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
    return Stream(scope_for(user, Act.VIEW_CAMPAIGNS), can(user, Act.VIEW_AUDIT))


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
            text = f"id: {event['id']}\ndata: {json.dumps(event)}\n\n"
            for stream in tuple(streams):
                stream.offer(event, text)


def _connection_parameters() -> dict[str, Any]:
    connection.ensure_connection()
    parameters = connection.get_connection_params()
    wanted = ("dbname", "user", "password", "host", "port")
    return {key: parameters[key] for key in wanted if parameters.get(key)}


async def _parts(stream: Stream) -> AsyncIterator[str]:
    yield "retry: 2000\n\n"
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
    await _stream(stream, named.get("origin", ""), receive, send)


async def _stream(stream: Stream, origin: str, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": _headers(origin)})
    streams.add(stream)
    sending = asyncio.create_task(_pump(stream, send))
    leaving = asyncio.create_task(_until_gone(receive))
    try:
        await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        streams.discard(stream)
        sending.cancel()
        leaving.cancel()


async def _pump(stream: Stream, send: Send) -> None:
    async for part in _parts(stream):
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
