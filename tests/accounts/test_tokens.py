"""API tokens: the secret is shown once, rights are the owner's of the moment, or less."""

import hashlib
import json
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client

from accounts import services
from accounts.models import ApiToken, User
from accounts.selectors import tokens_for
from core.errors import AdroitError, Conflict, Invalid, NotAllowed
from core.models import Event
from tests.accounts.conftest import NOW, Enter, latest_event
from tests.cast import Cast


def token_for(user: User, access: str = "read", days: int = 30) -> tuple[ApiToken, str]:
    return services.token_create(user=user, name="Sheet", access=access, days=days, at=NOW)


def call(secret: str, path: str = "/api/v1/me/", method: str = "get", **data: object) -> int:
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    body = json.dumps(data) if data else ""
    with time_machine.travel(NOW + timedelta(seconds=5), tick=False):
        answer = client.generic(method.upper(), path, body, content_type="application/json")
    return answer.status_code


def test_the_secret_is_shown_once_and_only_its_digest_is_kept(cast: Cast) -> None:
    token, secret = token_for(cast.manager)
    assert secret.startswith("adr_")
    assert len(secret) > 40
    assert token.prefix == secret[:12]
    assert token.digest == hashlib.sha256(secret.encode()).hexdigest()
    kept = str([*ApiToken.objects.values(), *Event.objects.values()])
    assert secret not in kept
    assert latest_event().action == "token.created"


def test_two_tokens_differ(cast: Cast) -> None:
    assert token_for(cast.manager)[1] != token_for(cast.manager)[1]


def test_a_token_acts_for_its_owner_until_it_ends(cast: Cast) -> None:
    token, secret = token_for(cast.manager, days=7)
    assert call(secret) == 200
    token.refresh_from_db()
    assert token.used_at == NOW + timedelta(seconds=5)
    with time_machine.travel(NOW + timedelta(days=7, seconds=1), tick=False):
        late = Client(headers={"Authorization": f"Bearer {secret}"}).get("/api/v1/me/")
    assert late.status_code == 401
    assert late.json()["error"]["message"] == "This token is unknown, expired or revoked."


@pytest.mark.parametrize("header", ["Bearer", "Bearer x", "Bearer adr_x y", "Bearer adr_"])
def test_a_wrong_token_is_refused_in_one_way(cast: Cast, header: str) -> None:
    answer = Client(headers={"Authorization": header}).get("/api/v1/me/")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer.json()["error"]["message"] == "This token is unknown, expired or revoked."


def test_a_wrong_token_does_not_fall_back_to_the_session(cast: Cast, enter: Enter) -> None:
    browser = enter(cast.manager)
    assert browser.get("/api/v1/me/", headers={"authorization": "Bearer no"}).status_code == 401


def test_a_read_token_changes_nothing(cast: Cast) -> None:
    _, secret = token_for(cast.manager)
    assert call(secret, method="patch", title="Boss") == 403
    _, secret = token_for(cast.manager, "write")
    assert call(secret, method="patch", title="Manager DACH") == 200
    cast.manager.refresh_from_db()
    assert cast.manager.title == "Manager DACH"


def test_only_a_token_made_for_it_approves(cast: Cast) -> None:
    """Being the second person is an approval too."""
    proposal = services.role_propose(
        user=cast.nobody, team=cast.company, role="auditor", by=cast.admin, at=NOW, reason="x"
    )
    path = f"/api/v1/proposals/{proposal.pk}/confirm/"
    assert call(token_for(cast.executive, "write")[1], path, "post") == 403
    assert call(token_for(cast.executive, "approve")[1], path, "post") == 200


def test_a_token_makes_no_tokens(cast: Cast) -> None:
    _, secret = token_for(cast.manager, "write")
    assert call(secret, "/api/v1/tokens/", "post", name="More") == 403
    assert ApiToken.objects.count() == 1


