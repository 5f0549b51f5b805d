"""Fetching what somebody typed never reaches a private address, whatever it is called."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.checks import run_checks

from core import fetching
from core.fetching import FetchFailed, FetchRefused, Limits, fetch

pytestmark = pytest.mark.feature("3.8")

# Each leads to this machine, a private network, a metadata service, or is no web address at all.
HOSTILE = [
    "http://127.0.0.1/", "http://127.0.0.1:8080/admin", "http://127.1/", "http://127.0.1/",
    "http://2130706433/", "http://0x7f000001/", "http://0x7f.0.0.1/", "http://0177.0.0.1/",
    "http://017700000001/", "http://127.255.255.254/", "http://0.0.0.0/", "http://0/",
    "http://localhost/", "http://LOCALHOST./", "http://10.0.0.1/", "http://10.255.255.255/",
    "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.0.1/", "http://192.168.1.254/",
    "http://169.254.169.254/latest/meta-data/", "http://169.254.170.2/v2/credentials",
    "http://2852039166/", "http://0xa9fea9fe/", "http://[::ffff:169.254.169.254]/",
    "http://100.64.0.1/", "http://100.100.100.200/latest/meta-data/", "http://192.0.0.1/",
    "http://198.18.0.1/", "http://192.0.2.1/", "http://203.0.113.7/", "http://224.0.0.1/",
    "http://239.255.255.250/", "http://240.0.0.1/", "http://255.255.255.255/", "http://[::1]/",
    "http://[::]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/", "http://[64:ff9b::a9fe:a9fe]/", "http://[64:ff9b:1::a00:1]/",
    "http://[2002:7f00:1::]/", "http://[2002:a00:1::1]/", "http://[2001:0:7f00:1::]/",
    "http://[fe80::1]/", "http://[fc00::1]/", "http://[fd00:ec2::254]/latest/", "http://[fec0::1]/",
    "http://[ff02::1]/", "http://[2001:db8::1]/", "http://[fe80::1%25lo]/",
    "file:///etc/passwd", "ftp://example.com/a.csv", "gopher://127.0.0.1:25/_HELO", "//127.0.0.1/",
    "data:text/csv,a", "dict://127.0.0.1:11211/", "http://user@127.0.0.1/",
    "http://example.com@127.0.0.1/", "http://127.0.0.1#@example.com/", "http://example.com\\@127.0.0.1/",
    "http://exa mple.com/", "http://example.com/\r\nHost: 127.0.0.1", "http:///a.csv", "http://",
    "https://[::1/", "http://example.com:99999/", "http://8.8.8.8:22/", "http://8.8.8.8:6379/",
    "http://１２７.０.０.１/", "http://①②⑦.⓪.⓪.①/", "http://intranet.test/", "http://mixed.test/",
]  # fmt: skip
# What a name server says; everything else is asked of the real library, which knows numbers.
NAMES = {
    "intranet.test": ["10.1.2.3"],
    "mixed.test": ["93.184.215.14", "127.0.0.1"],
    "localhost": ["127.0.0.1"],
    "example.com": ["93.184.215.14"],
    "public.test": ["93.184.215.14"],
}
REAL = socket.getaddrinfo
LOOPBACK = Limits(seconds=5, private=("127.0.0.0/8",))


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A name server of our own, and what it was asked."""
    asked: list[str] = []

    def answer(host: Any, port: Any, *more: Any, **named: Any) -> Any:
        asked.append(str(host))
        known = NAMES.get(str(host))
        if known is None:
            named["flags"] = socket.AI_NUMERICHOST
            return REAL(host, port, *more, **named)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port)) for number in known]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every attempt to open a connection; none is let through."""
    tried: list[Any] = []

    def refuse(self: Any, address: Any) -> None:
        tried.append(address)
        raise OSError("not in this test")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    return tried


def _serve(http: ThreadingHTTPServer) -> None:
    # Looked at often, so that ending it takes no time.
    threading.Thread(target=http.serve_forever, args=[0.005], daemon=True).start()


class Server:
    """Answers by path; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append((self.path, self.headers["Host"], dict(self.headers)))
                # Whoever asks may hang up before the end: some tests want exactly that.
                with contextlib.suppress(ConnectionError):
                    server.answer(self)

            def log_message(self, *_: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.http.server_port
        _serve(self.http)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        path, _, target = handler.path.partition("?to=")
        if path == "/redirect":
            handler.send_response(302)
            handler.send_header("Location", target)
            handler.end_headers()
        elif path == "/slow":
            handler.send_response(200)
            handler.end_headers()
            for _ in range(100):
                handler.wfile.write(b"x")
                handler.wfile.flush()
                time.sleep(0.05)
        else:
            body = b"x" * (5_000 if path == "/large" else 10)
            handler.send_response(404 if path == "/missing" else 200)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.http.shutdown()
    made.http.server_close()


def test_there_are_enough_of_them() -> None:
    assert len(set(HOSTILE)) >= 60


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_address_is_refused_before_any_connection(
    url: str, connections: list[Any]
) -> None:
    with pytest.raises((FetchRefused, FetchFailed)) as refusal:
        fetch(url)
    assert connections == []
    assert refusal.value.message.endswith(".")


def _landed(url: str, limits: Limits) -> str:
    """The host that answered in the end; "" when the fetch was refused on the way."""
    try:
        return urlsplit(fetch(url, limits=limits).url).hostname or ""
    except (FetchRefused, FetchFailed):
        return ""


@pytest.mark.parametrize("url", HOSTILE)
def test_a_redirect_to_it_is_refused_too(server: Server, url: str) -> None:
    limits = Limits(seconds=5, private=("127.0.0.9/32",))
    NAMES["door.test"] = ["127.0.0.9"]
    # The server listens on one loopback number; only another one is allowed, so that every
    # hostile 127.0.0.1 still counts as private.
    door = ThreadingHTTPServer(("127.0.0.9", 0), server.http.RequestHandlerClass)
    _serve(door)
    try:
        clean = url.replace("\r", "%0D").replace("\n", "%0A")
        landed = _landed(f"http://door.test:{door.server_port}/redirect?to={clean}", limits)
    finally:
        door.shutdown()
        door.server_close()
    # A target without a host is a path of the same server: no way out of it.
    assert landed in ("", "door.test")
    assert all(host.startswith("door.test") for _, host, _ in server.asked)


def test_a_public_address_is_asked_by_the_number_that_was_checked(
    connections: list[Any], names: list[str]
) -> None:
    with pytest.raises(FetchFailed, match="gave no answer"):
        fetch("http://public.test/export.csv")
    assert connections == [("93.184.215.14", 80)]
    assert names.count("public.test") == 1


def test_a_name_that_changes_its_mind_changes_nothing(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rebinding: good when checked, another number a moment later."""
    answers = iter([["127.0.0.1"], ["10.0.0.1"], ["10.0.0.1"]])
    asked = []

    def rebound(host: str, port: int, *_: Any, **__: Any) -> Any:
        if host != "rebind.test":
            return REAL(host, port, type=socket.SOCK_STREAM)
        asked.append(host)
        number = next(answers)[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebound)
    answer = fetch(server.url("/a.csv", "rebind.test"), limits=LOOPBACK)
    assert (answer.status, answer.content, asked) == (200, b"x" * 10, ["rebind.test"])
    assert server.asked[0][1] == f"rebind.test:{server.port}"
    with pytest.raises(FetchRefused):  # asked anew, the name now says something private
        fetch(server.url("/a.csv", "rebind.test"), limits=LOOPBACK)
    assert len(server.asked) == 1


def test_redirects_are_followed_and_counted(server: Server) -> None:
    good = server.url("/b.csv")
    answer = fetch(server.url(f"/redirect?to={good}"), limits=LOOPBACK)
    assert (answer.url, answer.content) == (good, b"x" * 10)
    with pytest.raises(FetchFailed, match="redirects more than"):
        fetch(server.url("/redirect?to=/redirect?to=/redirect"), limits=Limits(
            seconds=5, redirects=1, private=("127.0.0.0/8",)
        ))  # fmt: skip


def test_what_proves_who_asks_does_not_follow_to_somebody_else(server: Server) -> None:
    NAMES["other.test"] = ["127.0.0.1"]
    target = server.url("/b.csv", "other.test")
    sent = {"Authorization": "Bearer x", "Accept": "text/csv"}
    fetch(server.url(f"/redirect?to={target}"), limits=LOOPBACK, headers=sent)
    first, second = (headers for _, _, headers in server.asked)
    assert first["Authorization"] == "Bearer x"
    assert "Authorization" not in second
    assert second["Accept"] == "text/csv"


def test_too_much_too_slow_and_missing(server: Server) -> None:
    small = Limits(size=1_000, seconds=5, private=("127.0.0.0/8",))
    with pytest.raises(FetchFailed, match="sends more than"):
        fetch(server.url("/large"), limits=small)
    hasty = Limits(seconds=0.3, private=("127.0.0.0/8",))
    with pytest.raises(FetchFailed):
        fetch(server.url("/slow"), limits=hasty)
    assert fetch(server.url("/missing"), limits=LOOPBACK).status == 404


def test_only_the_hosts_that_are_allowed(server: Server) -> None:
    only = Limits(seconds=5, hosts=frozenset({"api.test"}), private=("127.0.0.0/8",))
    with pytest.raises(FetchRefused, match="not an address that is asked here"):
        fetch(server.url("/a.csv"), limits=only)


def test_a_setting_opens_a_network_of_ones_own(server: Server, settings: Any) -> None:
    settings.FETCH_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    assert fetch(server.url("/a.csv")).status == 200


def test_what_is_shown_of_an_address_holds_no_secret() -> None:
    assert fetching.shown("https://public.test/a.csv?token=secret#x") == "https://public.test/a.csv"


@pytest.mark.parametrize(
    ("networks", "is_refused"), [([], False), (["10.20.0.0/16"], False), (["127.0.0.1/32"], True)]
)
def test_production_refuses_to_open_this_machine(
    settings: Any, networks: list[str], is_refused: bool
) -> None:
    settings.FETCH_PRIVATE_NETWORKS = networks
    found = run_checks(tags=["security"], include_deployment_checks=True)
    assert ("integrations.E002" in {error.id for error in found}) is is_refused
