"""Questions for a platform go to the address that was checked, and never into a private network."""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import urlsplit

import pytest

from integrations.choices import SyncState
from integrations.models import ImportRun
from integrations.services import connections
from integrations.services.connections.failures import Refused, Unavailable
from integrations.services.connections.wire import Ask, Http
from tests.cast import Cast
from tests.integrations.connected import connect, platform, sync
from tests.integrations.fake_platform import FakePlatform, delivery

__all__ = ["platform"]
pytestmark = pytest.mark.feature("3.4")
HOSTS = ("googleads.googleapis.com", "*.blob.core.windows.net")
URL = "https://googleads.googleapis.com/v22/customers"
BLOB = "https://reports.blob.core.windows.net/a.zip"
REAL = socket.getaddrinfo


class Names:
    """A name server: each name has a list of answers, one for each time it is asked."""

    def __init__(self) -> None:
        self.answers: dict[str, list[str]] = {}
        self.asked: list[str] = []

    def __call__(self, host: str, port: Any, *_: Any, **__: Any) -> Any:
        known = self.answers.get(host)
        if known is None:
            return REAL(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        self.asked.append(host)
        number = known.pop(0) if len(known) > 1 else known[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port))]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    made = Names()
    monkeypatch.setattr(socket, "getaddrinfo", made)
    return made


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every address that a connection was tried to; none is let through."""
    found: list[Any] = []

    def refuse(_self: Any, address: Any) -> None:
        found.append(address)
        raise OSError("not in this test")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    return found


@pytest.fixture
def renamed(platform: FakePlatform, names: Names, settings: Any) -> FakePlatform:
    """The platform under a name, which the name server may change its mind about."""
    port = urlsplit(settings.FAKE_PLATFORM_URL).port
    settings.FAKE_PLATFORM_URL = f"http://rebind.test:{port}"
    names.answers["rebind.test"] = ["127.0.0.1"]
    return platform


def test_the_name_is_asked_once_and_the_connection_goes_to_that_number(
    names: Names, tried: list[Any]
) -> None:
    names.answers["googleads.googleapis.com"] = ["142.250.1.1", "10.0.0.1"]
    with pytest.raises(Unavailable, match="gave no answer: it cannot be reached"):
        Http().send(Ask("GET", URL, HOSTS))
    assert tried == [("142.250.1.1", 443)]
    assert names.asked == ["googleads.googleapis.com"]


@pytest.mark.parametrize("number", ["10.0.0.1", "127.0.0.1", "169.254.169.254", "192.168.1.1"])
def test_a_platforms_name_that_leads_into_a_private_network_is_refused(
    names: Names, tried: list[Any], number: str
) -> None:
    names.answers["googleads.googleapis.com"] = [number]
    with pytest.raises(Refused, match="private network"):
        Http().send(Ask("GET", URL, HOSTS))
    assert tried == []


def test_a_name_that_changes_its_mind_between_two_questions_is_refused_at_the_second(
    renamed: FakePlatform, names: Names
) -> None:
    names.answers["rebind.test"] = ["127.0.0.1", "10.0.0.1"]
    renamed.trouble(body=b"good")
    ask = Ask("POST", URL, HOSTS, headers={"authorization": "Bearer token-lasting"})
    assert Http().send(ask).body == b"good"
    with pytest.raises(Refused, match="private network"):
        Http().send(ask)
    assert len(renamed.calls) == 1


def test_no_question_with_credentials_follows_a_redirect(renamed: FakePlatform) -> None:
    renamed.trouble(status=302, headers={"Location": "/elsewhere"})
    ask = Ask("GET", URL, HOSTS, headers={"authorization": "Bearer token-lasting"})
    assert Http().send(ask).status == 302
    assert len(renamed.calls) == 1


def test_a_file_follows_a_redirect_within_the_platforms_hosts(
    renamed: FakePlatform, settings: Any
) -> None:
    place = f"{settings.FAKE_PLATFORM_URL}/reports.blob.core.windows.net/b.zip"
    renamed.trouble(status=302, headers={"Location": place})
    renamed.trouble(status=200, body=b"the file")
    assert Http().send(Ask("GET", BLOB, HOSTS, follow=True)).body == b"the file"
    assert [call.path for call in renamed.calls] == ["/a.zip", "/b.zip"]


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("http://169.254.169.254/latest/meta-data/", "not an address that is asked here"),
        ("https://evil.test/", "not an address that is asked here"),
        ("https://inside.blob.core.windows.net/", "private network"),
    ],
)
def test_where_a_redirect_leads_is_checked_again(
    renamed: FakePlatform, names: Names, target: str, why: str
) -> None:
    names.answers["inside.blob.core.windows.net"] = ["10.1.2.3"]
    renamed.trouble(status=302, headers={"Location": target})
    with pytest.raises(Refused, match=why):
        Http().send(Ask("GET", BLOB, HOSTS, follow=True))
    assert len(renamed.calls) == 1


@pytest.mark.django_db
def test_a_sync_whose_platform_moved_into_a_private_network_takes_nothing(
    cast: Cast, renamed: FakePlatform, names: Names
) -> None:
    renamed.rows = [delivery("2026-11-20")]
    # The token and the account are asked at a good address, the rows no more.
    names.answers["rebind.test"] = ["127.0.0.1", "127.0.0.1", "192.168.0.9"]
    run = sync(connect(cast))
    assert run.state == SyncState.FAILED
    assert "private network" in run.error
    assert "network of this installation" in run.remedy
    assert not ImportRun.objects.exists()


def test_a_body_that_ends_too_early_is_no_answer(renamed: FakePlatform) -> None:
    renamed.trouble(body=b'{"results": []}', headers={"content-length": "900"}, hang_up=True)
    with pytest.raises(connections.Unavailable, match="broke off"):
        Http().send(Ask("GET", URL, HOSTS))