@pytest.mark.parametrize(
    ("who", "change", "error"),
    [
        ("admin", {}, NotAllowed),
        ("nobody", {}, NotAllowed),
        ("manager", {"access": "approve"}, NotAllowed),
        ("manager", {"access": "all"}, Invalid),
        ("manager", {"days": 0}, Invalid),
        ("manager", {"days": 366}, Invalid),
        ("manager", {"name": " "}, Invalid),
    ],
)
def test_tokens_that_are_refused(
    cast: Cast, who: str, change: dict[str, object], error: type[AdroitError]
) -> None:
    given = {"name": "Sheet", "access": "read", "days": 30, **change}
    with pytest.raises(error):
        services.token_create(user=getattr(cast, who), at=NOW, **given)  # type: ignore[arg-type]
    assert not ApiToken.objects.exists()


def test_nobody_has_more_than_twenty(cast: Cast) -> None:
    for _ in range(20):
        token, _ = token_for(cast.manager)
    with pytest.raises(Conflict, match="20 tokens"):
        token_for(cast.manager)
    services.token_revoke(token=token, by=cast.manager, at=NOW)
    assert token_for(cast.manager)


def test_one_revokes_ones_own_and_administrators_any(cast: Cast) -> None:
    first, secret = token_for(cast.manager)
    second, _ = token_for(cast.manager)
    with pytest.raises(NotAllowed):
        services.token_revoke(token=first, by=cast.director, at=NOW)
    services.token_revoke(token=first, by=cast.manager, at=NOW)
    services.token_revoke(token=second, by=cast.admin, at=NOW)
    assert call(secret) == 401
    with pytest.raises(Conflict):
        services.token_revoke(token=first, by=cast.manager, at=NOW)
    assert latest_event().after == {"name": "Sheet", "owner": "Jonas Weber"}


def test_who_sees_which_tokens(cast: Cast) -> None:
    mine, _ = token_for(cast.manager)
    other, _ = token_for(cast.director)
    assert set(tokens_for(cast.manager)) == {mine}
    assert set(tokens_for(cast.admin)) == {mine, other}
    assert not tokens_for(cast.auditor)


def test_a_token_without_an_end_is_refused_by_the_database(cast: Cast) -> None:
    token, _ = token_for(cast.manager)
    with pytest.raises(IntegrityError, match="accounts_token_expires"), transaction.atomic():
        ApiToken.objects.filter(pk=token.pk).update(expires_at=token.created_at)


def test_the_page_shows_the_secret_once_and_revokes(cast: Cast, enter: Enter) -> None:
    client = enter(cast.manager)
    form = {"name": "Weekly sheet", "access": "read", "days": "30"}
    answer = client.post("/people/me/tokens/", form)
    assert "no-store" in answer["Cache-Control"]
    secret = str(answer.context["secret"])
    assert secret in answer.content.decode()
    assert secret not in client.get("/people/me/").content.decode()
    assert client.post("/people/me/tokens/", {**form, "days": "9999"}).status_code == 422
    assert client.post("/people/me/tokens/", {**form, "access": "approve"}).status_code == 422
    token = ApiToken.objects.get()
    assert enter(cast.director).post(f"/people/tokens/{token.pk}/revoke/").status_code == 404
    assert client.post(f"/people/tokens/{token.pk}/revoke/").status_code == 302
    assert "Revoked" in client.get("/people/me/").content.decode()
    assert enter(cast.admin).post("/people/me/tokens/", form).status_code == 403


def test_administrators_revoke_several_and_read_no_secret(cast: Cast, enter: Enter) -> None:
    tokens = [token_for(cast.manager), token_for(cast.director), token_for(cast.analyst)]
    client = enter(cast.admin)
    page = client.get("/people/tokens/").content.decode()
    assert all(token.prefix in page and secret not in page for token, secret in tokens)
    ids = [str(token.pk) for token, _ in tokens[:2]] + ["x"]
    assert client.post("/people/tokens/", {"ids": ids}).status_code == 302
    assert ApiToken.objects.filter(revoked_at=None).get() == tokens[2][0]
    assert enter(cast.auditor).get("/people/tokens/").status_code == 403
