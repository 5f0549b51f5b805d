"""Kill -9 while a move is carried out: each move is done once, none is lost or half done.

The worker is killed at a random moment of its work and the work is delivered again, up
to five times, as the sweep does. The control does the same steps without a transaction.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import connection

from approvals.models import ChangeRequest
from approvals.services import request_execute
from budgets.models import LedgerTransaction
from core import outbox
from core.invariants import check_all
from core.models import OutboxItem
from tests.budgets.world import AT, DEC, World, create_world, decide, k, move, payload
from tests.cast import Cast
from tests.drills.crowd import killed_after
from tests.drills.sheet import bar, keep, size

pytestmark = [pytest.mark.drill, pytest.mark.django_db(transaction=True)]
SEED = 20_261_122
JOBS, KILLS, KILLS_EACH = size(1, 1_000), size(200, 2_500), 8
CONTROL_KILLS = size(60, 300)
# The outbox leaves an item to a person after its third death.
DELIVERIES = 2


@pytest.fixture
def world(cast: Cast) -> World:
    return create_world(cast)


@pytest.fixture
def scratch(world: World) -> Iterator[None]:
    """Two accounts of a table of its own, for the control."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE drill_account (id int PRIMARY KEY, balance int NOT NULL)")
        cursor.execute("CREATE TABLE drill_done (job int PRIMARY KEY)")
        cursor.execute("INSERT INTO drill_account VALUES (1, 1000), (2, 0)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE drill_account, drill_done")


def later(attempt: int) -> datetime:
    """When the lease of the attempts before is over."""
    return AT + attempt * (outbox.LEASE + timedelta(seconds=1))


def ask(world: World, cast: Cast, number: int) -> OutboxItem:
    """An approved move of one euro, there and back in turn, and the work it asks for.

    A thousand of them by one person stay below the first threshold together.
    """
    thousands = 1 if number % 2 == 0 else -1
    content = payload(
        (world.display, world.winter_display, DEC, -thousands),
        (world.shopping, world.winter_shopping, DEC, thousands),
    )
    for leg in content["moves"]:
        leg["amount_micros"] //= 1_000
    request = move(world, cast.manager, content=content)
    decide(request, cast.director)
    return OutboxItem.objects.get(key=f"execute:{request.pk}:1")


def deliver(item: OutboxItem, attempt: int) -> None:
    """What a worker does with an item of the outbox."""
    outbox.deliver(item.pk, now=later(attempt))


def execute(item: OutboxItem, attempt: int) -> None:
    """The executor alone."""
    request = ChangeRequest.objects.get(pk=item.payload["request"])
    request_execute(request=request, at=later(attempt))


class Aim:
    """When to kill: at random within the time the work takes, which it learns as it goes."""

    def __init__(self) -> None:
        self.dice = random.Random(SEED)
        self.longest = 0.05
        self.kills = 0

    def shoot(self, work: Callable[[], object]) -> bool:
        """Returns whether the work was quicker."""
        ended = killed_after(work, self.dice.uniform(0.001, self.longest))
        self.longest *= 0.7 if ended else 1.03
        self.kills += not ended
        return ended


def test_kills_leave_every_move_done_once(world: World, cast: Cast) -> None:
    aim, jobs = Aim(), 0
    while aim.kills < KILLS or jobs < JOBS:
        bar(aim.kills, KILLS, f"kills, {jobs} jobs")
        item = ask(world, cast, jobs)
        jobs += 1
        for attempt in range(KILLS_EACH):
            work = deliver if attempt < DELIVERIES else execute
            if aim.shoot(partial(work, item, attempt)):
                break
        outbox.deliver(item.pk, now=later(KILLS_EACH))
        item.refresh_from_db()
        assert item.state == OutboxItem.State.DONE, item.error
        assert LedgerTransaction.objects.filter(kind="reallocation").count() == jobs
    # They go there and back in turn, so at most one is over.
    over = (jobs % 2) * k(1) // 1_000
    assert world.balance(world.display, DEC, world.winter_display) == k(80) - over
    assert world.balance(world.shopping, DEC, world.winter_shopping) == k(150) + over
    assert [held for held in check_all() if not held.is_kept] == []
    keep(
        "Budget moves under kill -9",
        did=f"{jobs:,} moves, {aim.kills:,} kills, seed {SEED}",
        found="0 lost, 0 doubled",
        control="see the next line",
    )


def naive(job: int) -> None:
    """The same steps, each committed alone, with a look before: has this job been done?"""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM drill_done WHERE job = %s", [job])
        if cursor.fetchone():
            return
        cursor.execute("UPDATE drill_account SET balance = balance - 1 WHERE id = 1")
        time.sleep(0.01)
        cursor.execute("UPDATE drill_account SET balance = balance + 1 WHERE id = 2")
        time.sleep(0.01)
        cursor.execute("INSERT INTO drill_done VALUES (%s)", [job])


def test_the_control_without_a_transaction_does_not_conserve(scratch: None) -> None:
    aim, jobs = Aim(), 0
    while aim.kills < CONTROL_KILLS:
        for _ in range(KILLS_EACH):
            if aim.shoot(partial(naive, jobs)):
                break
        naive(jobs)
        jobs += 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(balance), max(balance) FILTER (WHERE id = 2) FROM drill_account")
        total, moved = cursor.fetchone()
    keep(
        "The same without a transaction",
        did=f"{jobs:,} moves, {aim.kills:,} kills",
        found=f"{moved:,} moved instead of {jobs:,}, {total:,} of 1,000 remain",
        control="this is the control",
    )
    assert (total, moved) != (1000, jobs), "the kills show nothing: the control did not break"
