"""Addresses that browsers ask for by themselves: nothing of them ends up as an error in the console."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def stream_port() -> Iterator[int]:
    """A port where somebody listens, as the stream's process does."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def test_the_icon_is_served_under_its_old_name(client: Client) -> None:
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer["Location"]) == (302, "/static/web/mark.svg")


def test_a_page_is_sent_on_to_the_stream(client: Client, settings: Any, stream_port: int) -> None:
    settings.SITE_URL = "http://testserver"
    settings.LIVE_URL = f"http://127.0.0.1:{stream_port}/live"
    answer = client.get("/live")
    assert (answer.status_code, answer["Location"]) == (302, settings.LIVE_URL)


@pytest.mark.parametrize(
    "address",
    ["/live", "http://127.0.0.1:{port}/live"],
    ids=["behind a proxy that does not have it", "its process is down"],
)
def test_without_the_stream_a_page_is_told_to_ask_again(
    client: Client, settings: Any, address: str
) -> None:
    settings.SITE_URL = "http://testserver"
    settings.LIVE_URL = address.format(port=free_port())
    answer = client.get("/live")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/event-stream")
    assert answer.content == b"retry: 15000\n\n"


def test_under_another_name_a_page_is_not_sent_where_it_may_not_read(
    client: Client, settings: Any, stream_port: int
) -> None:
    settings.SITE_URL = "http://localhost:8000"
    settings.LIVE_URL = f"http://127.0.0.1:{stream_port}/live"
    assert client.get("/live").content == b"retry: 15000\n\n"
