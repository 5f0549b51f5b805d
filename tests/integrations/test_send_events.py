"""The command that sends a file of events: in pieces, again when asked to wait, with reasons by line."""

from __future__ import annotations

from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.services.tokens import token_create
from core import clock
from integrations.api import streams as api
from integrations.models import StreamDelivery, StreamEvent
from integrations.rules.stream import StreamLimits
from integrations.services.stream import events_accept
from tests.cast import Cast, create_cast
from tests.integrations.streams import event, make_stream, ndjson

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sending(live_server: Any, tmp_path: Path) -> tuple[Cast, dict[str, Any], Path]:
    cast = create_cast()
    make_stream(cast)
    _, secret = token_create(
        user=cast.manager, name="Shop", access="events", days=1, at=clock.now()
    )
    file = tmp_path / "events.ndjson"
    at = clock.now().isoformat()
    file.write_bytes(ndjson(event(n, at=at) for n in range(5)) + b"\n")
    return cast, {"token": secret, "stream": "shop", "url": live_server.url, "lines": 2}, file


def run(file: Path, **options: Any) -> tuple[str, str]:
    out, errors = StringIO(), StringIO()
    with suppress(SystemExit):
        call_command("send_events", file, stdout=out, stderr=errors, **options)
    return out.getvalue(), errors.getvalue()


def test_a_file_is_sent_in_pieces_and_again_without_harm(sending: Any) -> None:
    _, options, file = sending
    assert "5 accepted, 0 known already, 0 refused." in run(file, **options)[0]
    assert "0 accepted, 5 known already, 0 refused." in run(file, **options)[0]
    assert (StreamEvent.objects.count(), StreamDelivery.objects.count()) == (5, 6)


def test_refused_lines_are_named_by_their_number_in_the_file(sending: Any) -> None:
    _, options, file = sending
    with file.open("ab") as opened:
        opened.write(b"oops\n")
    told, errors = run(file, **options)
    assert "5 accepted, 0 known already, 1 refused." in told
    assert "line 6 : The line is not one JSON object." in errors


def test_it_waits_while_the_stream_is_busy(sending: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _, options, file = sending
    accept, asked = events_accept, []

    def busy_once(**given: Any) -> Any:
        asked.append(1)
        return accept(**given, limits=StreamLimits(backlog=0 if len(asked) == 1 else 10))

    monkeypatch.setattr(api, "events_accept", busy_once)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    assert "5 accepted" in run(file, **options)[0]
    assert len(asked) == 4


def test_a_wrong_token_is_told(sending: Any) -> None:
    _, options, file = sending
    with pytest.raises(CommandError, match="unknown, expired or revoked"):
        run(file, **options | {"token": "adr_wrong"})
