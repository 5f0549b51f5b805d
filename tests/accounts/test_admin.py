"""Django's admin: for administrators, for people, teams and roles, through the services."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client

from accounts.models import Team, User
from accounts.views.admin_site import OPEN, RoleAdminSite
from core.models import Event
from tests.accounts.conftest import Enter, latest_event
from tests.cast import Cast

PERSON = "/admin/accounts/user/"
TEAM = "/admin/accounts/team/"
ROLE = "/admin/accounts/membership/"


def test_strangers_go_to_the_products_own_sign_in(cast: Cast) -> None:
    for page in ("/admin/", PERSON, "/admin/login/"):
        answer = Client().get(page, follow=True)
        assert answer.redirect_chain[-1][0].startswith("/accounts/login/?next=%2Fadmin%2F")


@pytest.mark.parametrize(
    "who", ["executive", "director", "manager", "analyst", "auditor", "nobody"]
)
def test_people_without_the_role_stay_out(cast: Cast, enter: Enter, who: str) -> None:
    user = getattr(cast, who)
    User.objects.filter(pk=user.pk).update(is_staff=True, is_superuser=True)
    client = enter(user)
    for page in ("/admin/", PERSON, TEAM + "add/"):
        assert client.get(page, follow=True).status_code == 403


def test_the_role_opens_it_without_any_flag(cast: Cast, enter: Enter) -> None:
    assert not cast.admin.is_staff
    client = enter(cast.admin)
    for page in ("/admin/", PERSON, f"{PERSON}{cast.manager.pk}/change/", TEAM, TEAM + "add/",
                 f"{TEAM}{cast.uk.pk}/change/", ROLE, ROLE + "add/"):  # fmt: skip
        assert client.get(page).status_code == 200, page
    assert client.get("/admin/password_change/")["Location"] == "/accounts/password/change/"


def test_nothing_but_people_teams_and_roles_is_registered() -> None:
    assert {model._meta.label_lower for model in admin.site._registry} == OPEN
    closed = [model for model in apps.get_models() if model._meta.label_lower not in OPEN]
    site = RoleAdminSite()
    site.register(closed)
    assert site._registry == {}


def test_a_person_is_edited_deactivated_and_let_in_with_events(cast: Cast, enter: Enter) -> None:
    client, page = enter(cast.admin), f"{PERSON}{cast.manager.pk}/change/"
    form = {"name": "Jonas W.", "title": "Manager", "is_active": "on", "reason": ""}
    assert client.post(page, form).status_code == 302
    assert latest_event().action == "person.edited"
    off = {"name": "Jonas W.", "title": "Manager", "reason": ""}
    assert client.post(page, off).status_code == 422
    assert client.post(page, {**off, "reason": "Left."}).status_code == 302
    assert (latest_event().action, latest_event().reason) == ("person.deactivated", "Left.")
    assert client.post(page, form).status_code == 302
    cast.manager.refresh_from_db()
    assert (cast.manager.name, cast.manager.is_active) == ("Jonas W.", True)


def test_the_same_refusals_hold_as_on_the_pages(cast: Cast, enter: Enter) -> None:
    client, form = enter(cast.admin), {"name": "P", "title": "", "reason": "x"}
    assert client.post(f"{PERSON}{cast.admin.pk}/change/", form).status_code == 403
    cast.admin.refresh_from_db()
    assert (cast.admin.name, cast.admin.is_active) == ("Priya Nair", True)
    own = {"user": cast.admin.pk, "team": cast.uk.pk, "role": "analyst", "limit_micros": ""}
    assert client.post(ROLE + "add/", own).status_code == 403
    high = {**own, "user": cast.nobody.pk, "role": "executive"}
    assert "Select a valid choice" in client.post(ROLE + "add/", high).content.decode()
    assert not Event.objects.exists()


def test_people_are_neither_added_nor_deleted_here(cast: Cast, enter: Enter) -> None:
    client = enter(cast.admin)
    assert client.get(PERSON + "add/").status_code == 403
    assert client.post(f"{PERSON}{cast.manager.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(f"{TEAM}{cast.us.pk}/delete/", {"post": "yes"}).status_code == 403
    assert "delete_selected" not in client.get(PERSON).content.decode()


def test_roles_are_given_and_taken_here(cast: Cast, enter: Enter) -> None:
    client = enter(cast.admin)
    form = {"user": cast.nobody.pk, "team": cast.uk.pk, "role": "analyst", "limit_micros": ""}
    assert client.post(ROLE + "add/", form).status_code == 302
    assert latest_event().action == "role.given"
    held = cast.nobody.memberships.get()
    assert client.post(f"{ROLE}{held.pk}/change/", {**form, "role": "manager"}).status_code == 403
    assert client.post(f"{ROLE}{held.pk}/delete/", {"post": "yes"}).status_code == 302
    assert latest_event().action == "role.taken"
    high = cast.executive.memberships.get()
    assert client.post(f"{ROLE}{high.pk}/delete/", {"post": "yes"}).status_code == 403


def test_teams_are_made_moved_and_archived_here(cast: Cast, enter: Enter) -> None:
    client = enter(cast.admin)
    assert client.post(TEAM + "add/", {"name": "Lab", "parent": cast.uk.pk}).status_code == 302
    lab = Team.objects.get(name="Lab")
    assert lab.path == f"{cast.uk.path}{lab.pk:04d}/"
    change = {"name": "Labs", "parent": cast.us.pk, "is_archived": "on"}
    assert client.post(f"{TEAM}{lab.pk}/change/", change).status_code == 302
    lab.refresh_from_db()
    assert (lab.name, lab.parent, lab.is_archived) == ("Labs", cast.us, True)
    actions = list(Event.objects.order_by("id").values_list("action", flat=True))
    assert actions == ["team.created", "team.renamed", "team.moved", "team.archived"]
