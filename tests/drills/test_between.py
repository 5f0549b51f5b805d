"""The plan changes between approval and execution, in every field and by every path: nothing stale is done.

Each way changes one thing after the approval. Whatever comes of the request, the money
must not move as it was not approved, and the trail says why. The control carries out
without looking again, and moves it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.models import Membership
from approvals import services as approvals
from approvals.models import ChangeRequest
from approvals.services import execution
from budgets import services
from budgets.models import LedgerAccount, LedgerTransaction, MonthClose
from core.invariants import check_all
from core.models import Event, Organisation
from tests.budgets.world import AT, DEC, World, create_world, decide, k, move, payload, rate
from tests.cast import Cast
from tests.drills.sheet import keep

pytestmark = [pytest.mark.drill, pytest.mark.django_db]
Way = Callable[[World, Cast, ChangeRequest], None]
WAYS: dict[str, Way] = {}


def way(name: str) -> Callable[[Way], Way]:
    """Name a way in which something changes after the approval."""

    def keep_it(function: Way) -> Way:
        WAYS[name] = function
        return function

    return keep_it


@pytest.fixture
def world(cast: Cast) -> World:
    return create_world(cast)


def stored(request: ChangeRequest, **fields: Any) -> None:
    """As somebody with the database's password could: straight into the row."""
    ChangeRequest.objects.filter(pk=request.pk).update(**fields)


def edited(request: ChangeRequest, **changes: Any) -> dict[str, Any]:
    """The payload with one field of its first move changed."""
    moves = [dict(row) for row in request.payload["moves"]]
    moves[0].update(changes)
    return {**request.payload, "moves": moves}


# The content, straight in the database: every field that a decision covers.


@way("amount of a move")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    content = edited(request, amount_micros=-k(5))
    content["moves"][1]["amount_micros"] = k(5)
    stored(request, payload=content)


@way("budget line of a move")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    stored(request, payload=edited(request, budget_line=world.shopping.pk, campaign_line=None))


@way("campaign line of a move")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    stored(request, payload=edited(request, campaign_line=None))


@way("month of a move")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    stored(request, payload=edited(request, month="2026-11"))


@way("currency")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    stored(request, payload={**request.payload, "currency": "USD"})


@way("expected effect")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    stored(request, payload={**request.payload, "expected": {"metric": "revenue", "mid": k(900)}})


@way("hypothesis")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    stored(request, payload={**request.payload, "hypothesis": "Something else."})


@way("a move more")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    extra = payload((world.display, None, DEC, -1), (world.shopping, None, DEC, 1))["moves"]
    stored(request, payload={**request.payload, "moves": [*request.payload["moves"], *extra]})


@way("kind")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    stored(request, kind="budget.plan")


@way("own amount")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    stored(request, own_micros=request.own_micros - 1)


@way("policy amount")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    stored(request, amount_micros=request.amount_micros + 1)


@way("reporting currency of the amount")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    stored(request, currency="USD")


@way("revision")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    stored(request, revision=request.revision + 1)


@way("fingerprint")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    stored(request, content_hash="0" * 64)


@way("policy version")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    newer = approvals.policy_ensure(at=AT)
    newer.pk, newer.version = None, newer.version + 1
    newer.save(force_insert=True)
    stored(request, policy=newer)


# The world around it, by the paths of the product.


@way("the plan of the line, in the budget centre")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    services.plan_edit(
        user=cast.manager, line=world.display, part=world.winter_display, month=DEC,
        amount_micros=k(81), reason="One more", at=AT,
    )  # fmt: skip


@way("the plan of the line, by another request")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    other = decide(move(world, cast.manager, 1), cast.director)
    assert approvals.request_execute(request=other, at=AT).state == "executed"


@way("the plan of the line, by the ledger")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    services.transfer(
        legs=[
            services.line_leg(world.display, DEC, -k(1)),
            services.line_leg(world.display, DEC, k(1), world.winter_display),
        ],
        key="bulk", kind=LedgerTransaction.Kind.PLAN, reason="Bulk", at=AT,
        actor=cast.director.as_actor(),
    )  # fmt: skip


