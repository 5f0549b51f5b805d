"""What cannot be read is refused in words: nonsense in pages and API decides nothing and breaks nothing."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from approvals.models import Absence, ChangeRequest, Decision, Delegation
from approvals.services import policy_ensure
from core import killswitch
from tests.approvals.actions import AT, ask
from tests.approvals.test_bulk import confirm
from tests.cast import Cast
from tests.sign_in import signed_in

pytestmark = pytest.mark.feature("9.5")

ENDLESS = "9" * 5_000
NOTHING, HALF = "a\x00b", "\ud800"
ALTERNATIVES = [{"label": "A"}, {"label": "B"}]


def send(user: User, address: str, content: Any, *, method: str = "post") -> Any:
    """What the API answers; ``content`` may hold anything JSON can write."""
    client = Client()
    client.force_login(user)
    key = f"{address}{timezone.now().isoformat()}"
    return getattr(client, method)(
        address, json.dumps(content), content_type="application/json", HTTP_IDEMPOTENCY_KEY=key
    )


def choice(cast: Cast, **changes: Any) -> Any:
    payload = {"question": "Which?", "team": cast.dach.pk, "options": ALTERNATIVES, **changes}
    content = {"kind": "approvals.choice", "title": "T", "reason": "R", "payload": payload}
    return send(cast.manager, "/api/v1/requests/", content)


def each(key: str, *values: Any) -> list[dict[str, Any]]:
    return [{key: value} for value in values]


@pytest.mark.parametrize(
    "changes",
    [
        *each("question", 5, ["x"], "", "x" * 1_001),
        *each("options", True, 5, 1.5, {"A": 1, "B": 2}, [{"label": None}] * 2),
        *each("options", [{"label": "A", "text": None}, {"label": "B"}]),
        *each("deadline", True, 5, [1], "9999-12-31", "soon"),
        *each("amount_micros", True, -1, 2**70, "5", 1.5, None),
        *each("evidence", True, 5, "x", [1], [[]], [["a"]], [["a", 1]]),
    ],
)
def test_a_decision_of_nonsense_is_refused(cast: Cast, changes: dict[str, Any]) -> None:
    answer = choice(cast, **changes)
    assert answer.status_code == 422, answer.content
    assert answer.json()["error"]["message"]
    assert not ChangeRequest.objects.exists()


@pytest.mark.parametrize("text", [NOTHING, HALF])
def test_text_that_cannot_be_kept_is_refused_by_the_api(cast: Cast, text: str) -> None:
    policy_ensure(at=AT)
    request = ask(cast.manager, cast.dach)
    rules = [{"kinds": [text], "steps": [{"roles": [text], "act": text}]}]
    answers = [
        choice(cast, question=text),
        choice(cast, **{text: "x"}),
        send(cast.executive, "/api/v1/approval-policy/check/", {"rules": rules}),
        send(cast.director, f"/api/v1/requests/{request.pk}/comments/", {"text": text}),
        send(cast.executive, "/api/v1/automation/", {"do": text}),
    ]
    assert [answer.status_code for answer in answers] == [400] * len(answers)
    assert "cannot be kept" in answers[0].json()["error"]["message"]


def test_bulk_reads_numbers_and_a_reason_or_refuses(cast: Cast) -> None:
    browser, address = signed_in(cast.director), reverse("approvals:decide-many")
    request = ask(cast.manager, cast.dach, at=timezone.now())
    shown = browser.post(address, {"ids": [ENDLESS, "-1", "x"], "outcome": "approve"})
    assert "Nothing is chosen" in shown.content.decode()
    endless = {"confirmed": 1, "chosen": f"{ENDLESS}:x", "outcome": "approve"}
    assert browser.post(address, endless).status_code == 422
    refused = confirm(browser, request, outcome="reject", reason="x" * 4_001)
    assert refused.status_code == 422
    assert "too long, or cannot be read" in refused.content.decode()
    assert not Decision.objects.exists()


def test_days_at_the_end_of_the_calendar_are_refused(cast: Cast) -> None:
    browser, today = signed_in(cast.director), timezone.localdate().isoformat()
    for last in ("9999-12-31", "0001-01-01"):
        days = {
            "starts_on": today,
            "ends_on": last,
            "reason": "Away",
            "delegate": cast.executive.pk,
        }
        for name in ("approvals:delegate", "approvals:absent"):
            assert browser.post(reverse(name), days).status_code == 422
        for first in (today, last):
            plain = {"starts_on": first, "ends_on": last}
            assert browser.post(reverse("approvals:absent"), plain).status_code == 422
    effect: dict[str, Any] = {"version": 1, "start": "2026-01-01", "end": "9999-12-31"}
    answer = send(cast.executive, "/api/v1/approval-policy/effect/", effect)
    assert answer.status_code == 400
    shown = signed_in(cast.executive).get(reverse("approvals:policy-effect"), effect)
    assert shown.status_code == 422
    assert not Delegation.objects.exists()
    assert not Absence.objects.exists()


def test_a_folder_is_not_a_time_zone(cast: Cast) -> None:
    for zone in ("America", "posix", "../x", "/etc/passwd"):
        content = {"team": None, "days": [0], "opens": "09:00", "closes": "17:00"}
        content["time_zone"] = zone
        answer = send(cast.executive, "/api/v1/work-calendars/", content, method="put")
        assert answer.status_code == 422
        assert "is not a time zone" in answer.json()["error"]["message"]


def test_no_reason_keeps_anybody_from_stopping_everything(cast: Cast) -> None:
    browser = signed_in(cast.executive)
    assert browser.post(reverse("automation:stop"), {"reason": NOTHING * 2_000}).status_code == 302
    assert killswitch.is_on()


def test_the_policy_editor_needs_no_answer_to_the_question_beside_it(cast: Cast) -> None:
    """The simulator shares the form; its empty fields are no error of the rules."""
    policy_ensure(at=AT)
    browser, address = signed_in(cast.executive), reverse("approvals:policy-edit")
    page = browser.get(address).content.decode()
    for do in ("send", "preview", "try"):
        assert f'value="{do}" formnovalidate' in page
    typed = {"rules": ENDLESS, "do": "preview", "ask-kind": "", "ask-amount": "", "ask-team": ""}
    shown = browser.post(address, {**typed, "limit-first": "6000", "limit-second": "50000"})
    assert "This field is required" not in shown.content.decode()
    kept = browser.post(address, {**typed, "ask-amount": "5500.00"})
    assert 'value="5500.00"' in kept.content.decode()


def test_what_cannot_be_approved_any_more_offers_no_approval(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach, at=timezone.now())
    cast.dach.name = "Moved on"
    cast.dach.save(update_fields=["name"])
    page = signed_in(cast.director).get(request.get_absolute_url()).content.decode()
    assert "can no longer be approved" in page
    assert 'value="approve"' not in page
    assert 'value="changes"' in page


def test_the_last_day_away_is_named_not_the_midnight_after_it(cast: Cast) -> None:
    browser, today = signed_in(cast.director), timezone.localdate()
    last = today + timedelta(days=3)
    days = {"starts_on": today.isoformat(), "ends_on": last.isoformat()}
    browser.post(reverse("approvals:absent"), days)
    page = browser.get(reverse("approvals:away")).content.decode()
    assert f"until the end of {last.day} " in page
    assert "00:00" not in page


def test_a_calendar_on_which_nobody_works_is_refused(cast: Cast) -> None:
    first = timezone.localdate()
    days_off = [{"day": (first + timedelta(days=n)).isoformat()} for n in range(1_110)]
    content = {"team": None, "days": [0, 1], "opens": "09:00", "closes": "17:00"}
    address = "/api/v1/work-calendars/"
    for nonsense in ({"days_off": days_off}, {"closes": "09:01"}):
        answer = send(cast.executive, address, {**content, **nonsense}, method="put")
        assert answer.status_code == 422
        assert answer.json()["error"]["code"] == "no_working_time"
    assert ask(cast.manager, cast.dach, at=timezone.now()).steps.get().due_at


def test_what_was_tried_stands_beside_the_editor_that_can_still_send_it(cast: Cast) -> None:
    """A form inside the form would end it: the button that sends would be lost."""
    policy_ensure(at=AT)
    browser, address = signed_in(cast.executive), reverse("approvals:policy-edit")
    page = browser.get(address).content.decode()
    typed: dict[str, Any] = {"rules": "1", "do": "try", "rule-0-steps": "1"}
    typed |= {"limit-first": "6000", "limit-second": "50000", "rule-0-step-0-roles": ["executive"]}
    typed |= {"rule-0-step-0-act": "decide_large", "rule-0-step-0-needed": "1"}
    page = browser.post(address, typed).content.decode()
    editor = page[page.index('id="policy-editor"') : page.index('value="send"')]
    assert "What would change" in editor
    form = editor[editor.index('<form method="post"') :]
    assert form.count("<form") == 1
