"""The second factor: used at sign-in, kept encrypted, needed by the roles of weight."""

import time

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.test import Client, override_settings

from accounts import services
from accounts.models import User
from accounts.selectors import second_factors
from accounts.services.adapter import MfaAdapter
from tests.accounts.conftest import NOW, Enter
from tests.cast import PASSWORD, Cast

SECRET = "JBSWY3DPEHPK3PXP"
NEEDED = override_settings(REQUIRE_SECOND_FACTOR=True)


def code() -> str:
    return str(format_hotp_value(hotp_value(SECRET, int(time.time()) // 30)))


# A code is good for thirty seconds; the clock stands, so that none ends on the way.
@time_machine.travel(NOW, tick=False)
def test_a_sign_in_with_a_second_factor_takes_its_code(cast: Cast) -> None:
    cast.executive.set_password(PASSWORD)
    cast.executive.save()
    TOTP.activate(cast.executive, SECRET)
    client = Client()
    form = {"login": cast.executive.email, "password": PASSWORD}
    assert client.post("/accounts/login/", form)["Location"] == "/accounts/2fa/authenticate/"
    assert client.get("/people/me/").status_code == 302
    wrong = client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert wrong.status_code == 200
    assert client.get("/people/me/").status_code == 302
    assert client.post("/accounts/2fa/authenticate/", {"code": code()}).status_code == 302
    assert client.get("/people/me/").status_code == 200


@time_machine.travel(NOW, tick=False)
def test_the_same_code_is_not_used_twice(cast: Cast) -> None:
    TOTP.activate(cast.executive, SECRET)
    factor = Authenticator.objects.get(user=cast.executive).wrap()
    used = code()
    assert [factor.validate_code(used), factor.validate_code(used)] == [True, False]


def test_what_makes_the_codes_is_kept_encrypted(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    TOTP.activate(cast.executive, SECRET)
    kept = Authenticator.objects.get(user=cast.executive).data["secret"]
    assert SECRET not in kept
    assert MfaAdapter().decrypt(kept) == SECRET
    monkeypatch.setattr(settings, "SECRET_KEY_FALLBACKS", [settings.SECRET_KEY])
    monkeypatch.setattr(settings, "SECRET_KEY", "rotated")
    assert MfaAdapter().decrypt(kept) == SECRET
    monkeypatch.setattr(settings, "SECRET_KEY_FALLBACKS", [])
    with pytest.raises(InvalidToken):
        MfaAdapter().decrypt(kept)


def test_an_invited_person_sets_one_up_without_proving_the_address_again(
    cast: Cast, enter: Enter
) -> None:
    cast.executive.set_password(PASSWORD)
    cast.executive.save()
    client = enter(None)
    client.post("/accounts/login/", {"login": cast.executive.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    EmailAddress.objects.update_or_create(
        user=cast.executive, email=cast.executive.email, defaults={"verified": False}
    )
    answer = client.get("/accounts/2fa/totp/activate/")
    assert answer.status_code == 200
    assert "secret" in answer.content.decode().lower()


@NEEDED
@pytest.mark.parametrize("who", ["executive", "admin", "auditor"])
def test_roles_of_weight_are_sent_to_set_one_up(cast: Cast, enter: Enter, who: str) -> None:
    client = enter(getattr(cast, who))
    for page in ("/people/", "/people/me/", "/admin/"):
        assert client.get(page)["Location"] == "/people/me/second-factor/"
    shown = client.get("/people/me/second-factor/").content.decode()
    assert "Your role needs a second factor" in shown
    TOTP.activate(User.objects.get(pk=getattr(cast, who).pk), SECRET)
    assert client.get("/people/").status_code == 200


@NEEDED
@pytest.mark.parametrize("who", ["director", "manager", "analyst", "nobody"])
def test_other_roles_are_not(cast: Cast, enter: Enter, who: str) -> None:
    client = enter(getattr(cast, who))
    assert client.get("/people/me/").status_code == 200
    assert "Besides the password" in client.get("/people/me/second-factor/").content.decode()


def test_without_the_setting_nobody_is(cast: Cast, enter: Enter) -> None:
    assert settings.REQUIRE_SECOND_FACTOR is False
    assert enter(cast.executive).get("/people/").status_code == 200


@NEEDED
def test_the_pages_that_set_one_up_and_the_way_out_stay_open(cast: Cast, enter: Enter) -> None:
    client = enter(cast.executive)
    assert client.get("/accounts/2fa/").status_code == 200
    assert client.post("/accounts/logout/").status_code == 302
    assert client.get("/people/me/")["Location"].startswith("/accounts/login/")


@NEEDED
def test_the_api_asks_for_it_too(cast: Cast, enter: Enter) -> None:
    _, secret = services.token_create(
        user=cast.executive, name="Sheet", access="approve", days=30, at=NOW
    )
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    for client in (program, enter(cast.executive)):
        answer = client.get("/api/v1/people/")
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "second_factor_needed"
    TOTP.activate(cast.executive, SECRET)
    assert program.get("/api/v1/people/").status_code == 200


def test_the_account_page_names_the_factors(cast: Cast) -> None:
    assert second_factors(cast.manager) == []
    TOTP.activate(cast.manager, SECRET)
    assert second_factors(cast.manager) == ["totp"]
