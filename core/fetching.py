"""Fetching an address that somebody typed, without becoming their door into our own network.

Only http and https. The name is resolved once, every address it has must be public, and the
connection goes to the very address that was checked: what the name says a moment later does not
matter. Redirects are followed by hand, each under the same check. Size and time are bounded.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urljoin, urlsplit

import urllib3
from django.conf import settings

from core.errors import AdroitError

CONNECT_SECONDS = 10.0
PORTS = frozenset({80, 443, 8080, 8443})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
_NAT64 = ip_network("64:ff9b::/96")
_COMPATIBLE = ip_network("::/96")
_CHUNK = 64 * 1024
# What proves who asks, and must not follow a redirect to somebody else.
_SECRETS = frozenset(
    {"authorization", "cookie", "proxy-authorization", "x-api-key", "access-token"}
)

Address = IPv4Address | IPv6Address


class FetchRefused(AdroitError):
    """The address may not be fetched: what it is, or where it leads."""

    status = 422
    code = "fetch_refused"


class FetchFailed(AdroitError):
    """The address may be fetched, but no good answer came."""

    status = 502
    code = "fetch_failed"


class FetchTooLarge(FetchFailed):
    """The answer has more bytes than are taken; asking again brings the same."""


@dataclass(frozen=True, slots=True)
class Limits:
    """``silent``: seconds without a byte. ``redirects``: with 0 a redirect is handed over as the
    answer it is. ``hosts``: the only names that may be asked, when given (``*.example.com``: all
    that end so). ``private``: networks that may be reached although they are not public, beside
    those of ``FETCH_PRIVATE_NETWORKS``."""

    size: int = 50 * 1024 * 1024
    seconds: float = 60.0
    silent: float = 60.0
    redirects: int = 5
    hosts: frozenset[str] | None = None
    private: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fetched:
    """``url`` is where the answer came from, after redirects; ``content`` is as it was sent."""

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes
    addresses: Sequence[str] = field(default=())


@dataclass(frozen=True, slots=True)
class _Place:
    """A checked address: who is asked, and the number the connection goes to."""

    parts: SplitResult
    host: str
    port: int
    number: str

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.parts.scheme, self.host, self.port


DEFAULT = Limits()


def fetch(
    url: str,
    *,
    limits: Limits = DEFAULT,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Fetched:
    """What stands at ``url``. Only GET follows redirects; any status is an answer.

    Raises ``FetchRefused`` for an address that may not be asked, ``FetchFailed`` when nobody
    answers, or too late, or too much.
    """
    until = time.monotonic() + limits.seconds
    asked, sent = url, dict(headers or {})
    numbers: list[str] = []
    place = _place(asked, limits)
    for _ in range(limits.redirects + 1):
        numbers.append(place.number)
        answer = _ask(place, method, sent, body, limits, until)
        target = answer.headers.get("location")
        is_followed = method == "GET" and limits.redirects > 0
        if not is_followed or answer.status not in _REDIRECTS or not target:
            return Fetched(asked, answer.status, answer.headers, answer.content, tuple(numbers))
        asked, before = urljoin(asked, target), place
        place = _place(asked, limits)
        _refuse_downgrade(before, place)
        if place.origin != before.origin:
            sent = {key: value for key, value in sent.items() if key.lower() not in _SECRETS}
    raise FetchFailed(
        f"{shown(url)} redirects more than {limits.redirects} times.",
        remedy="Enter the address it leads to in the end.",
    )


def refuse_address(url: str, limits: Limits = DEFAULT) -> None:
    """Raise ``FetchRefused`` where ``fetch`` would, without asking anybody but the name server."""
    _place(url, limits)


def shown(url: str) -> str:
    """An address without what may be secret in it: user, query and fragment."""
    parts = _split(url)
    return f"{parts.scheme}://{_host(parts)}{parts.path}"[:200]


def _place(url: str, limits: Limits) -> _Place:
    parts = _split(url)
    host = _host(parts)
    port = _port(parts)
    if limits.hosts is not None and not any(is_host(host, one) for one in limits.hosts):
        raise FetchRefused(f"{host} is not an address that is asked here.", where="url")
    found = _resolve(host, port)
    allowed = [ip_network(text) for text in (*limits.private, *settings.FETCH_PRIVATE_NETWORKS)]
    is_private_allowed = all(any(a in net for net in allowed) for a in found)
    if not is_private_allowed:
        _refuse_private(host, found)
        _refuse_port(port)
    return _Place(parts, host, port, str(found[0]))


def is_host(host: str, allowed: str) -> bool:
    """Whether a host is the allowed one; ``*.example.com`` allows whatever ends so."""
    return host.endswith(allowed[1:]) if allowed.startswith("*.") else host == allowed


def _split(url: str) -> SplitResult:
    if _UNSAFE.search(url) or len(url) > 2_000:
        raise FetchRefused(
            "The address holds blanks, control characters or backslashes.",
            where="url",
            remedy="Copy it once more from the browser's address line.",
        )
    try:
        parts = urlsplit(url)
    except ValueError:
        raise FetchRefused("This is no address.", where="url") from None
    if parts.scheme not in ("http", "https"):
        raise FetchRefused(
            "Only addresses that begin with https:// or http:// are fetched.", where="url"
        )
    if "@" in parts.netloc:
        raise FetchRefused(
            "The address holds a user or password.",
            where="url",
            remedy="Use an address with a token in it, or none at all.",
        )
    return parts


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    try:
        named = host if ":" in host else host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        named = ""
    if not named or "%" in named:
        raise FetchRefused("The address names no host.", where="url")
    return named


def _port(parts: SplitResult) -> int:
    try:
        return parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise FetchRefused("The address has an impossible port.", where="url") from None


def _refuse_port(port: int) -> None:
    if port not in PORTS:
        raise FetchRefused(
            f"Port {port} is not one that files are fetched from.",
            where="url",
            remedy="Use an address on one of the ports 80, 443, 8080, 8443.",
        )


def _resolve(host: str, port: int) -> list[Address]:
    """Every address of a name, asked once; the tests put a name server of their own here."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise FetchFailed(
            f"There is no host {host}, or its name cannot be found now.",
            remedy="Check the address.",
        ) from None
    return list(dict.fromkeys(ip_address(item[4][0]) for item in found))


