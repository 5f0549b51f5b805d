"""People, roles, teams, tokens and the organisation over the API."""

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import ApiToken, Membership, Proposal, Team, User
from core.models import Event, Organisation
from tests.accounts.conftest import Enter
from tests.cast import Cast


def send(client: Client, method: str, path: str, **data: Any) -> Any:
    call = getattr(client, method)
    return call(f"/api/v1/{path}", json.dumps(data), content_type="application/json")


def test_me_says_who_i_am_and_what_i_may_do(cast: Cast, enter: Enter) -> None:
    me = enter(cast.manager).get("/api/v1/me/").json()
    assert (me["name"], me["email"]) == ("Jonas Weber", "jonas@tarnfell.test")
    assert [(role["role"], role["team_name"]) for role in me["roles"]] == [("manager", "DACH")]
    assert "pause campaign by hand" in me["acts"]
    assert "approve/reject, amount <= T1" not in me["acts"]
    assert "password" not in me


def test_strangers_get_one_shape_of_refusal(cast: Cast) -> None:
    answer = Client().get("/api/v1/people/")
    assert answer.status_code == 401
    assert set(answer.json()["error"]) == {"code", "message", "where", "remedy", "details"}


def test_a_method_that_is_not_there_is_405(cast: Cast, enter: Enter) -> None:
    assert send(enter(cast.admin), "delete", "people/").status_code == 405


def test_people_are_listed_filtered_and_paged(cast: Cast, enter: Enter) -> None:
    client = enter(cast.admin)

    def names(query: str) -> list[str]:
        answer = client.get(f"/api/v1/people/?{query}").json()
        return [person["name"] for person in answer["results"]]

    assert len(names("per_page=100")) == len(cast.all())
    assert names("role=auditor") == ["Ben Okafor"]
    assert names(f"team={cast.americas.pk}") == ["Dana Cole", "Rosa Diaz"]
    assert names("q=lind") == ["Mara Lindqvist"]
    assert names("state=deactivated") == []
    assert len(names("per_page=3&page=2")) == 3
    assert client.get("/api/v1/people/?role=owner").status_code == 400
    assert client.get("/api/v1/people/?ordering=password").status_code == 200


def test_out_of_sight_is_404_for_people_and_teams(cast: Cast, enter: Enter) -> None:
    client = enter(cast.other_manager)
    assert client.get(f"/api/v1/people/{cast.manager.pk}/").status_code == 404
    assert client.get(f"/api/v1/teams/{cast.dach.pk}/").status_code == 404
    assert client.get(f"/api/v1/people/{cast.director.pk}/roles/").status_code == 404
    assert client.get(f"/api/v1/teams/{cast.us.pk}/").json()["name"] == "US"


def test_a_life_of_a_person(cast: Cast, enter: Enter) -> None:
    client = enter(cast.admin)
    invited = send(
        client, "post", "people/", name="Nora Lind", email="nora@x.test", team=cast.dach.pk,
        role="analyst",
    )  # fmt: skip
    assert invited.status_code == 201
    person = invited.json()
    assert (person["is_invited"], person["roles"][0]["role"]) == (True, "analyst")
    path = f"people/{person['id']}/"
    assert send(client, "patch", path, title="Analyst").json()["title"] == "Analyst"
    assert send(client, "post", path + "invite-again/").status_code == 200
    assert send(client, "post", path + "deactivate/").status_code == 400
    gone = send(client, "post", path + "deactivate/", reason="Left.").json()
    assert (gone["is_active"], gone["is_invited"]) == (False, False)
    assert send(client, "post", path + "deactivate/", reason="Left.").status_code == 409
    assert send(client, "post", path + "reactivate/").json()["is_active"] is True
    assert send(client, "delete", path + "sessions/").status_code == 204
    again = send(client, "post", "people/", name="N", email="nora@x.test")
    assert (again.status_code, again.json()["error"]["where"]) == (409, "email")


def test_roles_are_given_limited_taken_and_proposed(cast: Cast, enter: Enter) -> None:
    client, path = enter(cast.admin), f"people/{cast.nobody.pk}/roles/"
    given = send(client, "post", path, team=cast.uk.pk, role="manager", limit="1500.50")
    assert (given.status_code, given.json()["limit"]) == (201, "1500.5")
    role = f"roles/{given.json()['id']}/"
    assert send(client, "patch", role, limit="x", reason="r").status_code == 400
    assert send(client, "patch", role, limit=None, reason="r").json()["limit"] is None
    assert len(client.get(f"/api/v1/{path}").json()) == 1
    assert send(client, "delete", role).status_code == 204
    high = send(client, "post", path, team=cast.company.pk, role="auditor", reason="Year end.")
    assert (high.status_code, high.json()["state"]) == (202, "open")
    proposal = f"proposals/{high.json()['id']}/"
    assert send(client, "post", proposal + "confirm/").status_code == 403
    done = send(enter(cast.executive), "post", proposal + "confirm/")
    assert (done.status_code, done.json()["state"]) == (200, "confirmed")
    assert Membership.objects.get(user=cast.nobody).role == "auditor"
    held = cast.executive2.memberships.get().pk
    taken = client.delete(f"/api/v1/roles/{held}/?reason=Left")
    assert (taken.status_code, taken.json()["kind"]) == (202, "take_role")
    other = f"proposals/{taken.json()['id']}/"
    assert send(enter(cast.executive), "post", other + "reject/").status_code == 400
    assert send(client, "post", other + "withdraw/").json()["state"] == "withdrawn"
    listed = client.get("/api/v1/proposals/?state=confirmed").json()
    assert [one["title"] for one in listed["results"]] == [
        "Finance and audit of Tarn & Fell for Nils Berg"
    ]


