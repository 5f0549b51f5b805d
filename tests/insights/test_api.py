"""Findings and advice over the API."""

from typing import Any

from django.test import Client

from accounts.models import User
from approvals.models import ChangeRequest
from insights.models import Recommendation
from tests.cast import Cast
from tests.insights.examples import finding, recommendation

URL = "/api/v1/recommendations/"


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def send(client: Client, path: str, content: dict[str, Any]) -> Any:
    return client.post(URL + path, content, content_type="application/json")


def test_findings_show_what_is_at_stake_to_those_who_see_money(cast: Cast) -> None:
    pk = finding(cast)["pk"]
    shown = browser(cast.manager).get(f"/api/v1/findings/{pk}/").json()
    assert (shown["stake"], shown["currency"], shown["kind"]) == ("12000", "EUR", "trend")
    client = browser(cast.manager)
    for query, count in (("kind=trend", 1), ("kind=pace", 0), ("is_open=true", 1)):
        assert len(client.get(f"/api/v1/findings/?{query}").json()["results"]) == count, query
    assert browser(cast.admin).get("/api/v1/findings/").status_code == 403
    assert browser(cast.other_director).get(f"/api/v1/findings/{pk}/").status_code == 404


def test_advice_becomes_a_request_once(cast: Cast) -> None:
    pk = recommendation(cast)["pk"]
    client = browser(cast.manager)
    assert client.get(f"{URL}{pk}/").json()["effect_high"] == "128"
    asked = send(client, f"{pk}/propose/", {"amount": "2.00", "reason": "A smaller step"})
    assert asked.status_code == 201, asked.content
    made = ChangeRequest.objects.get(pk=asked.json()["id"])
    assert [move["amount_micros"] for move in made.payload["moves"]] == [-2_000_000, 2_000_000]
    assert asked.json()["reference"] == made.reference
    again = send(client, f"{pk}/propose/", {"reason": "Once more"})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "conflict")


def test_advice_is_declined_with_a_reason(cast: Cast) -> None:
    pk = recommendation(cast)["pk"]
    client = browser(cast.manager)
    assert send(client, f"{pk}/dismiss/", {"reason": " "}).status_code == 400
    assert send(client, f"{pk}/dismiss/", {"reason": "Sale week"}).json()["state"] == "dismissed"
    assert [one["id"] for one in client.get(f"{URL}?state=dismissed").json()["results"]] == [pk]


def test_another_division_cannot_touch_it(cast: Cast) -> None:
    pk = recommendation(cast)["pk"]
    other = browser(cast.other_director)
    assert send(other, f"{pk}/dismiss/", {"reason": "x"}).status_code == 404
    assert send(other, f"{pk}/propose/", {"reason": "x"}).status_code == 404
    assert Recommendation.objects.get().state == "open"
