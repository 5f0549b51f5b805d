"""Somebody comes in: invited by an administrator, by a link that works once."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import services
from accounts.choices import Role
from accounts.models import Membership, User
from accounts.services.founding import first_people
from core import outbox
from core.errors import AdroitError, Conflict, Invalid, NotAllowed
from core.models import Event, Organisation, OutboxItem
from tests.accounts.conftest import NOW, Enter, latest_event
from tests.cast import PASSWORD, Cast

Commits = Callable[..., Any]


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Commits) -> Commits:
    """Runs what the outbox holds at the end of a block, as a worker does."""
    monkeypatch.setattr(outbox, "_dispatchers", [lambda pk: outbox.deliver(pk, now=NOW)])
    return lambda: django_capture_on_commit_callbacks(execute=True)


def invite(cast: Cast, **more: Any) -> User:
    given = {"email": "new@tarnfell.test", "name": "Nora Lind", "title": "Analyst", **more}
    return services.person_invite(by=cast.admin, at=NOW, **given)


def link_in(message: mail.EmailMessage) -> str:
    found = re.search(re.escape(settings.SITE_URL) + r"(/\S+)", str(message.body))
    assert found
    return found[1]


def test_an_invitation_is_mailed_and_leads_to_a_password_and_a_sign_in(
    cast: Cast, posted: Commits
) -> None:
    with posted():
        user = invite(cast, team=cast.dach, role=Role.ANALYST)
    (message,) = mail.outbox
    assert message.to == ["new@tarnfell.test"]
    assert "Priya Nair invited you" in str(message.body)
    client = Client()
    page = client.get(link_in(message), follow=True)
    form = {"password1": "a long enough sentence", "password2": "a long enough sentence"}
    client.post(page.redirect_chain[-1][0], form)
    user.refresh_from_db()
    assert user.check_password("a long enough sentence")
    signed = client.post("/accounts/login/", {"login": user.email, "password": form["password1"]})
    assert signed.status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)
    assert user.roles == {Role.ANALYST}


def test_the_link_works_once_and_not_for_long(cast: Cast, posted: Commits) -> None:
    with posted():
        invite(cast)
    link = link_in(mail.outbox[0])
    with time_machine.travel(NOW + timedelta(days=400)):
        assert b"no longer works" in Client().get(link).content
    client = Client()
    page = client.get(link, follow=True)
    form = {"password1": "a long enough sentence", "password2": "a long enough sentence"}
    client.post(page.redirect_chain[-1][0], form)
    assert b"no longer works" in Client().get(link).content


def test_the_link_is_kept_nowhere_but_in_the_mail(cast: Cast, posted: Commits) -> None:
    with posted():
        invite(cast)
    secret = link_in(mail.outbox[0]).rstrip("/").rsplit("-", 1)[-1]
    assert secret
    assert secret not in str(list(OutboxItem.objects.values())) + str(list(Event.objects.values()))


def test_inviting_is_on_record(cast: Cast) -> None:
    user = invite(cast)
    event = latest_event()
    assert (event.action, event.actor_name) == ("person.invited", "Priya Nair")
    assert (event.subject_id, event.is_security) == (str(user.pk), True)
    assert event.after == {"email": "new@tarnfell.test", "name": "Nora Lind", "title": "Analyst"}


@pytest.mark.parametrize("who", ["executive", "director", "manager", "analyst", "auditor"])
def test_only_administrators_invite(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        services.person_invite(email="x@x.test", name="X", by=getattr(cast, who), at=NOW)
    assert not User.objects.filter(email="x@x.test").exists()


@pytest.mark.parametrize("email", ["jonas@tarnfell.test", "JONAS@Tarnfell.test "])
def test_a_known_address_is_not_invited_twice(cast: Cast, email: str) -> None:
    with pytest.raises(Conflict, match="Jonas Weber") as refused:
        invite(cast, email=email)
    assert refused.value.where == "email"


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"email": "no address"}, Invalid),
        ({"name": ""}, Invalid),
        ({"name": "x" * 121}, Invalid),
        ({"role": Role.EXECUTIVE}, NotAllowed),
        ({"role": "owner"}, Invalid),
    ],
)
def test_a_wrong_invitation_leaves_nothing_behind(
    cast: Cast, wrong: dict[str, Any], error: type[AdroitError]
) -> None:
    before = (User.objects.count(), Event.objects.count(), OutboxItem.objects.count())
    with pytest.raises(error):
        invite(cast, **{"team": cast.dach, "role": Role.ANALYST, **wrong})
    assert (User.objects.count(), Event.objects.count(), OutboxItem.objects.count()) == before


def test_an_invitation_is_sent_again_until_a_password_is_set(cast: Cast, posted: Commits) -> None:
    with posted():
        user = invite(cast)
        services.person_invite_again(user=user, by=cast.admin, at=NOW - timedelta(hours=1))
    assert len(mail.outbox) == 2
    user.set_password(PASSWORD)
    user.save()
    with pytest.raises(Conflict):
        services.person_invite_again(user=user, by=cast.admin, at=NOW)
    with pytest.raises(NotAllowed):
        services.person_invite_again(user=user, by=cast.manager, at=NOW)


def test_nobody_gets_mail_who_set_a_password_or_left_meanwhile(cast: Cast) -> None:
    user = invite(cast)
    item = OutboxItem.objects.get(kind="accounts.invitation")
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert outbox.deliver(item.pk, now=NOW)
    item.refresh_from_db()
    assert item.result == {"sent": False}
    assert mail.outbox == []


def test_the_page_invites_and_shows_refusals_at_their_field(cast: Cast, enter: Enter) -> None:
    client = enter(cast.admin)
    assert client.get("/people/invite/").status_code == 200
    form = {"name": "Nora Lind", "email": "new@tarnfell.test", "team": "", "role": ""}
    assert client.post("/people/invite/", {**form, "role": "analyst"}).status_code == 422
    answer = client.post("/people/invite/", {**form, "team": cast.dach.pk, "role": "analyst"})
    user = User.objects.get(email="new@tarnfell.test")
    assert (answer.status_code, answer["Location"]) == (302, f"/people/{user.pk}/")
    again = client.post("/people/invite/", form)
    assert again.status_code == 422
    assert "is known already" in again.content.decode()
    assert enter(cast.manager).post("/people/invite/", form).status_code == 403


@pytest.mark.django_db
def test_the_first_people_are_named_at_the_command_line() -> None:
    call_command(
        "first_people", "--company", "Tarn & Fell", "--admin", "Priya Nair <priya@tarnfell.test>",
        "--admin", "Otto Berg <otto@tarnfell.test>", "--executive", "Greta Holm <greta@x.test>",
    )  # fmt: skip
    held = Membership.objects.order_by("pk").values_list("user__name", "role", "team__name")
    assert list(held) == [
        ("Priya Nair", "admin", "Tarn & Fell"),
        ("Otto Berg", "admin", "Tarn & Fell"),
        ("Greta Holm", "executive", "Tarn & Fell"),
    ]
    assert OutboxItem.objects.filter(kind="accounts.invitation").count() == 3
    assert Organisation.current().name == "Tarn & Fell"
    with pytest.raises(CommandError, match="hold roles already"):
        call_command(
            "first_people", "--company", "X", "--admin", "A <a@x.test>",
            "--executive", "B <b@x.test>",
        )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("admins", "executives"),
    [([], [("B", "b@x.test")]), ([("A", "a@x.test")], []), ([("A", "a@x.test")],) * 2],
)
def test_a_company_starts_with_an_administrator_and_an_executive_who_are_two_people(
    admins: list[tuple[str, str]], executives: list[tuple[str, str]]
) -> None:
    with pytest.raises(Invalid):
        first_people(company="X", admins=admins, executives=executives, at=NOW)
    assert not User.objects.exists()


@pytest.mark.django_db
def test_the_command_says_what_an_address_looks_like() -> None:
    with pytest.raises(CommandError, match="is not like"):
        call_command("first_people", "--company", "X", "--admin", "a@x.test")
