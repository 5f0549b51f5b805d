"""Requests over the API: everything the pages can read or do, under the same rules."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import ApiToken, User
from approvals.models import ChangeRequest, Decision
from core import clock, needs
from tests.approvals.actions import AT, RENAME, ask, decide
from tests.cast import Cast
from tests.sign_in import signed_in

ROOT = "/api/v1"
pytestmark = pytest.mark.feature("9.1", "9.6")


class Api:
    """Somebody's session or token at the API."""

    def __init__(self, user: User | None = None, secret: str = "") -> None:
        self.client = signed_in(user) if user else Client()
        self.headers = {"Authorization": f"Bearer {secret}"} if secret else {}

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"{ROOT}{path}", query, headers=self.headers)

    def post(self, path: str, /, **data: Any) -> Any:
        return self.send("post", path, data)

    def send(self, method: str, path: str, data: Any) -> Any:
        call = getattr(self.client, method)
        return call(f"{ROOT}{path}", data, "application/json", headers=self.headers)


@pytest.fixture
def waiting(cast: Cast) -> ChangeRequest:
    """A request of now, so that it has not lapsed when the API looks at the clock."""
    return ask(cast.manager, cast.dach, at=clock.now() - timedelta(hours=1))


def test_a_request_is_asked_for_read_and_decided(cast: Cast) -> None:
    asked = Api(cast.manager).post(
        "/requests/",
        kind=RENAME,
        title="A better name",
        reason="Because.",
        payload={"team": cast.dach.pk, "name": "DACH+", "units": 1200},
    )
    assert asked.status_code == 201
    body = asked.json()
    assert body["amount"] == {"amount": "1200.00", "currency": "EUR"}
    assert (body["state"], body["reference"]) == ("open", "CR-1001")
    assert body["effects"] == [
        {
            "label": "Name",
            "note": "",
            "owner": "",
            "before": "DACH",
            "after": "DACH+",
            "change": None,
        }
    ]
    assert [step["roles"] for step in body["steps"]] == [["director", "executive"]]
    director = Api(cast.director)
    assert [row["id"] for row in director.get("/requests/waiting/").json()] == [body["id"]]
    decided = director.post(
        f"/requests/{body['id']}/decide/", outcome="approve", content_hash=body["content_hash"]
    )
    assert decided.status_code == 200
    assert decided.json()["state"] == "approved"
    assert Decision.objects.get().channel == "api"
    again = director.post(
        f"/requests/{body['id']}/decide/", outcome="approve", content_hash=body["content_hash"]
    )
    assert (again.status_code, again.json()["error"]["code"]) == (409, "already_decided")


def test_what_cannot_be_asked_is_refused_in_one_shape(cast: Cast) -> None:
    api = Api(cast.manager)
    good = {
        "kind": RENAME,
        "title": "x",
        "reason": "x",
        "payload": {"team": cast.dach.pk, "name": "y"},
    }
    for change, status in (
        ({"kind": "unknown"}, 422),
        ({"payload": {"team": cast.dach.pk, "name": ""}}, 422),
        ({"reason": ""}, 400),
        ({"payload": "text"}, 400),
    ):
        answer = api.send("post", "/requests/", good | change)
        assert answer.status_code == status, answer.content
        assert answer.json()["error"]["message"]
    assert not ChangeRequest.objects.exists()


def test_only_listed_fields_are_taken(cast: Cast) -> None:
    made = Api(cast.manager).post(
        "/requests/",
        kind=RENAME, title="x", reason="x", payload={"team": cast.dach.pk, "name": "y"},
        state="executed", number=7, requested_by=cast.director.pk, amount_micros=0, revision=9,
        touched_by=[], at="2020-01-01", evidence={"forged": "yes"}, policy=None,
    )  # fmt: skip
    asked = ChangeRequest.objects.get(pk=made.json()["id"])
    assert (asked.state, asked.number, asked.requested_by, asked.revision) == (
        "open", 1001, cast.manager, 1,
    )  # fmt: skip
    assert "forged" not in asked.evidence


@pytest.mark.parametrize(
    ("who", "sees", "decides"),
    [
        ("manager", 200, 403), ("director", 200, 200), ("analyst", 200, 403), ("auditor", 200, 403),
        ("executive", 200, 200), ("other_director", 404, 404), ("uk_manager", 404, 403),
        ("admin", 404, 404), ("nobody", 403, 403),
    ],
)  # fmt: skip
def test_who_sees_and_who_decides(
    waiting: ChangeRequest, cast: Cast, who: str, sees: int, decides: int
) -> None:
    api = Api(getattr(cast, who))
    assert api.get(f"/requests/{waiting.pk}/").status_code == sees
    answer = api.post(
        f"/requests/{waiting.pk}/decide/", outcome="approve", content_hash=waiting.content_hash
    )
    assert answer.status_code == decides
    expected = "approved" if decides == 200 else "open"
    assert ChangeRequest.objects.get(pk=waiting.pk).state == expected


def test_a_stranger_gets_nothing(waiting: ChangeRequest) -> None:
    assert Api().get("/requests/").status_code == 401
    assert Api().post(f"/requests/{waiting.pk}/decide/").status_code == 401


