"""Who would approve this, and what other rules would have done with real requests."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Membership, User
from approvals import services
from approvals.models import ChangeRequest, Contributor, Delegation
from approvals.rules.routing import Traits, default_rules
from approvals.selectors import (
    Answer,
    Question,
    policy_in_force,
    replay,
    requests_between,
    who_would_approve,
)
from core.money import MICROS
from tests.approvals.actions import AT, RENAME, ask, decide, execute
from tests.approvals.policies import DIRECTOR, EXECUTIVE, in_force
from tests.cast import Cast
from tests.sign_in import signed_in

pytestmark = pytest.mark.feature("9.1", "2.5")
SPAN = (AT - timedelta(days=90), AT + timedelta(days=1))


@pytest.fixture(autouse=True)
def _at() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


def who(cast: Cast, units: int, *, rules: Any = None, **also: Any) -> Answer:
    traits = Traits(**also.pop("traits", {}))
    question = Question(RENAME, units * MICROS, "EUR", cast.dach, traits, **also)
    return who_would_approve(rules or policy_in_force().rules, question, at=AT)


def names(answer: Answer) -> list[set[str]]:
    return [{person.name for person in step.people} for step in answer.steps]


def test_it_names_people_and_says_why(cast: Cast) -> None:
    answer = who(cast, 90_000)
    assert names(answer) == [{"Greta Holm", "Ivo Marek"}, {"Ben Okafor"}]
    assert answer.is_possible
    assert answer.why[0] == "Rule 3 is the first that covers it."
    assert "above the second threshold, €50,000" in answer.why[1]


def test_limits_contributors_and_delegations_are_considered(cast: Cast) -> None:
    Membership.objects.filter(user=cast.executive).update(limit_micros=10_000 * MICROS)
    answer = who(cast, 20_000, requester=cast.manager)
    assert names(answer) == [{"Ivo Marek"}]
    assert [person for person, _ in answer.steps[0].limited] == [cast.executive]
    Delegation.objects.create(
        delegator=cast.executive2, delegate=cast.director, reason="Away", made_by=cast.executive2,
        starts_at=AT, ends_at=AT + timedelta(days=3), made_at=AT,
    )  # fmt: skip
    (step,) = who(cast, 20_000).steps
    assert [held.delegate for held in step.stand_ins] == [cast.director]


def test_nobody_could_decide_this_is_shouted(cast: Cast) -> None:
    User.objects.filter(pk=cast.executive2.pk).update(is_active=False)
    answer = who(cast, 20_000, requester=cast.executive)
    assert not answer.is_possible
    assert names(answer) == [set()]
    page = signed_in(cast.executive).get(
        reverse("approvals:policy"),
        {
            "kind": RENAME,
            "amount": "20000",
            "team": str(cast.dach.pk),
            "requester": str(cast.executive.pk),
        },
    )
    assert "Nobody could decide this" in page.content.decode()


def test_what_no_rule_covers_has_no_steps(cast: Cast) -> None:
    answer = who(cast, 90_000, rules=default_rules()[:1])
    assert not answer.is_covered
    assert not answer.is_possible


def test_percent_channel_and_risk_can_be_asked(cast: Cast) -> None:
    in_force(EXECUTIVE, risks=["high"])
    assert names(who(cast, 10, traits={"risk": "high"})) == [{"Greta Holm", "Ivo Marek"}]
    page = signed_in(cast.analyst).get(
        reverse("approvals:policy"),
        {"kind": RENAME, "amount": "10", "team": str(cast.dach.pk), "risk": "high"},
    )
    assert page.context["answer"].place == 0
    who_api = signed_in(cast.analyst).get(
        "/api/v1/approval-policy/who/",
        {"kind": RENAME, "amount": "10", "team": str(cast.dach.pk), "risk": "high"},
    )
    assert [step["people"] for step in who_api.json()] == [["Greta Holm", "Ivo Marek"]]


def test_a_kind_with_two_people_says_that_no_rule_changes_it(cast: Cast) -> None:
    page = signed_in(cast.admin).get(
        reverse("approvals:policy"),
        {"kind": "approvals.policy", "amount": "0", "team": str(cast.company.pk)},
    )
    assert "no rule changes it" in page.content.decode()


# Real requests under other rules


def test_it_counts_what_would_have_gone_another_way(cast: Cast) -> None:
    for units in (100, 3_000, 4_000, 6_000):
        ask(cast.manager, cast.dach, units=units)
    ask(cast.manager, cast.dach, units=3_500, submit=False)
    found = replay(default_rules(), default_rules(2_000 * MICROS), requests_between(*SPAN))
    assert (found.total, len(found.moved), found.extra_steps, found.stuck) == (4, 2, 0, ())
    assert [(row.role, row.before, row.after) for row in found.roles] == [
        ("director", 0, 0),
        ("executive", 1, 3),
        ("auditor", 0, 0),
    ]
    stuck = replay(default_rules(), default_rules()[1:], requests_between(*SPAN)).stuck
    assert len(stuck) == 3


def test_the_page_tells_it_for_a_waiting_change_and_between_versions(cast: Cast) -> None:
    asked = ask(cast.manager, cast.dach, units=3_000)
    change = services.policy_propose(
        user=cast.admin, rules=default_rules(2_000 * MICROS), reason="Less", at=AT
    )
    days = {"start": "2026-11-01", "end": "2026-11-30"}
    address = reverse("approvals:policy-effect")
    shown = signed_in(cast.executive).get(address, {"request": str(change.pk), **days})
    assert "This change would have sent 1 more request to an executive" in shown.content.decode()
    assert asked.reference in shown.content.decode()
    hidden = (
        signed_in(cast.admin).get(address, {"request": str(change.pk), **days}).content.decode()
    )
    assert asked.title not in hidden
    assert "out of your sight" in hidden
    execute(decide(change, cast.executive))
    between = signed_in(cast.auditor).get(address, {"from": "1", "to": "2", **days})
    assert "1 more request to an executive" in between.content.decode()
    assert signed_in(cast.manager).get(address).status_code == 403
    assert signed_in(cast.executive).get(address, {"from": 1, "to": 9}).status_code == 404


def test_a_draft_is_tried_before_it_is_sent(cast: Cast) -> None:
    with time_machine.travel(AT - timedelta(days=70), tick=False):
        ask(cast.manager, cast.dach, units=3_000, at=AT - timedelta(days=70))
    answer = (
        signed_in(cast.executive)
        .post(
            "/api/v1/approval-policy/effect/",
            {"rules": default_rules(2_000 * MICROS), "start": "2026-07-01", "end": "2026-09-30"},
            "application/json",
        )
        .json()
    )
    assert (answer["total"], answer["moved"]) == (1, 1)
    assert answer["requests"][0]["after"] == "an executive"


def test_two_thousand_requests_take_less_than_two_seconds(cast: Cast) -> None:
    policy = services.policy_ensure(at=AT)
    ChangeRequest.objects.bulk_create(
        ChangeRequest(
            kind=RENAME, number=5_000 + n, title=f"Move {n}", reason="x", team=cast.dach,
            state="rejected", payload={}, content_hash="0" * 64, currency="EUR", policy=policy,
            amount_micros=n * 40 * MICROS, own_micros=n * 40 * MICROS,
            requested_by=cast.manager, created_at=AT, submitted_at=AT,
        )
        for n in range(2_000)
    )  # fmt: skip
    Contributor.objects.bulk_create(
        Contributor(request=request, user=cast.manager, how="created", at=AT)
        for request in ChangeRequest.objects.all()
    )
    start = time.process_time()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = replay(
            default_rules(), default_rules(2_000 * MICROS, 9_000 * MICROS), requests_between(*SPAN)
        )
    assert found.total == 2_000
    assert time.process_time() - start < 2
    assert len(queries) < 10


def test_a_rule_that_asks_more_people_than_there_are_leaves_requests_stuck(cast: Cast) -> None:
    ask(cast.manager, cast.dach, units=100)
    rules = [{"kinds": ["*"], "steps": [{**DIRECTOR, "needed": 2}]}]
    found = replay(default_rules(), rules, requests_between(*SPAN))
    assert len(found.stuck) == 1
