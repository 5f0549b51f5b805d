"""Somebody goes: shut out everywhere at once, never oneself, never with fewer than two administrators left."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.test import Client

from accounts import services
from accounts.choices import Role
from accounts.models import ApiToken, Membership, Team, User
from accounts.selectors import LEAST_ADMINS, active_admins
from accounts.services import needed
from core.errors import Conflict, Invalid, NotAllowed
from tests.accounts.conftest import NOW, Enter, latest_event
from tests.cast import PASSWORD, Cast


def leave(user: User, by: User, reason: str = "Left the company.") -> User:
    return services.person_deactivate(user=user, by=by, at=NOW, reason=reason)


def test_sessions_and_tokens_end_with_the_person(cast: Cast, enter: Enter) -> None:
    browser = enter(cast.manager)
    _, secret = services.token_create(
        user=cast.manager, name="Sheet", access="read", days=30, at=NOW
    )
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    assert browser.get("/people/me/").status_code == 200
    assert program.get("/api/v1/me/").status_code == 200
    leave(cast.manager, cast.admin)
    assert browser.get("/people/me/")["Location"].startswith("/accounts/login/")
    assert program.get("/api/v1/me/").status_code == 401
    assert not Session.objects.exists()


def test_even_a_session_that_was_not_ended_lets_nobody_in(cast: Cast, enter: Enter) -> None:
    browser = enter(cast.manager)
    User.objects.filter(pk=cast.manager.pk).update(is_active=False)
    assert browser.get("/people/me/").status_code == 302


def test_leaving_is_on_record_with_its_reason(cast: Cast) -> None:
    leave(cast.manager, cast.admin, "Moved to finance.")
    event = latest_event()
    assert (event.action, event.reason) == ("person.deactivated", "Moved to finance.")
    assert event.after == {"is_active": False, "tokens_revoked": 0, "sessions_ended": 0}


def test_roles_are_used_no_more_but_kept_for_a_return(cast: Cast) -> None:
    leave(cast.manager, cast.admin)
    cast.manager.refresh_from_db()
    assert cast.manager.roles == frozenset()
    services.person_reactivate(user=cast.manager, by=cast.admin, at=NOW)
    cast.manager.refresh_from_db()
    assert cast.manager.roles == {Role.MANAGER}


def test_tokens_stay_revoked_after_a_return(cast: Cast) -> None:
    services.token_create(user=cast.manager, name="Sheet", access="read", days=30, at=NOW)
    leave(cast.manager, cast.admin)
    services.person_reactivate(user=cast.manager, by=cast.admin, at=NOW)
    assert not ApiToken.objects.filter(revoked_at=None).exists()


def test_a_reason_is_needed(cast: Cast) -> None:
    with pytest.raises(Invalid, match="Say why"):
        leave(cast.manager, cast.admin, "  ")
    cast.manager.refresh_from_db()
    assert cast.manager.is_active


@pytest.mark.parametrize("who", ["executive", "director", "manager", "auditor", "nobody"])
def test_only_administrators_shut_out(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        leave(cast.analyst, getattr(cast, who))
    with pytest.raises(NotAllowed):
        services.person_reactivate(user=cast.analyst, by=getattr(cast, who), at=NOW)


def test_nobody_deactivates_themselves(cast: Cast, otto: User) -> None:
    with pytest.raises(NotAllowed) as refused:
        leave(cast.admin, cast.admin)
    assert refused.value.code == "oneself"


def test_twice_is_a_conflict(cast: Cast) -> None:
    leave(cast.manager, cast.admin)
    with pytest.raises(Conflict):
        leave(cast.manager, cast.admin)
    services.person_reactivate(user=cast.manager, by=cast.admin, at=NOW)
    with pytest.raises(Conflict):
        services.person_reactivate(user=cast.manager, by=cast.admin, at=NOW)


def test_two_administrators_always_stay(cast: Cast, otto: User, third_admin: User) -> None:
    leave(third_admin, cast.admin)
    with pytest.raises(Conflict) as refused:
        leave(otto, cast.admin)
    assert refused.value.code == "too_few_admins"
    assert refused.value.message == (
        "Otto Berg is one of the last administrators: only 1 would be left,"
        " and there are always at least 2."
    )
    assert "Name another administrator first" in refused.value.remedy
    services.person_reactivate(user=third_admin, by=cast.admin, at=NOW)
    leave(cast.admin, otto)
    assert {one.name for one in active_admins()} == {"Otto Berg", "Vera Koch"}


def test_the_admin_site_refuses_it_too(cast: Cast, otto: User, enter: Enter) -> None:
    form = {"name": otto.name, "title": otto.title, "reason": "Left."}
    answer = enter(cast.admin).post(f"/admin/accounts/user/{otto.pk}/change/", form)
    assert answer.status_code == 409
    otto.refresh_from_db()
    assert otto.is_active


def test_somebody_with_no_role_of_weight_goes_although_one_administrator_is_left(
    cast: Cast, otto: User
) -> None:
    User.objects.filter(pk=otto.pk).update(is_active=False)
    leave(cast.manager, cast.admin)
    assert not User.objects.get(pk=cast.manager.pk).is_active


def test_somebody_who_is_needed_cannot_leave(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needed, "_leaving_checks", [])
    services.register_leaving_check(lambda user, _: f"{user.name} has to decide CR-7.")
    with pytest.raises(Conflict, match="has to decide CR-7"):
        leave(cast.executive, cast.admin)


def race(first: Callable[[], Any], second: Callable[[], Any]) -> list[str]:
    """Both at once, each on a connection of its own; returns what was refused."""
    gate, refused = threading.Barrier(2, timeout=20), list[str]()

    def run(act: Callable[[], Any]) -> None:
        try:
            gate.wait()
            act()
        except Conflict as error:
            refused.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return refused


def admins(*names: str) -> list[User]:
    team = Team.plant("Tarn & Fell")
    made = []
    for name in names:
        user = User.objects.create_user(f"{name.lower()}@tarnfell.test", name, PASSWORD)
        Membership.objects.create(user=user, team=team, role=Role.ADMIN)
        made.append(User.objects.get(pk=user.pk))
    return made


@pytest.mark.django_db(transaction=True)
def test_of_three_administrators_two_who_remove_each_other_at_once_leave_two() -> None:
    for _ in range(5):
        priya, otto, _vera = admins("Priya", "Otto", "Vera")
        refused = race(lambda: leave(otto, priya), lambda: leave(priya, otto))  # noqa: B023
        assert refused == ["too_few_admins"]
        assert active_admins().count() == 2
        Membership.objects.all().delete()
        User.objects.all().delete()
        Team.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_both_would_go() -> None:
    priya, otto, _vera = admins("Priya", "Otto", "Vera")
    counted = threading.Barrier(2, timeout=20)

    def unlocked(user: User) -> None:
        with transaction.atomic():
            left = active_admins().exclude(pk=user.pk).count()
            counted.wait()
            if left >= LEAST_ADMINS:
                User.objects.filter(pk=user.pk).update(is_active=False)

    assert race(lambda: unlocked(otto), lambda: unlocked(priya)) == []
    assert active_admins().count() == 1


def test_the_page_shuts_out_and_lets_in_again(cast: Cast, enter: Enter) -> None:
    client, page = enter(cast.admin), f"/people/{cast.manager.pk}/"
    assert client.post(page + "deactivate/").status_code == 422
    assert client.post(page + "deactivate/", {"reason": "Left."}).status_code == 302
    assert "Deactivated" in client.get(page).content.decode()
    assert client.post(page + "reactivate/").status_code == 302
    cast.manager.refresh_from_db()
    assert cast.manager.is_active
    assert client.post(f"/people/{cast.admin.pk}/deactivate/", {"reason": "x"}).status_code == 403


def test_an_administrator_signs_somebody_out_everywhere(cast: Cast, enter: Enter) -> None:
    laptop, phone, admin = enter(cast.manager), enter(cast.manager), enter(cast.admin)
    assert [one.get("/people/me/").status_code for one in (laptop, phone)] == [200, 200]
    assert admin.post(f"/people/{cast.manager.pk}/end-sessions/").status_code == 302
    assert [one.get("/people/me/").status_code for one in (laptop, phone, admin)] == [302, 302, 200]
    assert latest_event().after == {"sessions_ended": 2}
    with pytest.raises(NotAllowed):
        services.sessions_end(user=cast.manager, by=cast.director, at=NOW)


def test_one_signs_out_ones_own_other_browsers(cast: Cast, enter: Enter) -> None:
    laptop, phone, tablet = (enter(cast.manager) for _ in range(3))
    assert [one.get("/people/me/").status_code for one in (phone, tablet)] == [200, 200]
    assert laptop.post("/people/me/sign-ins/end-others/").status_code == 302
    assert [one.get("/people/me/").status_code for one in (laptop, phone, tablet)] == [
        200,
        302,
        302,
    ]
    stranger = enter(cast.other_manager)
    stranger.get("/people/me/")
    row = UserSession.objects.get(user=cast.other_manager)
    assert laptop.post(f"/people/me/sign-ins/{row.pk}/end/").status_code == 404
    assert stranger.post(f"/people/me/sign-ins/{row.pk}/end/").status_code == 302
    assert stranger.get("/people/me/").status_code == 302


def test_reactivating_after_time_says_who(cast: Cast) -> None:
    leave(cast.manager, cast.admin)
    later = NOW + timedelta(days=30)
    services.person_reactivate(user=cast.manager, by=cast.admin, at=later)
    event = latest_event()
    assert (event.action, event.at, event.actor_name) == ("person.reactivated", later, "Priya Nair")
