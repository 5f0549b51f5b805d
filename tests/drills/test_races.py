"""64 at once: one decision, no overspend; a path without the guards breaks in the same test.

The guards are the database's: unique keys, conditional updates, checks. The controls
read, wait a moment and write, as code does that trusts what it has just read.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from django.db.models import F, Sum

from accounts.choices import Role
from accounts.models import Membership, Team, User
from approvals import services as approvals
from approvals.choices import RequestState
from approvals.models import ChangeRequest, Comment, Decision, Execution
from budgets import services
from budgets.models import LedgerAccount, LedgerTransaction
from core.errors import Conflict
from core.events import SYSTEM
from core.invariants import check_all
from core.models import OutboxItem
from tests.budgets.world import AT, DEC, World, create_world, decide, k, move
from tests.cast import Cast
from tests.drills.crowd import race
from tests.drills.sheet import counted, keep, size

pytestmark = [pytest.mark.drill, pytest.mark.django_db(transaction=True)]
CROWD = 64
ROUNDS, CONTROL_ROUNDS = size(3, 100), size(1, 20)
MOMENT = 0.02


@pytest.fixture
def world(cast: Cast) -> World:
    return create_world(cast)


def people(role: str, team: Team) -> list[User]:
    made = [
        User.objects.create_user(f"{role}{n}@tarnfell.test", f"{role} {n}") for n in range(CROWD)
    ]
    Membership.objects.bulk_create([Membership(user=user, team=team, role=role) for user in made])
    return made


def kinds(results: Sequence[Any]) -> Counter[str]:
    return Counter(
        type(result).__name__ if isinstance(result, Exception) else "done" for result in results
    )


def promises_are_kept() -> None:
    assert [held for held in check_all() if not held.is_kept] == []


def approve(asked: ChangeRequest, user: User) -> str:
    decided = approvals.request_decide(
        request=asked, user=user, outcome="approve", reason="",
        content_hash=asked.content_hash, at=AT,
    )  # fmt: skip
    return decided.state


def test_64_approvers_make_one_decision(world: World, cast: Cast) -> None:
    executives = people(Role.EXECUTIVE, cast.company)
    # One person's moves of 30 days add up and would soon need two steps.
    managers = people(Role.MANAGER, cast.dach)
    for number in counted(range(ROUNDS), ROUNDS, "rounds of 64 approvers"):
        request = move(world, managers[number % CROWD], 6)

        results = race([partial(approve, request, user) for user in executives])
        assert kinds(results) == {"done": 1, "Conflict": CROWD - 1}
        assert Decision.objects.filter(step__request=request).count() == 1
        assert OutboxItem.objects.filter(key=f"execute:{request.pk}:1").count() == 1
    promises_are_kept()
    keep(
        "64 approvers press at once",
        did=f"{ROUNDS} rounds",
        found=f"{ROUNDS} decisions, one a round",
        control="reading before writing decides several times",
    )


def test_the_same_person_pressing_64_times_decides_once(world: World, cast: Cast) -> None:
    request = move(world, cast.manager, 20)

    def press() -> str:
        return approve(request, User.objects.get(pk=cast.executive.pk))

    assert kinds(race([press] * CROWD)) == {"done": 1, "Conflict": CROWD - 1}
    assert Decision.objects.count() == 1


def test_the_control_that_trusts_what_it_read_decides_many_times(world: World, cast: Cast) -> None:
    executives = people(Role.EXECUTIVE, cast.company)
    managers = people(Role.MANAGER, cast.dach)

    def naive(request: ChangeRequest, user: User) -> None:
        asked = ChangeRequest.objects.get(pk=request.pk)
        if asked.state != RequestState.OPEN:
            raise Conflict("Already decided.")
        time.sleep(MOMENT)
        Comment.objects.create(request=asked, user=user, text="approved", at=AT)
        ChangeRequest.objects.filter(pk=asked.pk).update(state=RequestState.APPROVED)

    broken = 0
    for number in range(CONTROL_ROUNDS):
        request = move(world, managers[number], 6)
        race([partial(naive, request, user) for user in executives])
        broken += request.comments.count() > 1
    assert broken >= 0.95 * CONTROL_ROUNDS, "the race shows nothing: the control did not break"


def test_64_requests_on_one_line_carry_out_one_and_overspend_nothing(
    world: World, cast: Cast
) -> None:
    managers = people(Role.MANAGER, cast.dach)
    requests = [move(world, user, 2) for user in managers]
    approved = [decide(request, cast.director) for request in requests]

    def execute(request: ChangeRequest) -> str:
        return approvals.request_execute(request=request, at=AT).state

    results = race([partial(execute, request) for request in approved])
    assert Counter(results) == {RequestState.EXECUTED: 1, RequestState.STALE: CROWD - 1}
    assert world.balance(world.display, DEC, world.winter_display) == k(78)
    assert world.balance(world.shopping, DEC, world.winter_shopping) == k(152)
    assert LedgerTransaction.objects.filter(kind="reallocation").count() == 1
    promises_are_kept()


def test_one_request_carried_out_by_64_workers_moves_once(world: World, cast: Cast) -> None:
    request = decide(move(world, cast.manager, 4), cast.director)

    def execute() -> str:
        return approvals.request_execute(request=request, at=AT).state

    assert Counter(race([execute] * CROWD)) == {RequestState.EXECUTED: CROWD}
    assert Execution.objects.count() == 1
    assert world.balance(world.display, DEC, world.winter_display) == k(76)
    promises_are_kept()


def transfer(world: World, number: int, thousands: int, *, back: bool = False) -> None:
    first, second = (world.shopping, world.display) if back else (world.display, world.shopping)
    services.transfer(
        legs=[
            services.line_leg(first, DEC, -k(thousands)),
            services.line_leg(second, DEC, k(thousands)),
        ],
        key=f"race {number} {back}",
        kind=LedgerTransaction.Kind.REALLOCATION,
        reason="A race",
        actor=SYSTEM,
        at=AT,
    )


def test_64_moves_out_of_one_line_take_what_is_there_and_no_more(world: World) -> None:
    results = race([partial(transfer, world, n, 1) for n in range(CROWD)])
    assert kinds(results) == {"done": 20, "Conflict": CROWD - 20}
    assert (world.balance(world.display), world.balance(world.shopping)) == (0, k(70))
    promises_are_kept()


def test_moves_in_opposite_directions_neither_wait_in_a_ring_nor_lose_money(world: World) -> None:
    for number in counted(range(ROUNDS), ROUNDS, "rounds in both lock orders"):
        results = race(
            [partial(transfer, world, n + 100 * number, 1, back=n % 2 == 0) for n in range(CROWD)]
        )
        assert set(kinds(results)) <= {"done", "Conflict"}, kinds(results)
        assert world.balance(world.display) + world.balance(world.shopping) == k(70)
    promises_are_kept()
    keep(
        "64 moves between two lines, both lock orders",
        did=f"{ROUNDS} rounds",
        found="0 deadlocks shown, 0 lost, no line below zero",
        control="reading then writing makes money",
    )


def test_64_moves_with_one_key_move_once(world: World) -> None:
    results = race([partial(transfer, world, 0, 1)] * CROWD)
    assert kinds(results) == {"done": CROWD}
    assert world.balance(world.display) == k(19)
    promises_are_kept()


def test_the_control_that_reads_then_writes_makes_money(world: World) -> None:
    giver = LedgerAccount.objects.get(budget_line=world.display, month=DEC, campaign_line=None)
    taker = LedgerAccount.objects.get(budget_line=world.shopping, month=DEC, campaign_line=None)

    def naive() -> None:
        found = LedgerAccount.objects.get(pk=giver.pk)
        if found.balance_micros < k(1):
            raise Conflict("Not enough.")
        time.sleep(MOMENT)
        LedgerAccount.objects.filter(pk=giver.pk).update(balance_micros=found.balance_micros - k(1))
        LedgerAccount.objects.filter(pk=taker.pk).update(balance_micros=F("balance_micros") + k(1))

    race([naive] * CROWD)
    total = LedgerAccount.objects.filter(currency="EUR").aggregate(sum=Sum("balance_micros"))
    assert total["sum"] > 0, "the race shows nothing: the control did not break"
    assert any(not held.is_kept for held in check_all())
