"""The policy is changed like everything else: asked for, confirmed by a second person, kept as a version."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from approvals import services
from approvals.choices import POLICY_CHANGE, RequestState
from approvals.models import ChangeRequest, Policy
from approvals.rules.routing import default_rules, thresholds
from approvals.selectors import policy_in_force
from core.errors import Invalid, NotAllowed
from core.models import Event
from core.money import MICROS
from tests.approvals.actions import AT, ask, decide, execute, turn
from tests.cast import Cast
from tests.sign_in import signed_in

pytestmark = pytest.mark.feature("9.1", "2.5")
EDIT = "approvals:policy-edit"


def propose(user: User, first: int = 10_000, second: int = 80_000) -> ChangeRequest:
    return services.policy_propose(
        user=user,
        rules=default_rules(first * MICROS, second * MICROS),
        reason="Directors wait too long for small things.",
        at=AT,
    )


def test_an_administrator_proposes_an_executive_confirms_and_a_version_comes_into_force(
    cast: Cast,
) -> None:
    under_way = ask(cast.manager, cast.dach, units=6_000)
    request = propose(cast.admin)
    assert list(turn(request)) == ["executive"]
    assert policy_in_force().version == 1
    done = execute(decide(request, cast.executive))
    assert done.state == RequestState.EXECUTED
    policy = policy_in_force()
    assert (policy.version, policy.created_by, policy.request_id) == (2, cast.admin, request.pk)
    assert thresholds(policy.rules) == (10_000 * MICROS, 80_000 * MICROS)
    event = Event.objects.get(action="policy.changed")
    assert event.is_security
    assert (event.before or {})["version"] == 1
    # What was under way keeps its way; what comes now goes the new one.
    assert decide(under_way, cast.executive).state == RequestState.APPROVED
    assert execute(under_way).state == RequestState.EXECUTED
    assert list(turn(ask(cast.manager, cast.dach, units=6_000, name="B"))) == [
        "director",
        "executive",
    ]


@pytest.mark.parametrize("who", ["director", "manager", "auditor", "analyst", "nobody"])
def test_nobody_else_proposes(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        propose(getattr(cast, who))
    assert not ChangeRequest.objects.exists()


def test_who_proposed_does_not_confirm_and_no_administrator_does(cast: Cast) -> None:
    own = propose(cast.executive)
    for person in (cast.executive, cast.admin, cast.auditor, cast.director):
        with pytest.raises(NotAllowed):
            decide(own, person)
    assert decide(own, cast.executive2).state == RequestState.APPROVED


def test_another_version_in_between_makes_it_stale(cast: Cast) -> None:
    first, second = propose(cast.admin), propose(cast.admin, 20_000)
    execute(decide(first, cast.executive))
    with pytest.raises(Exception, match="has moved since"):
        decide(second, cast.executive)
    assert Policy.objects.count() == 2


def test_what_cannot_be_followed_or_changes_nothing_is_refused(cast: Cast) -> None:
    with pytest.raises(Invalid, match="No rule covers") as refused:
        services.policy_propose(user=cast.admin, rules=default_rules()[:1], reason="x", at=AT)
    assert refused.value.details
    with pytest.raises(Invalid, match="in force already"):
        propose(cast.admin, 5_000, 50_000)
    with pytest.raises(Invalid, match="Say why"):
        services.policy_propose(user=cast.admin, rules=default_rules(7 * MICROS), reason=" ", at=AT)


# The editor


def fields(client: Client) -> dict[str, Any]:
    """What the browser would send of the editor as it is shown."""
    sheet = client.get(reverse(EDIT)).context["sheet"]
    data: dict[str, Any] = {"rules": len(sheet.rows), "reason": "Because"}
    data |= dict(sheet.limits.data)
    for row in sheet.rows:
        data[f"rule-{row.index}-steps"] = len(row.steps)
        data |= dict(row.form.data.lists())
    return data


def test_thresholds_are_changed_in_two_fields_seen_as_a_difference_and_sent(cast: Cast) -> None:
    browser = signed_in(cast.admin)
    data = fields(browser) | {"limit-first": "12000", "limit-second": "60000"}
    shown = browser.post(reverse(EDIT), data | {"do": "preview"})
    changes = [row.record for row in shown.context["changes"].page_rows]
    assert [change.label for change in changes] == ["Rule 1", "Rule 2", "Rule 3"]
    assert changes[0].before.startswith("Up to €5,000")
    assert changes[0].after.startswith("Up to €12,000")
    assert not ChangeRequest.objects.exists()
    sent: Any = browser.post(reverse(EDIT), data | {"do": "send"})
    request = ChangeRequest.objects.get()
    assert sent.url == request.get_absolute_url()
    assert (request.kind, request.state) == (POLICY_CHANGE, RequestState.OPEN)
    page = signed_in(cast.executive).get(request.get_absolute_url()).content.decode()
    assert "Up to €12,000" in page
    assert "Step 1 of 1 is yours" in page
    again = browser.get(reverse(EDIT), {"request": request.pk})
    assert again.context["sheet"].limits["first"].value() == "12000.00"


def test_rules_and_steps_are_added_ordered_and_removed_without_a_script(cast: Cast) -> None:
    browser = signed_in(cast.executive)
    data = fields(browser)

    def press(do: str) -> Any:
        return browser.post(reverse(EDIT), data | {"do": do}).context["sheet"]

    assert len(press("rule-add").rows) == 4
    assert len(press("rule-1-remove").rows) == 2
    assert len(press("rule-0-add").rows[0].steps) == 2
    assert len(press("rule-2-step-1-remove").rows[2].steps) == 1
    moved = press("rule-2-up")
    assert moved.rows[1].form["above"].value() == "50000.00"
    assert len(press("rule-99-remove").rows) == 3
    assert not ChangeRequest.objects.exists()


def test_a_gap_is_shown_at_its_rule_and_not_sent(cast: Cast) -> None:
    browser = signed_in(cast.admin)
    data = fields(browser)
    data["rule-2-above"] = "70000"
    refused = browser.post(reverse(EDIT), data | {"do": "send"})
    assert refused.status_code == 422
    assert "No rule covers above €50,000" in refused.content.decode()
    data["rule-2-above"] = "many"
    assert browser.post(reverse(EDIT), data | {"do": "preview"}).status_code == 422
    assert not ChangeRequest.objects.exists()


def test_versions_are_compared_and_say_who_and_why(cast: Cast) -> None:
    execute(decide(propose(cast.admin), cast.executive))
    browser = signed_in(cast.analyst)
    page = browser.get(reverse("approvals:policy")).content.decode()
    assert "Version 2" in page
    assert "Priya Nair" in page
    assert "Greta Holm" in page
    shown = browser.get(reverse("approvals:policy-version", args=[2]))
    assert len(shown.context["changes"].page_rows) == 3
    assert "Directors wait too long" in shown.content.decode()
    version = browser.get("/api/v1/approval-policy/versions/2/").json()
    assert [change["rule"] for change in version["changes"]] == ["Rule 1", "Rule 2", "Rule 3"]
    assert len(browser.get("/api/v1/approval-policy/versions/").json()) == 2


def test_the_api_checks_and_asks_for_a_policy(cast: Cast) -> None:
    browser = signed_in(cast.admin)
    rules = default_rules(9_000 * MICROS)

    def post(path: str, data: Any) -> Any:
        return browser.post(f"/api/v1/{path}", data, "application/json")

    checked = post("approval-policy/check/", {"rules": rules}).json()
    assert checked["problems"] == []
    assert checked["changes"][0]["after"].startswith("Up to €9,000")
    broken = post("approval-policy/check/", {"rules": rules[1:]}).json()
    assert "No rule covers" in broken["problems"][0]["message"]
    payload = {"rules": rules, "based_on": checked["based_on"]}
    made = post(
        "requests/", {"kind": POLICY_CHANGE, "title": "T1", "reason": "x", "payload": payload}
    )
    assert made.status_code == 201, made.content
    wrong = post(
        "requests/",
        {"kind": POLICY_CHANGE, "title": "T1", "reason": "x", "payload": payload | {"rules": []}},
    )
    assert wrong.status_code == 422