@way("the reporting currency")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    rate("EUR", "USD", "1.09", date(2026, 9, 1))
    Organisation.objects.update(reporting_currency="USD")


@way("the approver's role")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    Membership.objects.filter(user=cast.director).delete()


@way("the approver's limit")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    Membership.objects.filter(user=cast.director).update(limit_micros=k(1))


@way("the approver's team")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    Membership.objects.filter(user=cast.director).update(team=cast.americas)


@way("the approver left")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    cast.director.is_active = False
    cast.director.save()


@way("the asker's sight of the line")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    Membership.objects.filter(user=cast.manager).update(team=cast.us)


@way("the line's team")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    world.display.team = cast.us
    world.display.save()


@way("what the line pays for")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    world.display.draws.all().delete()


@way("the month is over")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    """Only time passes; see the test."""


@way("the month is closed")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    MonthClose.objects.create(
        fiscal_year=world.year, month=DEC, closed_at=AT, closed_by_name="Ben Okafor"
    )


@way("the kill switch")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    Organisation.objects.update(stopped_at=AT, stopped_by="Priya Nair")


@way("an edit by the asker")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    stored(request, state="open")
    approvals.request_edit(
        request=request, user=cast.manager, reason="More", at=AT, payload=edited_both(request, 6)
    )


def edited_both(request: ChangeRequest, thousands: int) -> dict[str, Any]:
    content = edited(request, amount_micros=-k(thousands))
    content["moves"][1]["amount_micros"] = k(thousands)
    return content


@way("earlier moves make it larger than the approver may decide")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    earlier = move(world, cast.manager, 3, at=AT - timedelta(days=2))
    stored(earlier, state="executed", executed_at=AT - timedelta(days=1))


@way("an approval was taken out of the database")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM approvals_decision")
        cursor.execute("SET session_replication_role = DEFAULT")


@way("the approver became a contributor")
def _(world: World, cast: Cast, request: ChangeRequest) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        request.contributors.create(user=cast.director, how="edited", at=AT)
        cursor.execute("SET session_replication_role = DEFAULT")


def money_now() -> dict[int, int]:
    return dict(LedgerAccount.objects.values_list("pk", "balance_micros"))


@pytest.mark.parametrize("name", list(WAYS))
def test_a_change_between_approval_and_execution_stops_it(
    world: World, cast: Cast, name: str
) -> None:
    request = decide(move(world, cast.manager, 4), cast.director)
    WAYS[name](world, cast, request)
    before = money_now()
    at = AT + timedelta(days=60) if name == "the month is over" else AT

    done = approvals.request_execute(request=request, at=at)

    assert done.state in ("stale", "open", "changes"), f"{name}: {done.state}"
    assert {pk: micros for pk, micros in money_now().items() if before.get(pk, 0) != micros} == {}
    told = Event.objects.filter(subject_id=str(request.pk), subject_type="approvals.changerequest")
    assert told.exclude(action__in=["request.created", "request.submitted", "request.approved"])


def test_the_control_that_does_not_look_again_moves_the_money(
    world: World, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = decide(move(world, cast.manager, 4), cast.director)
    WAYS["the approver's role"](world, cast, request)
    monkeypatch.setattr(execution, "_lapsed", lambda _: "")
    assert approvals.request_execute(request=request, at=AT).state == "executed"
    assert world.balance(world.display, DEC, world.winter_display) == k(76)
    keep(
        "Plan changed between approve and execute",
        did=f"{len(WAYS)} fields and paths, a test each",
        found="0 stale executions",
        control="carrying out without looking again moves the money",
    )


def test_unchanged_it_is_carried_out(world: World, cast: Cast) -> None:
    request = decide(move(world, cast.manager, 4), cast.director)
    assert approvals.request_execute(request=request, at=AT).state == "executed"
    assert world.balance(world.display, DEC, world.winter_display) == k(76)
    assert [held for held in check_all() if not held.is_kept] == []
