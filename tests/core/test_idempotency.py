"""A write that is sent twice with the same key happens once."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import ApiToken, User
from accounts.services import token_create
from campaigns.models import Campaign
from core import clock, idempotency
from core.models import Event, IdempotencyKey
from integrations.models import ImportRun
from tests.cast import Cast

URL = "/api/v1/campaigns/"
KEY = {"Idempotency-Key": "2f6c"}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def body(cast: Cast, name: str = "Winter layers") -> dict[str, Any]:
    return {"name": name, "team": cast.dach.pk, "owner": cast.manager.pk}


def send(client: Client, content: dict[str, Any], **headers: str) -> Any:
    return client.post(URL, content, content_type="application/json", headers=KEY | headers)


def test_the_same_request_again_answers_the_same_and_does_nothing(cast: Cast) -> None:
    client = signed_in(cast.manager)
    first = send(client, body(cast))
    events = Event.objects.count()
    again = send(client, body(cast))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again["Content-Type"] == first["Content-Type"]
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert (Campaign.objects.count(), Event.objects.count()) == (1, events)


def with_tokens(user: User) -> tuple[Client, dict[str, str]]:
    """A browser whose writes are checked, and the header that its pages send."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    client.get("/people/me/")
    return client, {"X-CSRFToken": client.cookies[settings.CSRF_COOKIE_NAME].value}


def test_a_browser_may_use_keys_too(cast: Cast) -> None:
    client, token = with_tokens(cast.manager)
    first, again = (send(client, body(cast), **token) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201), first.content
    assert again["Idempotency-Replayed"] == "true"
    assert Campaign.objects.count() == 1


def test_a_key_does_not_hide_why_a_request_is_refused(cast: Cast) -> None:
    client, token = with_tokens(cast.manager)
    assert send(client, body(cast)).json()["error"]["code"] == "permission_denied"
    broken = client.post(URL, "{", content_type="application/json", headers=KEY | token)
    assert (broken.status_code, broken.json()["error"]["code"]) == (400, "parse_error")
    assert not IdempotencyKey.objects.exists()


def test_without_a_key_two_requests_are_two(cast: Cast) -> None:
    client = signed_in(cast.manager)
    for name in ("One", "Two"):
        client.post(URL, body(cast, name), content_type="application/json")
    assert Campaign.objects.count() == 2
    assert not IdempotencyKey.objects.exists()


def test_a_refusal_is_repeated_too(cast: Cast) -> None:
    client = signed_in(cast.manager)
    first, again = (send(client, {"name": "x"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (400, 400)
    assert again.json() == first.json()


def test_another_body_with_the_same_key_is_refused(cast: Cast) -> None:
    client = signed_in(cast.manager)
    send(client, body(cast))
    other = send(client, body(cast, "Something else"))
    assert other.status_code == 422
    assert other.json()["error"]["code"] == "idempotency_key_reused"
    assert Campaign.objects.count() == 1


def test_another_address_with_the_same_key_is_refused(cast: Cast) -> None:
    client = signed_in(cast.manager)
    made = send(client, body(cast)).json()["id"]
    moved = client.post(
        f"{URL}{made}/moves/", body(cast), content_type="application/json", headers=KEY
    )
    assert moved.status_code == 422


def test_a_request_that_still_runs_is_a_conflict(cast: Cast) -> None:
    client = signed_in(cast.manager)
    send(client, body(cast))
    IdempotencyKey.objects.update(status=None, body="")
    again = send(client, body(cast))
    assert again.status_code == 409
    assert again.json()["error"]["code"] == "still_running"
    assert Campaign.objects.count() == 1


def test_a_request_that_was_cut_off_may_be_sent_again(cast: Cast) -> None:
    client = signed_in(cast.manager)
    send(client, body(cast))
    Campaign.objects.all().delete()  # what a crash leaves: the claim, and no change
    began = clock.now() - idempotency.CUT_OFF - timedelta(seconds=1)
    IdempotencyKey.objects.update(status=None, body="", created_at=began)
    assert send(client, body(cast)).status_code == 201
    assert Campaign.objects.count() == 1


def test_the_key_of_somebody_else_says_nothing(cast: Cast) -> None:
    mine = send(signed_in(cast.manager), body(cast)).json()
    theirs = {"name": "US spring", "team": cast.us.pk, "owner": cast.other_manager.pk}
    other = send(signed_in(cast.other_manager), theirs)
    assert other.status_code == 201
    assert other.json()["id"] != mine["id"]
    stranger = send(Client(), body(cast))
    assert stranger.status_code in {401, 403}
    assert "Winter" not in stranger.content.decode()
    assert IdempotencyKey.objects.count() == 2


def test_a_token_and_the_pages_are_the_same_person(cast: Cast) -> None:
    _, secret = token_create(
        user=cast.manager, name="Sheet", access=ApiToken.Access.WRITE, days=9, at=clock.now()
    )
    send(signed_in(cast.manager), body(cast))
    again = send(Client(), body(cast), Authorization=f"Bearer {secret}")
    assert again["Idempotency-Replayed"] == "true"
    assert Campaign.objects.count() == 1


def test_a_failure_of_ours_frees_the_key(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(cast.manager)
    client.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr("campaigns.api.serializers.CampaignOut.data", property(lambda _: 1 / 0))
        assert send(client, body(cast)).status_code == 500
    assert not Campaign.objects.exists()
    assert not IdempotencyKey.objects.exists()
    assert send(client, body(cast)).status_code == 201


def test_a_file_sent_twice_is_uploaded_once(cast: Cast) -> None:
    client = signed_in(cast.manager)
    for content, status in ((b"12.50", 201), (b"12.50", 201), (b"13.50", 422)):
        file = SimpleUploadedFile(
            "export.csv", b"Date,Campaign,Cost\n2026-11-01,Winter," + content + b"\n"
        )
        sent = {"file": file, "team": cast.dach.pk}
        assert client.post("/api/v1/imports/", sent, headers=KEY).status_code == status
    assert ImportRun.objects.count() == 1


@pytest.mark.parametrize("key", ["", "x" * 121, "tab\tkey"])
def test_a_key_nobody_can_use_is_refused(cast: Cast, key: str) -> None:
    answer = send(signed_in(cast.manager), body(cast), **{"Idempotency-Key": key})
    assert answer.status_code == 422
    assert not Campaign.objects.exists()


def test_a_secret_is_never_kept(cast: Cast) -> None:
    wanted = {"name": "Sheet", "access": "read", "days": 9}
    answer = signed_in(cast.manager).post(
        "/api/v1/tokens/", wanted, content_type="application/json", headers=KEY
    )
    assert answer.status_code == 422
    assert not ApiToken.objects.exists()


def test_reading_needs_no_key_and_keeps_none(cast: Cast) -> None:
    assert signed_in(cast.manager).get(URL, headers=KEY).status_code == 200
    assert not IdempotencyKey.objects.exists()


def test_after_a_day_the_key_is_free(cast: Cast) -> None:
    client = signed_in(cast.manager)
    send(client, body(cast))
    old = clock.now() - idempotency.KEPT - timedelta(seconds=1)
    IdempotencyKey.objects.update(created_at=old)
    assert "Idempotency-Replayed" not in send(client, body(cast, "Another winter"))
    assert idempotency.forget_old_keys(clock.now()) == {"removed": 0}
    IdempotencyKey.objects.update(created_at=old)
    assert idempotency.forget_old_keys(clock.now()) == {"removed": 1}
