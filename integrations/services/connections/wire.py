"""HTTP to the platforms: named public hosts only, limits on time and size, credentials never redirected."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings

from core.fetching import FetchFailed, FetchRefused, FetchTooLarge, Limits, fetch, is_host
from integrations.services.connections.failures import Refused, Unavailable, Unreadable

WHOLE_SECONDS = 180.0
REDIRECTS = 3
OWN_NETWORK = "Ask whoever runs the network of this installation why the name leads there."
# Characters that a raw query keeps: its brackets, commas and colons have a meaning there.
RAW = "(),:'%"


@dataclass(frozen=True, slots=True)
class Ask:
    """A question, ready to be sent; ``body`` is JSON, or form fields when ``form``.

    ``follow`` goes where a redirect leads within ``hosts``: only for questions without credentials.
    """

    method: str
    url: str
    hosts: tuple[str, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    raw_query: bool = False
    form: bool = False
    follow: bool = False
    most_bytes: int = 32 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The content with numbers as the texts they were; None where it is no JSON."""
        try:
            return json.loads(self.body, parse_float=str, parse_int=str, parse_constant=str)
        except (ValueError, RecursionError):
            return None


class Wire(Protocol):
    """Whoever can carry a question to a platform."""

    def send(self, ask: Ask) -> Answer:
        """Raises ``Unavailable`` when no whole answer came, ``Refused`` for a host that is not allowed."""


class Http:
    """The real wire, under the rules of ``core.fetching``: each name is looked up once, its
    address must be public, and the connection goes to the very address that was checked."""

    def __init__(self, *, whole_seconds: float = WHOLE_SECONDS) -> None:
        self._whole = whole_seconds

    def send(self, ask: Ask) -> Answer:
        url = _address(ask)
        body, kind = _body(ask)
        headers = {"accept": "application/json", **kind, **ask.headers}
        try:
            found = fetch(
                url, limits=self._limits(ask), method=ask.method, headers=headers, body=body
            )
        except FetchRefused as error:
            raise Refused(error.message, remedy=OWN_NETWORK) from error
        except FetchTooLarge as error:
            raise Unreadable(
                f"The answer is larger than {ask.most_bytes >> 20} MB.",
                remedy="Ask for fewer days at once, or tell the maintainers.",
            ) from error
        except FetchFailed as error:
            raise Unavailable(error.message, remedy="It is tried again by itself.") from error
        return Answer(found.status, found.headers, found.content)

    def _limits(self, ask: Ask) -> Limits:
        hosts = frozenset(ask.hosts)
        if settings.FAKE_PLATFORM_URL:
            hosts |= {urlsplit(settings.FAKE_PLATFORM_URL).hostname or ""}
        return Limits(
            size=ask.most_bytes,
            seconds=self._whole,
            redirects=REDIRECTS if ask.follow else 0,
            hosts=hosts,
        )


def _address(ask: Ask) -> str:
    """The whole address, after a look at its host: every platform has its own list."""
    fake = settings.FAKE_PLATFORM_URL
    parts = urlsplit(ask.url)
    allowed = any(is_host(parts.hostname or "", host) for host in ask.hosts)
    if parts.scheme != "https" or not allowed or parts.port not in (None, 443) or parts.username:
        raise Refused(
            f"{parts.hostname or ask.url} is not an address of this platform.",
            remedy="Correct the address on the connection’s page.",
        )
    url = f"{fake}/{parts.hostname}{parts.path}" if fake else f"https://{parts.netloc}{parts.path}"
    query = "&".join(filter(None, [parts.query, _query(ask)]))
    return f"{url}?{query}" if query else url


def _query(ask: Ask) -> str:
    if ask.raw_query:
        return "&".join(f"{key}={quote(str(value), safe=RAW)}" for key, value in ask.query.items())
    return urlencode({key: _text(value) for key, value in ask.query.items()})


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _body(ask: Ask) -> tuple[bytes | None, dict[str, str]]:
    if ask.body is None:
        return None, {}
    if ask.form:
        return urlencode(ask.body).encode(), {"content-type": "application/x-www-form-urlencoded"}
    return json.dumps(ask.body).encode(), {"content-type": "application/json"}
