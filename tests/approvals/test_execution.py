"""Carrying out: once, and only what was approved, by people who may still decide it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection

from accounts.choices import Role
from accounts.models import User
from approvals import services
from approvals.choices import RequestState
from approvals.models import ChangeRequest, Decision, Execution, Policy, Step
from approvals.selectors import history
from core import outbox
from core.models import OutboxItem
from core.money import MICROS
from tests.approvals.actions import ADDING, AT, ask, decide, execute, turn
from tests.cast import Cast


def stored(request: ChangeRequest) -> ChangeRequest:
    return ChangeRequest.objects.get(pk=request.pk)


def approved(cast: Cast, units: int = 100, **also: object) -> ChangeRequest:
    return decide(ask(cast.manager, cast.dach, units=units, **also), cast.director)  # type: ignore[arg-type]


def test_the_outbox_carries_it_out_and_a_second_delivery_does_nothing(cast: Cast) -> None:
    request = approved(cast)
    item = OutboxItem.objects.get(kind="approvals.execute")
    assert outbox.deliver(item.pk, now=AT)
    item.refresh_from_db()
    assert item.result == {"state": "executed"}
    OutboxItem.objects.filter(pk=item.pk).update(state=OutboxItem.State.PENDING)
    assert outbox.deliver(item.pk, now=AT)
    assert Execution.objects.count() == 1
    assert [e.action for e in history(request)].count("request.executed") == 1


def test_an_item_of_an_older_revision_does_nothing(cast: Cast) -> None:
    request = approved(cast)
    item = OutboxItem.objects.get(kind="approvals.execute")
    item.payload["revision"] = 0
    item.save()
    outbox.deliver(item.pk, now=AT)
    assert stored(request).state == RequestState.APPROVED


def sql(statement: str, *values: str | int | datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def by_hand(request: ChangeRequest, **fields: object) -> None:
    ChangeRequest.objects.filter(pk=request.pk).update(**fields)


def new_policy(request: ChangeRequest) -> None:
    rules = Policy.objects.get(version=1).rules
    newer = Policy.objects.create(version=2, rules=rules, reason="x", created_at=AT)
    by_hand(request, policy=newer)


# Every field that a decision covers, changed behind the product's back after the approval.
CHANGES: dict[str, Callable[[ChangeRequest], object]] = {
    "payload": lambda r: by_hand(r, payload={**r.payload, "name": "Something else"}),
    "payload amount": lambda r: by_hand(r, payload={**r.payload, "units": 101}),
    "amount": lambda r: by_hand(r, amount_micros=r.amount_micros + 1),
    "own amount": lambda r: by_hand(r, own_micros=r.own_micros - 1),
    "currency": lambda r: by_hand(r, currency="USD"),
    "kind": lambda r: by_hand(r, kind=ADDING),
    "revision": lambda r: by_hand(r, revision=r.revision + 1),
    "policy": new_policy,
    "fingerprint": lambda r: by_hand(r, content_hash="0" * 64),
    "the world": lambda r: type(r.team).objects.filter(pk=r.team_id).update(name="Renamed"),
    "a step": lambda r: Step.objects.filter(request=r).update(state="current"),
    "a step more": lambda r: Step.objects.create(
        request=r, revision=1, order=2, roles=["auditor"], act="decide_large"
    ),
}


@pytest.mark.feature("9.1")
@pytest.mark.parametrize("what", CHANGES)
def test_nothing_is_carried_out_that_differs_from_what_was_approved(cast: Cast, what: str) -> None:
    request = approved(cast)
    CHANGES[what](request)
    result = execute(stored(request))
    assert result.state in (RequestState.STALE, RequestState.OPEN)
    cast.dach.refresh_from_db()
    assert cast.dach.name in ("DACH", "Renamed")
    assert not Execution.objects.exists()
    newest = history(request)[0]
    assert newest.action in ("request.stale", "request.reopened")
    assert newest.reason


def test_the_control_without_a_change_is_carried_out(cast: Cast) -> None:
    assert execute(approved(cast)).state == RequestState.EXECUTED
    cast.dach.refresh_from_db()
    assert cast.dach.name == "New name"


RIGHTS_LOST: dict[str, Callable[[Cast], object]] = {
    "role removed": lambda cast: cast.director.memberships.all().delete(),
    "moved to another team": lambda cast: cast.director.memberships.update(team=cast.americas),
    "lower role": lambda cast: cast.director.memberships.update(role=Role.ANALYST),
    "left": lambda cast: User.objects.filter(pk=cast.director.pk).update(is_active=False),
}


@pytest.mark.parametrize("how", RIGHTS_LOST)
def test_an_approvers_lost_right_counts_at_execution(
    cast: Cast, how: str, told: list[tuple[str, str]]
) -> None:
    request = approved(cast)
    RIGHTS_LOST[how](cast)
    reopened = execute(request)
    assert (reopened.state, reopened.revision) == (RequestState.OPEN, 2)
    assert "may no longer decide it" in history(request)[0].reason
    assert (cast.manager.name, "reopened") in told
    done = execute(decide(request, cast.executive))
    assert done.state == RequestState.EXECUTED


def test_an_approver_who_becomes_a_contributor_does_not_count(cast: Cast) -> None:
    request = approved(cast)
    # Around the trigger, as a database administrator could.
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("ALTER TABLE approvals_contributor DISABLE TRIGGER approvals_contributor_is_no_judge")
    sql(
        "INSERT INTO approvals_contributor (request_id, user_id, how, at, session) "
        "VALUES (%s, %s, 'x', %s, '')",
        request.pk,
        cast.director.pk,
        AT,
    )
    assert execute(request).state == RequestState.OPEN


def test_what_the_action_refuses_ends_as_stale_with_its_sentence(
    cast: Cast, told: list[tuple[str, str]]
) -> None:
    stale = execute(approved(cast, name="Hurrah!"))
    assert stale.state == RequestState.STALE
    assert stale.outcome_note == "A shouting name was taken in the meantime. Nothing was changed."
    assert (cast.manager.name, "stale") in told
    assert (cast.director.name, "stale") in told
    assert not Execution.objects.exists()


@pytest.mark.feature("2.5")
def test_small_moves_that_add_up_go_to_whom_the_sum_belongs(cast: Cast) -> None:
    first = ask(cast.manager, cast.dach, units=4_000, kind=ADDING)
    assert list(turn(first)) == ["director", "executive"]
    second = ask(cast.manager, cast.dach, units=4_000, kind=ADDING, at=AT + timedelta(days=1))
    assert second.policy_amount.micros == 8_000 * MICROS
    assert list(turn(second)) == ["executive"]
    elsewhere = ask(cast.manager, cast.dach, units=4_000)
    assert list(turn(elsewhere)) == ["director", "executive"]
    later = ask(cast.manager, cast.dach, units=4_000, kind=ADDING, at=AT + timedelta(days=40))
    assert list(turn(later)) == ["director", "executive"]


@pytest.mark.feature("2.5", "9.1")
def test_the_amount_of_the_moment_of_decision_counts(cast: Cast) -> None:
    first = ask(cast.manager, cast.dach, units=4_000, kind=ADDING)
    second = ask(cast.manager, cast.dach, units=4_000, kind=ADDING, name="B")
    execute(decide(second, cast.executive))
    by_now = stored(first)
    with pytest.raises(Exception, match="has moved since"):
        decide(by_now, cast.director)
    renewed = services.request_edit(
        request=by_now, user=cast.manager, payload=by_now.payload, reason="again", at=AT
    )
    assert list(turn(renewed)) == ["executive"]


def test_an_amount_that_grew_before_the_decision_is_sent_higher(cast: Cast) -> None:
    waiting = ask(cast.manager, cast.dach, units=4_000, kind=ADDING)
    grown = ask(cast.manager, cast.dach, units=4_000, kind=ADDING, at=AT - timedelta(hours=1))
    assert list(turn(waiting)) == ["director", "executive"]
    with pytest.raises(Exception, match="now amounts to €8,000") as refused:
        decide(waiting, cast.director)
    assert refused.value.code == "needs_higher_approval"  # type: ignore[attr-defined]
    assert stored(waiting).revision == 2
    assert list(turn(waiting)) == ["executive"]
    assert not Decision.objects.filter(step__request=waiting).exists()
    assert stored(grown).state == RequestState.OPEN


def test_an_amount_that_grew_between_approval_and_execution_is_sent_higher(cast: Cast) -> None:
    request = decide(ask(cast.manager, cast.dach, units=4_000, kind=ADDING), cast.director)
    ask(cast.manager, cast.dach, units=4_000, kind=ADDING, at=AT - timedelta(hours=1))
    reopened = execute(request)
    assert reopened.state == RequestState.OPEN
    assert list(turn(request)) == ["executive"]
    assert not Execution.objects.exists()
