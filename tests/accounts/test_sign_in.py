"""Sign-in: by e-mail, with one answer for all mistakes, limited, and over when it should be."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.http import HttpResponse
from django.test import Client, override_settings
from time_machine import Traveller

from accounts.models import User
from tests.accounts.conftest import NOW, Enter
from tests.cast import PASSWORD, Cast

LOGIN = "/accounts/login/"
# What differs from one answer to the next: tokens, nonces, what was typed.
ONCE = re.compile(r'value="[^"]*"|nonce="[^"]*"|CSRFToken": "[^"]*"')
OTHER_PLACE = "203.0.113.9"


@pytest.fixture
def jonas(cast: Cast) -> User:
    cast.manager.set_password(PASSWORD)
    cast.manager.save()
    return cast.manager


@pytest.fixture
def at_nine() -> Iterator[Traveller]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: Any) -> HttpResponse:
    form = {"login": email, "password": password}
    return client.post(LOGIN, form, **more)  # type: ignore[return-value]


def is_in(client: Client) -> bool:
    return client.get("/people/me/").status_code == 200


def test_people_sign_in_by_e_mail_in_any_case(jonas: User) -> None:
    for email in ("jonas@tarnfell.test", "Jonas@TARNFELL.test"):
        client = Client()
        assert sign_in(client, email)["Location"] == "/"
        assert is_in(client)


def test_the_session_key_rotates(jonas: User) -> None:
    client = Client()
    client.get(LOGIN)
    session = client.session
    session["planted"] = "before"
    session.save()
    before = session.session_key
    client.cookies[settings.SESSION_COOKIE_NAME] = str(before)
    sign_in(client, jonas.email)
    after = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert after != before
    assert not Session.objects.filter(session_key=before).exists()


@pytest.mark.parametrize("email", ["jonas@tarnfell.test", "unknown@tarnfell.test"])
def test_a_wrong_password_has_one_answer_for_known_and_unknown(jonas: User, email: str) -> None:
    answer = sign_in(Client(), email, "wrong password indeed")
    assert answer.status_code == 200
    text = ONCE.sub("", answer.content.decode())
    assert "not correct" in text
    known = sign_in(Client(), "jonas@tarnfell.test", "another wrong password")
    assert ONCE.sub("", known.content.decode()) == text


def test_somebody_deactivated_does_not_come_in(jonas: User) -> None:
    User.objects.filter(pk=jonas.pk).update(is_active=False)
    client = Client()
    sign_in(client, jonas.email)
    assert not is_in(client)


def test_guessing_one_password_ends_with_429_and_locks_nobody_out(jonas: User) -> None:
    codes = [sign_in(Client(), jonas.email, f"wrong {n}").status_code for n in range(11)]
    assert codes[0] == 200
    assert codes[-1] == 429
    assert codes == sorted(codes)
    assert sign_in(Client(), jonas.email).status_code == 429
    elsewhere = Client(REMOTE_ADDR=OTHER_PLACE)
    assert sign_in(elsewhere, jonas.email).status_code == 302
    assert is_in(elsewhere)


def test_guessing_many_names_from_one_place_ends_with_429_by_the_eleventh(jonas: User) -> None:
    codes = [sign_in(Client(), f"x{n}@x.test", "wrong").status_code for n in range(11)]
    assert codes == [200] * 10 + [429]


def test_the_limit_answers_known_and_unknown_alike(jonas: User) -> None:
    for email in (jonas.email, "unknown@tarnfell.test"):
        client = Client(REMOTE_ADDR=f"203.0.113.{len(email)}")
        assert [sign_in(client, email, "no").status_code for _ in range(6)] == [200] * 5 + [429]


def test_the_limit_ends(jonas: User, at_nine: Traveller) -> None:
    for _ in range(6):
        answer = sign_in(Client(), jonas.email, "wrong")
    assert answer.status_code == 429
    at_nine.shift(timedelta(minutes=5, seconds=1))
    assert sign_in(Client(), jonas.email).status_code == 302


def test_right_passwords_do_not_use_the_limit_up(jonas: User) -> None:
    assert {sign_in(Client(), jonas.email).status_code for _ in range(12)} == {302}


def test_signing_out_takes_a_post_and_ends_the_session(jonas: User) -> None:
    client = Client()
    sign_in(client, jonas.email)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    client.get("/accounts/logout/")
    assert is_in(client)
    client.post("/accounts/logout/")
    assert not Session.objects.filter(session_key=key).exists()
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    assert not is_in(client)


def test_an_idle_sign_in_ends(jonas: User, at_nine: Traveller) -> None:
    client = Client()
    sign_in(client, jonas.email)
    assert is_in(client)
    at_nine.shift(timedelta(seconds=settings.SESSION_IDLE_AGE - 61))
    assert is_in(client)
    at_nine.shift(timedelta(seconds=settings.SESSION_IDLE_AGE))
    assert not is_in(client)


def test_even_a_busy_sign_in_ends_after_twelve_hours(jonas: User, at_nine: Traveller) -> None:
    client = Client()
    sign_in(client, jonas.email)
    for _ in range(11):
        assert is_in(client)
        at_nine.shift(timedelta(hours=1))
    assert is_in(client)
    at_nine.shift(timedelta(hours=1))
    assert not is_in(client)


def test_a_changed_password_ends_the_other_sessions(jonas: User) -> None:
    laptop, phone = Client(), Client()
    for client in (laptop, phone):
        sign_in(client, jonas.email)
    new = "another long sentence"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert laptop.post("/accounts/password/change/", form).status_code == 302
    assert [is_in(laptop), is_in(phone)] == [True, False]


@pytest.mark.parametrize(
    ("password", "accepted"),
    [
        ("elevensigns", False),
        ("123456789012", False),
        ("qwertyuiop123", False),
        ("jonas@tarnfell.test", False),
        ("twelve signs", True),
        ("x" * 30 + " y " + "z" * 60, True),
    ],
)
def test_passwords_are_long_and_not_common(jonas: User, password: str, accepted: bool) -> None:
    client = Client()
    sign_in(client, jonas.email)
    form = {"oldpassword": PASSWORD, "password1": password, "password2": password}
    client.post("/accounts/password/change/", form)
    jonas.refresh_from_db()
    assert jonas.check_password(password) is accepted


# Forgotten passwords


def ask_for_link(email: str, **headers: str) -> HttpResponse:
    browser: Any = Client(headers=headers)
    return browser.post("/accounts/password/reset/", {"email": email})  # type: ignore[no-any-return]


def test_a_forgotten_password_is_set_anew_by_a_mailed_link(jonas: User) -> None:
    ask_for_link(jonas.email)
    (message,) = mail.outbox
    link = re.search(r"http\S+/password/reset/key/\S+", str(message.body))
    assert link
    assert link[0].startswith(settings.SITE_URL)
    client, new = Client(), "another long sentence"
    page = client.get(link[0].removeprefix(settings.SITE_URL), follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": new, "password2": new})
    jonas.refresh_from_db()
    assert jonas.check_password(new)
    again = Client().get(link[0].removeprefix(settings.SITE_URL))
    assert b"no longer works" in again.content


def test_asking_tells_nothing_about_who_is_known(jonas: User) -> None:
    known, unknown = ask_for_link(jonas.email), ask_for_link("unknown@tarnfell.test")
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [message.to for message in mail.outbox] == [[jonas.email]]


def test_the_mailed_link_is_ours_whatever_host_was_named(jonas: User) -> None:
    ask_for_link(jonas.email, **{"x-forwarded-host": "evil.test"})
    assert "evil.test" not in str(mail.outbox[0].body)
    assert ask_for_link(jonas.email, host="evil.test").status_code == 400
    assert len(mail.outbox) == 1


def test_a_set_password_ends_every_session(jonas: User) -> None:
    client = Client()
    sign_in(client, jonas.email)
    jonas.set_password("another long sentence")
    jonas.save()
    assert not is_in(client)


# What stands around it


@pytest.mark.parametrize(
    "to", ["//evil.test", "\\\\evil.test", "https:evil.test", "https://evil.test/"]
)
def test_signing_in_stays_on_this_site(jonas: User, to: str) -> None:
    answer = Client().post(LOGIN, {"login": jonas.email, "password": PASSWORD, "next": to})
    assert answer["Location"] == "/"


def test_signing_in_leads_to_the_page_that_was_asked_for(jonas: User) -> None:
    client = Client()
    asked = client.get("/people/teams/?page=2")["Location"]
    assert asked == "/accounts/login/?next=/people/teams/%3Fpage%3D2"
    form = {"login": jonas.email, "password": PASSWORD, "next": "/people/teams/?page=2"}
    assert client.post(asked, form)["Location"] == "/people/teams/?page=2"


@pytest.mark.django_db
def test_nobody_signs_up() -> None:
    answer = Client().post("/accounts/signup/", {"email": "x@x.test", "password1": PASSWORD})
    assert "invite" in answer.content.decode()
    assert not User.objects.exists()


def test_nobody_changes_their_address_or_sessions_beside_the_product(
    cast: Cast, enter: Enter
) -> None:
    client = enter(cast.manager)
    for page in ("/accounts/email/", "/accounts/sessions/", "/accounts/confirm-email/x/"):
        assert client.get(page)["Location"] == "/people/me/"
        assert client.post(page, {"email": "other@x.test", "action_add": ""}).status_code == 405


@pytest.mark.django_db
def test_pages_carry_the_headers_that_protect_them() -> None:
    answer = Client().get(LOGIN)
    policy = answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    with override_settings(SECURE_HSTS_SECONDS=31_536_000):
        assert "max-age=31536000" in Client().get(LOGIN, secure=True)["Strict-Transport-Security"]


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(jonas: User) -> None:
    client = Client()
    sign_in(client, jonas.email)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


@pytest.mark.django_db
def test_a_foreign_host_is_refused_without_a_trace() -> None:
    answer = Client(headers={"host": "evil.test"}).get("/")
    assert answer.status_code == 400
    assert b"Traceback" not in answer.content
    assert b"DEBUG" not in Client().get("/nope/").content
