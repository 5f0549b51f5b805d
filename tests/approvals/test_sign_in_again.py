"""Signing in again before decisions above the first threshold, and two people in two sign-ins."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import ApiToken, User
from accounts.services import fresh
from approvals.choices import RequestState
from approvals.models import ChangeRequest, Contributor, Decision
from core import sessions
from core.errors import NotAllowed
from tests.approvals.actions import AT, ask, decide
from tests.cast import PASSWORD, Cast
from tests.sign_in import freshen, signed_in

pytestmark = pytest.mark.feature("9.1", "2.5")
NOW = AT + timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as travelling:
        yield travelling


def with_password(user: User) -> Client:
    """Somebody signed in, but not just now."""
    user.set_password(PASSWORD)
    user.save()
    client = Client()
    client.force_login(user)
    return client


def say(client: Client, request: ChangeRequest, outcome: str = "approve", reason: str = "") -> Any:
    data = {"outcome": outcome, "reason": reason, "content_hash": request.content_hash}
    return client.post(reverse("approvals:request-decide", args=[request.pk]), data)


def state(request: ChangeRequest) -> str:
    return ChangeRequest.objects.get(pk=request.pk).state


def test_above_the_first_threshold_one_signs_in_again_and_finds_what_one_wrote(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach, units=5_001)
    browser = with_password(cast.executive)
    led = say(browser, request, "reject", "Too <early>")
    assert led.url.startswith(reverse("account_reauthenticate"))
    assert state(request) == RequestState.OPEN
    wrong = browser.post(led.url, {"password": "no"})
    assert wrong.status_code == 200
    back = browser.post(led.url, {"password": PASSWORD}, follow=True)
    page = back.content.decode()
    assert "Too &lt;early&gt;" in page
    assert 'value="reject"' in page
    assert state(request) == RequestState.OPEN
    say(browser, request, "reject", "Too early")
    assert state(request) == RequestState.REJECTED
    assert Decision.objects.get().channel == "page"


def test_up_to_the_first_threshold_no_second_sign_in_is_asked(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach, units=5_000)
    say(with_password(cast.executive), request)
    assert state(request) == RequestState.APPROVED


def test_a_sign_in_counts_for_ten_minutes(cast: Cast, clock: time_machine.Traveller) -> None:
    request = ask(cast.manager, cast.dach, units=6_000)
    browser = signed_in(cast.executive)
    clock.move_to(NOW + timedelta(minutes=10))
    assert "reauthenticate" in say(browser, request).url
    freshen(browser, cast.executive)
    clock.move_to(NOW + timedelta(minutes=19, seconds=59))
    say(browser, request)
    assert state(request) == RequestState.APPROVED


def test_with_a_second_factor_the_password_alone_is_not_enough(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = ask(cast.manager, cast.dach, units=6_000)
    browser = signed_in(cast.executive)
    monkeypatch.setattr(fresh, "is_mfa_enabled", lambda user: True)
    assert say(browser, request).url.startswith(reverse("mfa_reauthenticate"))
    freshen(browser, cast.executive)
    say(browser, request)
    assert state(request) == RequestState.APPROVED


def test_a_recommendation_decides_nothing_and_needs_no_fresh_sign_in(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach, units=6_000)
    answer = say(with_password(cast.director), request, "recommend", "Yes")
    assert answer.url == request.get_absolute_url()
    assert Decision.objects.get().outcome == "recommend"


def test_the_threshold_is_that_of_the_policy_in_force_and_adds_up_moves(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach, units=4_000)
    ChangeRequest.objects.filter(pk=request.pk).update(amount_micros=6_000_000_000)
    assert "reauthenticate" in say(with_password(cast.executive), request).url


@pytest.mark.parametrize(("units", "status"), [(5_000, 200), (5_001, 403)])
def test_a_token_decides_nothing_above_the_first_threshold(
    cast: Cast, units: int, status: int
) -> None:
    secret = "adr_approve"
    ApiToken.objects.create(
        user=cast.executive, name="t", access="approve", prefix=secret[:8], created_at=AT,
        digest=hashlib.sha256(secret.encode()).hexdigest(), expires_at=AT + timedelta(days=9),
    )  # fmt: skip
    request = ask(cast.manager, cast.dach, units=units)
    answer = Client().post(
        f"/api/v1/requests/{request.pk}/decide/",
        {"outcome": "approve", "content_hash": request.content_hash},
        "application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["error"]["code"] == "step_up_required"
        assert state(request) == RequestState.OPEN
    else:
        assert Decision.objects.get().session == sessions.fingerprint_of(
            "token", ApiToken.objects.get().digest
        )


def test_a_session_at_the_api_is_asked_for_too(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach, units=6_000)
    data = {"outcome": "approve", "content_hash": request.content_hash}
    path = f"/api/v1/requests/{request.pk}/decide/"
    stale = with_password(cast.executive).post(path, data, "application/json")
    assert stale.json()["error"]["code"] == "step_up_required"
    assert signed_in(cast.executive).post(path, data, "application/json").status_code == 200


def test_one_sign_in_does_not_decide_for_two_people(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach, units=60_000)
    sessions.use("a" * 64)
    try:
        decide(request, cast.executive)
        with pytest.raises(NotAllowed, match="in this sign-in by somebody else") as refused:
            decide(request, cast.auditor)
        assert refused.value.code == "same_session"
        sessions.use("b" * 64)
        assert decide(request, cast.auditor).state == RequestState.APPROVED
    finally:
        sessions.use("")


def test_the_sign_in_that_asked_does_not_decide(cast: Cast) -> None:
    draft = ask(cast.manager, cast.dach, submit=False)
    browser = signed_in(cast.manager)
    browser.post(reverse("approvals:request-submit", args=[draft.pk]))
    found = Contributor.objects.get(request=draft, how="submitted").session
    assert found == sessions.fingerprint_of("session", browser.session.session_key or "")
    sessions.use(found)
    try:
        with pytest.raises(NotAllowed, match="somebody else"):
            decide(draft, cast.director)
    finally:
        sessions.use("")


def test_who_asked_reads_that_they_took_part(cast: Cast) -> None:
    draft = ask(cast.director, cast.dach, submit=False)
    browser = signed_in(cast.director)
    browser.post(reverse("approvals:request-submit", args=[draft.pk]))
    sessions.use(Contributor.objects.get(request=draft, how="submitted").session)
    try:
        with pytest.raises(NotAllowed, match="You took part"):
            decide(draft, cast.director)
    finally:
        sessions.use("")