@pytest.mark.parametrize(("access", "status"), [("read", 403), ("write", 403), ("approve", 200)])
def test_a_token_decides_only_when_made_for_it(
    waiting: ChangeRequest, cast: Cast, access: str, status: int
) -> None:
    import hashlib

    secret = f"adr_{access}"
    ApiToken.objects.create(
        user=cast.director, name="t", access=access, prefix=secret[:8], created_at=AT,
        digest=hashlib.sha256(secret.encode()).hexdigest(), expires_at=AT + timedelta(days=3650),
    )  # fmt: skip
    api = Api(secret=secret)
    assert api.get(f"/requests/{waiting.pk}/").status_code == 200
    answer = api.post(
        f"/requests/{waiting.pk}/decide/", outcome="approve", content_hash=waiting.content_hash
    )
    assert answer.status_code == status


def test_a_rejection_needs_a_reason_and_a_fingerprint(waiting: ChangeRequest, cast: Cast) -> None:
    api = Api(cast.director)
    path = f"/requests/{waiting.pk}/decide/"
    assert api.post(path, outcome="reject").status_code == 400
    for data, status in (
        ({"outcome": "reject", "content_hash": waiting.content_hash}, 422),
        ({"outcome": "reject", "content_hash": "0" * 64, "reason": "No"}, 409),
        ({"outcome": "reject", "content_hash": waiting.content_hash, "reason": "No"}, 200),
    ):
        assert api.send("post", path, data).status_code == status


def test_edit_submit_withdraw_and_comment(cast: Cast) -> None:
    draft = ask(cast.manager, cast.dach, submit=False, at=clock.now())
    api = Api(cast.manager)
    changed = api.send(
        "patch",
        f"/requests/{draft.pk}/",
        {"reason": "Shorter", "payload": {**draft.payload, "name": "D"}},
    )
    assert (changed.status_code, changed.json()["revision"]) == (200, 2)
    assert api.post(f"/requests/{draft.pk}/submit/").json()["state"] == "open"
    said = Api(cast.director).post(f"/requests/{draft.pk}/comments/", text="Why?")
    assert said.status_code == 201
    assert api.get(f"/requests/{draft.pk}/comments/").json()[0]["text"] == "Why?"
    assert Api(cast.director).post(f"/requests/{draft.pk}/withdraw/").status_code == 403
    gone = api.post(f"/requests/{draft.pk}/withdraw/", reason="Later")
    assert gone.json()["state"] == "withdrawn"


def test_what_a_change_leaves_out_stays(cast: Cast) -> None:
    draft = ask(cast.manager, cast.dach, submit=False, at=clock.now())
    api = Api(cast.manager)
    for number, change in enumerate(
        ({"title": "T"}, {"reason": "Shorter"}, {"payload": {**draft.payload, "name": "D"}}), 2
    ):
        changed = api.send("patch", f"/requests/{draft.pk}/", change)
        assert (changed.status_code, changed.json()["revision"]) == (200, number)
    draft.refresh_from_db()
    assert (draft.title, draft.reason, draft.payload["name"]) == ("T", "Shorter", "D")
    nothing = api.send("patch", f"/requests/{draft.pk}/", {})
    assert (nothing.status_code, nothing.json()["error"]["code"]) == (400, "invalid")


def test_the_list_is_filtered_and_scoped(waiting: ChangeRequest, cast: Cast) -> None:
    rejected = decide(ask(cast.uk_manager, cast.uk), cast.director, "reject", reason="No")

    def found(user: User, **query: Any) -> list[int]:
        return [row["id"] for row in Api(user).get("/requests/", **query).json()["results"]]

    assert found(cast.director) == [rejected.pk, waiting.pk]
    assert found(cast.director, state="rejected") == [rejected.pk]
    assert found(cast.director, team=str(cast.dach.pk)) == [waiting.pk]
    assert found(cast.manager) == [waiting.pk]
    assert found(cast.other_director) == []


def test_policy_and_who_would_approve(cast: Cast) -> None:
    api = Api(cast.analyst)
    assert api.get("/approval-policy/").json()["version"] == 1
    query = {"kind": RENAME, "amount": "60000", "team": cast.dach.pk}
    who = api.get("/approval-policy/who/", **query).json()
    assert [step["people"] for step in who] == [["Greta Holm", "Ivo Marek"], ["Ben Okafor"]]
    hidden = api.get("/approval-policy/who/", **(query | {"team": cast.us.pk}))
    assert (hidden.status_code, hidden.json()["error"]["where"]) == (400, "team")


def test_what_waits_stands_among_the_needs_of_a_person(waiting: ChangeRequest, cast: Cast) -> None:
    (need,) = [n for n in needs.needs_of(cast.director, clock.now()) if n.need.icon == "file-check"]
    assert need.need.title == "Decide: Rename DACH"
    assert (need.stake_micros, need.due_at) == (waiting.own_micros, waiting.due_at)
    decide(waiting, cast.director, "changes", reason="Shorter", at=clock.now())
    back = needs.needs_of(cast.manager, clock.now())
    assert [n.need.title for n in back] == ["Change and send again: Rename DACH"]