def _refuse_private(host: str, found: Sequence[Address]) -> None:
    if not found or any(not is_public(address) for address in found):
        raise FetchRefused(
            f"{host} is an address of a private network, of this machine, or of none.",
            where="url",
            remedy="Only addresses that anybody on the internet can reach are fetched.",
        )


def is_public(address: Address) -> bool:
    """Whether an address is one of the open internet, also behind the wrappings of IPv6."""
    if isinstance(address, IPv6Address):
        inner = _wrapped(address)
        if inner is not None:
            return is_public(inner)
        if address.teredo or address.is_site_local or address in _COMPATIBLE:
            return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified
    )


def _wrapped(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for: mapped, 6to4 or translated."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def _refuse_downgrade(before: _Place, after: _Place) -> None:
    if before.parts.scheme == "https" and after.parts.scheme == "http":
        raise FetchRefused(f"{before.host} redirects to an unprotected address.", where="url")


def _ask(
    place: _Place,
    method: str,
    headers: Mapping[str, str],
    body: bytes | None,
    limits: Limits,
    until: float,
) -> Fetched:
    path = place.parts.path or "/"
    target = f"{path}?{place.parts.query}" if place.parts.query else path
    pool = _pool(place)
    wanted = {"Host": place.parts.netloc, "Accept-Encoding": "identity", **headers}
    try:
        answer = pool.urlopen(
            method,
            target,
            body=body,
            headers=wanted,
            redirect=False,
            retries=False,
            preload_content=False,
            timeout=_patience(limits, until),
        )
        with answer:
            content = b"".join(_chunks(answer, place, limits, until))
    except urllib3.exceptions.HTTPError as error:
        raise FetchFailed(
            f"{place.host} gave no answer: {_why(error)}.",
            remedy="Check the address, or try again later.",
        ) from error
    finally:
        pool.close()
    told = {key.lower(): value for key, value in answer.headers.items()}
    return Fetched("", answer.status, told, content)


def _patience(limits: Limits, until: float) -> urllib3.Timeout:
    left = max(0.01, until - time.monotonic())
    return urllib3.Timeout(connect=min(CONNECT_SECONDS, left), read=limits.silent, total=left)


def _why(error: urllib3.exceptions.HTTPError) -> str:
    """The cause in plain words; addresses and headers stay out of it."""
    if isinstance(error, urllib3.exceptions.NewConnectionError):
        return "it cannot be reached"
    if isinstance(error, urllib3.exceptions.TimeoutError):
        return "it took too long"
    if isinstance(error, urllib3.exceptions.SSLError):
        return "its certificate is not valid"
    return "the connection broke off"


def _pool(place: _Place) -> urllib3.HTTPConnectionPool:
    """A connection to the checked number that calls itself by the name."""
    if place.parts.scheme == "http":
        return urllib3.HTTPConnectionPool(place.number, place.port, maxsize=1)
    return urllib3.HTTPSConnectionPool(
        place.number,
        place.port,
        maxsize=1,
        server_hostname=place.host,
        assert_hostname=place.host,
        cert_reqs="CERT_REQUIRED",
    )


def _chunks(
    answer: urllib3.BaseHTTPResponse, place: _Place, limits: Limits, until: float
) -> Iterator[bytes]:
    size = 0
    while chunk := answer.read1(_CHUNK, decode_content=False):
        size += len(chunk)
        if size > limits.size:
            raise FetchTooLarge(
                f"{place.host} sends more than {limits.size // 1024 // 1024} MB.",
                remedy="Ask for fewer days at once.",
            )
        if time.monotonic() > until:
            raise FetchFailed(
                f"{place.host} was still sending after {limits.seconds:.0f} seconds.",
                remedy="Try again later, or ask for fewer days at once.",
            )
        yield chunk