def test_a_team_changes_all_at_once_or_not_at_all(cast: Cast, enter: Enter) -> None:
    client = enter(cast.admin)
    made = send(client, "post", "teams/", name="Lab", parent=cast.europe.pk).json()
    path = f"teams/{made['id']}/"
    changed = send(client, "patch", path, name="Labs", parent=cast.us.pk, is_archived=True)
    assert changed.json()["is_archived"] is True
    assert Team.objects.get(pk=made["id"]).parent == cast.us
    refused = send(client, "patch", path, name="Lost", parent=made["id"])
    assert refused.status_code == 409
    assert Team.objects.get(pk=made["id"]).name == "Labs"
    top = client.get(f"/api/v1/teams/?parent={cast.company.pk}").json()
    assert [team["name"] for team in top["results"]] == ["Europe", "Americas"]


def test_tokens_are_made_listed_and_revoked(cast: Cast, enter: Enter) -> None:
    client = enter(cast.manager)
    made = send(client, "post", "tokens/", name="Sheet")
    secret = made.json()["secret"]
    assert (made.status_code, made.json()["access"]) == (201, "read")
    listed = client.get("/api/v1/tokens/")
    assert secret not in listed.content.decode()
    assert "digest" not in listed.content.decode()
    assert send(enter(cast.director), "delete", f"tokens/{made.json()['id']}/").status_code == 404
    assert send(client, "delete", f"tokens/{made.json()['id']}/").status_code == 204
    assert ApiToken.objects.get().revoked_at is not None


def test_the_organisation_is_read_changed_and_proposed(cast: Cast, enter: Enter) -> None:
    assert enter(cast.analyst).get("/api/v1/organisation/").json()["reporting_currency"] == "EUR"
    client = enter(cast.admin)
    assert send(client, "patch", "organisation/", name="T&F").json()["name"] == "T&F"
    books = send(client, "patch", "organisation/", reporting_currency="USD", reason="New owner.")
    assert (books.status_code, books.json()["changes"]) == (202, {"reporting_currency": "USD"})
    both = send(
        client, "patch", "organisation/", name="X", reporting_currency="GBP", reason="Again."
    )
    assert both.status_code == 409
    assert Organisation.current().name == "T&F"
    assert send(enter(cast.manager), "patch", "organisation/", name="X").status_code == 403


FORBIDDEN = {
    "id": 1, "email": "evil@x.test", "is_active": False, "is_staff": True, "is_superuser": True,
    "password": "x", "last_login": None, "roles": [{"role": "admin", "team": 1}],
    "memberships": [], "groups": [1], "created_at": "2020-01-01",
}  # fmt: skip


@pytest.mark.parametrize("field", sorted(FORBIDDEN))
def test_fields_that_are_not_listed_change_nothing(cast: Cast, enter: Enter, field: str) -> None:
    """Mass assignment, on every write that touches a person."""
    manager, admin = enter(cast.manager), enter(cast.admin)
    before = User.objects.filter(pk=cast.manager.pk).values().get()
    value = {field: FORBIDDEN[field]}
    send(manager, "patch", "me/", **value)
    send(admin, "patch", f"people/{cast.manager.pk}/", **value)
    assert User.objects.filter(pk=cast.manager.pk).values().get() == before
    made = send(admin, "post", "people/", name="N", **{"email": "n@x.test"} | value)
    if made.status_code == 201:
        person = User.objects.get(pk=made.json()["id"])
        assert (person.is_staff, person.is_superuser, person.is_active) == (False, False, True)
        assert not person.memberships.exists()
        assert not person.has_usable_password()


def test_a_token_is_made_for_oneself_whatever_the_body_says(cast: Cast, enter: Enter) -> None:
    body = {"name": "N", "user": cast.executive.pk, "digest": "x", "expires_at": "2099-01-01"}
    assert send(enter(cast.manager), "post", "tokens/", **body).status_code == 201
    token = ApiToken.objects.get()
    assert token.user == cast.manager
    assert (token.expires_at - token.created_at).days == 90


def test_refusals_change_nothing(cast: Cast, enter: Enter) -> None:
    client = enter(cast.manager)
    events, other = Event.objects.count(), cast.uk_manager.pk
    tries = [
        send(client, "post", "people/", name="N", email="n@x.test"),
        send(client, "patch", f"people/{cast.director.pk}/", name="X"),
        send(client, "post", f"people/{other}/deactivate/", reason="x"),
        send(client, "post", f"people/{cast.director.pk}/roles/", team=1, role="analyst"),
        send(client, "post", "teams/", name="X"),
        send(client, "patch", f"teams/{cast.dach.pk}/", name="X"),
    ]
    assert {answer.status_code for answer in tries} == {403}
    assert Event.objects.count() == events
    assert not Proposal.objects.exists()


def test_a_foreign_page_cannot_use_the_session(cast: Cast) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.manager)
    assert send(browser, "patch", "me/", title="Boss").status_code == 403
    answer = browser.get("/api/v1/me/", headers={"origin": "https://evil.test"})
    assert "Access-Control-Allow-Origin" not in answer
