"""A decision between alternatives: votes, comments, a decider, an outcome, and the record of it all."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from approvals import services
from approvals.choices import Outcome, RequestState
from approvals.models import ChangeRequest, Decision, Option, Vote
from core.errors import Conflict, Invalid
from core.models import OutboxItem
from tests.approvals.actions import AT, execute
from tests.cast import Cast

pytestmark = pytest.mark.feature("9.5")
TWO = "Agency A\nStrong in search, 12 % fee\n\nAgency B\nCheaper"


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def fields(cast: Cast, **changes: Any) -> dict[str, Any]:
    return {
        "title": "Agency of next year", "question": "Which agency runs paid search?",
        "team": cast.dach.pk, "options": TWO, "evidence": "Share of search: 42 %\nPitch: https://x.test",
        "deadline": "2026-11-27", "reason": "The contract ends.", **changes,
    }  # fmt: skip


def choice(cast: Cast, *, units: int = 0, labels: tuple[str, ...] = ("A", "B")) -> ChangeRequest:
    return services.choice_ask(
        user=cast.manager, title="Agency", reason="Because", at=AT,
        payload=services.choice_payload(
            question="Which?", team=cast.dach, amount_micros=units * 10**6,
            options=[{"label": label} for label in labels],
        ),
    )  # fmt: skip


def say(request: ChangeRequest, user: User, option: Option | None, **more: Any) -> ChangeRequest:
    return services.request_decide(
        request=request, user=user, outcome=more.get("outcome", Outcome.APPROVE), reason="Best",
        content_hash=request.content_hash, at=AT, option=option.pk if option else None,
    )  # fmt: skip


@time_machine.travel(AT, tick=False)
def test_a_decision_from_question_to_record(cast: Cast) -> None:
    asker = browser(cast.manager)
    assert reverse("approvals:choice") in asker.get(reverse("approvals:inbox")).content.decode()
    assert asker.post(reverse("approvals:choice"), fields(cast)).status_code == 302
    request = ChangeRequest.objects.get()
    first, second = request.options.all()
    assert (first.label, first.text) == ("Agency A", "Strong in search, 12 % fee")
    assert request.due_at == datetime(2026, 11, 28, tzinfo=UTC) or (
        request.due_at and request.due_at.date() <= date(2026, 11, 28)
    )
    vote = reverse("approvals:request-vote", args=[request.pk])
    analyst = browser(cast.analyst)
    analyst.post(vote, {"option": first.pk, "why": "They know the market."})
    shown = asker.get(request.get_absolute_url()).content.decode()
    assert "They know the market" not in shown
    assert "1 vote so far" in shown
    asker.post(vote, {"option": second.pk, "why": "Cheaper."})
    assert "They know the market" in asker.get(request.get_absolute_url()).content.decode()
    analyst.post(vote, {"option": second.pk, "why": "You convinced me."})
    assert Vote.objects.count() == 2
    asker.post(reverse("approvals:request-comment", args=[request.pk]), {"text": "Any news?"})
    director = browser(cast.director)
    shown = director.get(request.get_absolute_url()).content.decode()
    assert "You convinced me." in shown
    decide = reverse("approvals:request-decide", args=[request.pk])
    data = {"outcome": "approve", "content_hash": request.content_hash, "reason": "The fee."}
    refused = director.post(decide, data)
    assert refused.status_code == 422
    assert director.post(decide, data | {"option": second.pk}).status_code == 302
    assert Decision.objects.get().option == second
    done = execute(ChangeRequest.objects.get())
    assert done.execution.result["label"] == "Agency B"
    record = analyst.get(reverse("approvals:request-record", args=[request.pk])).content.decode()
    for words in (
        "Agency B", "Cheaper.", "You convinced me.", "Any news?", "Mara Lindqvist · approved",
        "The fee.", "Share of search", "42 %", "https://x.test", request.content_hash,
    ):  # fmt: skip
        assert words in record
    late = analyst.post(vote, {"option": first.pk})
    assert late.status_code == 409


def test_it_has_two_to_eight_different_alternatives_and_a_day_to_come(cast: Cast) -> None:
    page = browser(cast.manager)
    with time_machine.travel(AT, tick=False):
        for change, sentence in (
            ({"options": "Only one"}, "2 to 8 alternatives"),
            ({"options": "\n\n".join(f"Number {n}" for n in range(9))}, "2 to 8 alternatives"),
            ({"options": "Same\n\nsame"}, "the same label"),
            ({"deadline": "2026-11-20"}, "deadline has passed"),
            ({"evidence": "no label"}, "needs a colon"),
            ({"team": cast.us.pk}, "Select a valid choice"),
        ):
            answer = page.post(reverse("approvals:choice"), fields(cast, **change))
            assert answer.status_code == 422, change
            assert sentence in answer.content.decode()
    assert not ChangeRequest.objects.exists()
    assert browser(cast.analyst).get(reverse("approvals:choice")).status_code == 403


def test_all_who_decide_choose_the_same(cast: Cast) -> None:
    request = choice(cast, units=60_000)
    first, second = request.options.all()
    with pytest.raises(Invalid, match="Choose one"):
        say(request, cast.executive, None)
    other = choice(cast).options.first()
    with pytest.raises(Invalid, match="Choose one"):
        say(request, cast.executive, other)
    assert say(request, cast.executive, first).state == RequestState.OPEN
    with pytest.raises(Conflict, match="“A” was chosen"):
        say(request, cast.auditor, second)
    assert say(request, cast.auditor, first).state == RequestState.APPROVED
    assert OutboxItem.objects.filter(key=f"execute:{request.pk}:1").exists()


def test_alternatives_follow_an_edit_until_somebody_chose(cast: Cast) -> None:
    request = choice(cast, units=60_000)
    services.vote_cast(
        request=request, user=cast.analyst, option=request.options.all()[0], why="", at=AT
    )
    payload = dict(request.payload) | {"options": [{"label": label} for label in "XYZ"]}
    edited = services.request_edit(
        request=request, user=cast.manager, payload=payload, reason="More", at=AT
    )
    assert [option.label for option in edited.options.all()] == ["X", "Y", "Z"]
    assert not Vote.objects.exists()
    say(edited, cast.executive, edited.options.first())
    with pytest.raises(Conflict, match="already chosen"):
        services.request_edit(
            request=edited, user=cast.manager, payload=request.payload, reason="Less", at=AT
        )


def test_a_decision_over_the_api(cast: Cast) -> None:
    api = browser(cast.manager)
    body: dict[str, Any] = {
        "kind": "approvals.choice", "title": "Agency", "reason": "Because",
        "payload": {"question": "Which?", "team": cast.dach.pk, "amount_micros": 0,
                    "options": [{"label": "A", "text": ""}, {"label": "B", "text": ""}],
                    "deadline": (datetime.now(UTC) + timedelta(days=3)).date().isoformat()},
    }  # fmt: skip
    made = api.post("/api/v1/requests/", body, "application/json").json()
    first, second = made["options"]
    votes = f"/api/v1/requests/{made['id']}/votes/"
    cast_vote = browser(cast.analyst).post(votes, {"option": first["id"]}, "application/json")
    assert cast_vote.status_code == 201
    assert api.get(votes).json() == []
    assert len(browser(cast.director).get(votes).json()) == 1
    said = {"outcome": "approve", "content_hash": made["content_hash"], "option": second["id"]}
    decided = browser(cast.director).post(
        f"/api/v1/requests/{made['id']}/decide/", said, "application/json"
    )
    assert decided.json()["steps"][0]["decisions"][0]["option"] == second["id"]
    bad = body | {"payload": body["payload"] | {"options": [{"label": "A"}]}}
    assert api.post("/api/v1/requests/", bad, "application/json").status_code == 422
    hidden = bad | {"payload": body["payload"] | {"team": cast.us.pk}}
    assert api.post("/api/v1/requests/", hidden, "application/json").status_code == 422
