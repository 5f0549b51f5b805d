"""Events over HTTP: who may send them, how they may be packed, and what is answered."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import ApiToken, User
from accounts.services.tokens import token_create
from core import clock
from integrations.api import streams as api
from integrations.models import EventStream, QuarantinedRow, StreamEvent
from integrations.rules.stream import StreamLimits
from integrations.services.stream import Busy, events_accept
from tests.cast import Cast
from tests.integrations.streams import event, make_stream, ndjson

URL = "/api/v1/events"


def now_events(*numbers: int) -> list[dict[str, Any]]:
    """Ticks of this moment: the endpoint reads the real clock."""
    at = (clock.now() - timedelta(seconds=5)).isoformat()
    return [event(number, at=at) for number in numbers]


def secret(user: User, access: str = "events") -> str:
    return token_create(user=user, name="Shop", access=access, days=7, at=clock.now())[1]


def post(token: str, body: bytes, key: str = "shop", **headers: str) -> Any:
    return Client().post(
        f"{URL}?stream={key}",
        body,
        content_type="application/x-ndjson",
        headers={"Authorization": f"Bearer {token}", **headers},
    )


@pytest.mark.feature("3.3")
def test_a_token_made_for_it_sends_events(cast: Cast) -> None:
    make_stream(cast)
    token, body = secret(cast.manager), ndjson(now_events(1, 2))
    answer = post(token, body)
    assert answer.status_code == 202, answer.content
    told = answer.json()
    assert (told["accepted"], told["known"], told["rejected"]) == (2, 0, 0)
    assert post(token, body).json()["known"] == 2


def test_other_tokens_do_not_send_and_this_one_does_nothing_else(cast: Cast) -> None:
    make_stream(cast)
    for access in (ApiToken.Access.READ, ApiToken.Access.WRITE):
        refused = post(secret(cast.manager, access), ndjson(now_events(1)))
        assert refused.status_code == 403
        assert "send events" in refused.json()["error"]["message"]
    mine = {"Authorization": f"Bearer {secret(cast.manager)}"}
    for url in ("/api/v1/campaigns/", "/api/v1/streams/", "/api/v1/tokens/", "/api/v1/me/"):
        assert Client().get(url, headers=mine).status_code == 403, url
    assert not StreamEvent.objects.exists()


def test_without_a_token_or_the_right_nothing_is_taken(cast: Cast) -> None:
    make_stream(cast)
    body = ndjson(now_events(1))
    assert Client().post(f"{URL}?stream=shop", body, "application/x-ndjson").status_code == 401
    assert post("adr_made-up", body).status_code == 401
    assert post(secret(cast.manager), body, key="other").status_code == 404
    assert post(secret(cast.other_manager), body).status_code == 404
    assert post(secret(cast.manager), body, key="").status_code == 422
    assert post(secret(cast.executive), body).status_code == 403
    assert not StreamEvent.objects.exists()


def test_good_lines_are_taken_beside_bad_ones_which_are_named(cast: Cast) -> None:
    make_stream(cast)
    lines = [json.dumps(line).encode() for line in now_events(1, 2)]
    body = b"\n".join([lines[0], b"", b"{not json", lines[1], b'{"id": "\xff"}', b"[1]"])
    told = post(secret(cast.manager), body).json()
    assert (told["accepted"], told["rejected"]) == (2, 3)
    assert [(e["line"], e["code"]) for e in told["errors"]] == [
        (3, "NOT_JSON"),
        (5, "NOT_UTF8"),
        (6, "NOT_JSON"),
    ]


def test_only_bad_lines_are_a_refusal_and_in_quarantine(cast: Cast) -> None:
    make_stream(cast)
    answer = post(secret(cast.manager), b"what?\n{}")
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert (error["code"], len(error["details"])) == ("all_lines_bad", 2)
    assert QuarantinedRow.objects.count() == 2


def test_a_packed_body_is_unpacked_and_a_bomb_is_not(cast: Cast) -> None:
    make_stream(cast)
    token, packed = secret(cast.manager), {"Content-Encoding": "gzip"}
    body = ndjson(now_events(1))
    assert post(token, gzip.compress(body), **packed).json()["accepted"] == 1
    two = gzip.compress(ndjson(now_events(2)) + b"\n") + gzip.compress(ndjson(now_events(3)))
    assert post(token, two, **packed).json()["accepted"] == 2
    bomb = gzip.compress(b"\n" * 300_000_000, 9)
    assert post(token, bomb, **packed).status_code == 413
    nested = gzip.compress(gzip.compress(body))
    assert post(token, nested, **packed).status_code == 422
    for wrong in (b"no gzip", gzip.compress(body)[:-4], b""):
        assert post(token, wrong, **packed).status_code in (202, 422)
    assert post(token, body, **{"Content-Encoding": "br"}).status_code == 415
    assert StreamEvent.objects.count() == 3


def test_sizes_are_limited(cast: Cast) -> None:
    make_stream(cast)
    token = secret(cast.manager)
    assert post(token, b"x" * (5 * 1024 * 1024 + 1)).status_code == 413
    assert post(token, b"{}\n" * 10_001).status_code == 413
    long = json.dumps(now_events(1)[0] | {"campaign": "x" * 20_000}).encode()
    [told] = post(token, long + b"\n" + ndjson(now_events(2))).json()["errors"]
    assert (told["line"], told["code"]) == (1, "LINE_TOO_LONG")


def test_too_much_waiting_is_answered_with_when_to_come_back(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_stream(cast)
    accept = events_accept

    def narrow(**given: Any) -> Any:
        return accept(**given, limits=StreamLimits(backlog=2))

    monkeypatch.setattr(api, "events_accept", narrow)
    token = secret(cast.manager)
    assert post(token, ndjson(now_events(1, 2))).status_code == 202
    busy = post(token, ndjson(now_events(3)))
    assert (busy.status_code, busy.json()["error"]["code"]) == (Busy.status, "busy")
    assert 1 <= int(busy["Retry-After"]) <= 60
    assert StreamEvent.objects.count() == 2


def test_hostile_lines_are_refused_in_words(cast: Cast) -> None:
    make_stream(cast)
    base = now_events(1)[0]
    hostile = [
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        b'{"id": "x", "id": "y"}',
        json.dumps(base | {"amount": "NaN"}).encode(),
        json.dumps(base).encode().replace(b'"1.00"', b"Infinity"),
        json.dumps(base).encode().replace(b'"1.00"', b"1e999999999"),
        json.dumps(base).encode().replace(b'"1.00"', b"1e-999999999"),
        json.dumps(base).encode().replace(b'"1.00"', b"9" * 5_000),
        json.dumps(base).encode().replace(b'"1.00"', b"1.0000000000000000000000000000000000001"),
        json.dumps(base | {"campaign": "a\x00b"}).encode(),
        b'{"id": "\\ud800", "kind": "spend", "at": "\\ud800"}',
        json.dumps(base | {"kind": ["spend"]}).encode(),
        json.dumps(base | {"at": 5}).encode(),
        json.dumps(base | {"at": "0001-01-01T00:00:00+23:59"}).encode(),
        json.dumps(base | {"at": "2026-11-22T10:00:00"}).encode(),
        json.dumps(base | {"amount": True}).encode(),
        json.dumps(base | {"\x00\ud800": 1}).encode(),
        json.dumps(base | {"kind": "conversion", "person": {"email": 1}}).encode(),
        json.dumps(base | {"kind": "clicks", "count": -1}).encode(),
    ]
    answer = post(secret(cast.manager), b"\n".join(hostile))
    assert answer.status_code == 422, answer.content
    details = answer.json()["error"]["details"]
    assert len(details) == len(hostile)
    assert all(detail["message"] for detail in details)


def test_streams_and_their_events_are_read_in_ones_sight(cast: Cast) -> None:
    stream = make_stream(cast)
    post(secret(cast.manager), ndjson(now_events(1)))
    reader = Client(headers={"Authorization": f"Bearer {secret(cast.analyst, 'read')}"})
    [seen] = reader.get("/api/v1/streams/").json()
    assert (seen["key"], seen["backlog"], seen["lag_p95"]) == ("shop", 1, None)
    detail = reader.get(f"/api/v1/streams/{stream.pk}/?over=day").json()
    assert (detail["over"], len(detail["pieces"])) == ("day", 48)
    [row] = reader.get(f"/api/v1/streams/{stream.pk}/events/").json()["results"]
    assert (row["event_id"], row["amount"]["amount"], row["is_counted"]) == ("e-1", "1.00", False)
    stranger = Client()
    stranger.force_login(cast.other_manager)
    assert stranger.get("/api/v1/streams/").json() == []
    assert stranger.get(f"/api/v1/streams/{stream.pk}/").status_code == 404


def test_a_stream_is_opened_over_the_api(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.manager)
    given = {"team": cast.dach.pk, "name": "App", "currency": "EUR", "time_zone": "Europe/Berlin"}
    made = client.post("/api/v1/streams/", given, content_type="application/json")
    assert (made.status_code, made.json()["key"]) == (201, "app")
    again = client.post("/api/v1/streams/", given, content_type="application/json")
    assert again.status_code == 409
    assert EventStream.objects.count() == 1
