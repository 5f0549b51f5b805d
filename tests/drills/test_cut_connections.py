"""The database cuts every connection again and again while people ask, approve and carry out.

Whatever a worker was told stays true: a move it was told of is there once, a move it was not
told of is there once or not at all, and nothing is half done. The control writes the two
sides of a move one after the other.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest
from django.db import DatabaseError, connection

from approvals import services as approvals
from approvals.models import ChangeRequest
from budgets.models import LedgerTransaction
from core.errors import AdroitError
from core.invariants import check_all
from tests.budgets.world import AT, DEC, World, create_world, decide, move, payload
from tests.cast import Cast
from tests.drills.sheet import bar, keep, size

pytestmark = [pytest.mark.drill, pytest.mark.django_db(transaction=True)]
CUTS, EVERY = size(4, 60), 2.0
WORKERS = 3
# Once the cuts are over everybody must get something done again, on a busy machine too.
RECOVERY = 60.0
SEED = 20_261_122
CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


class Cutter(threading.Thread):
    """Ends every other connection, ``CUTS`` times."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.over = threading.Event()
        self.cut = 0

    def run(self) -> None:
        with psycopg.connect(self.address, autocommit=True) as own:
            for number in range(CUTS):
                bar(number + 1, CUTS, "cuts")
                time.sleep(EVERY)
                self.cut += len(own.execute(CUT).fetchall())
        self.over.set()


def work_until(over: threading.Event, work: Callable[[int], None], first: int) -> tuple[int, int]:
    """Do ``work`` until the cuts are over and it got done: how often it was done, how often cut."""
    told, cut, number = 0, 0, first
    latest = time.monotonic() + CUTS * EVERY + RECOVERY
    while not (over.is_set() and told) and time.monotonic() < latest:
        number += WORKERS
        try:
            work(number)
            told += 1
        except (DatabaseError, AdroitError):
            cut += 1
            connection.close()
    connection.close()
    return told, cut


def storm(address: str, work: Callable[[int], None]) -> list[tuple[int, int]]:
    """Everybody works while the connections are cut; each worker's (told, cut)."""
    cutter, results = Cutter(address), [(0, 0)] * WORKERS

    def run(number: int) -> None:
        results[number] = work_until(cutter.over, work, number)

    connection.close()
    threads = [threading.Thread(target=run, args=(n,)) for n in range(WORKERS)]
    for thread in [cutter, *threads]:
        thread.start()
    for thread in [cutter, *threads]:
        thread.join()
    return results


def one_move(world: World, cast: Cast, dice: random.Random, number: int) -> ChangeRequest:
    """Ask, approve and carry out a move of one euro, there or back."""
    way = dice.choice((1, -1))
    content = payload((world.display, None, DEC, way), (world.shopping, None, DEC, -way))
    for row in content["moves"]:
        row["amount_micros"] = (1 if row["amount_micros"] > 0 else -1) * 1_000_000
    at = AT + timedelta(seconds=number % 1000)
    asked = move(world, cast.manager, content=content, at=at)
    decide(asked, cast.director, at=at)
    return approvals.request_execute(request=asked, at=at)


def test_cut_connections_lose_nothing_and_do_nothing_twice(cast: Cast, database_url: str) -> None:
    world, dice = create_world(cast), random.Random(SEED)
    carried_out: set[int] = set()

    def work(number: int) -> None:
        asked = one_move(world, cast, dice, number)
        if asked.state == "executed":
            carried_out.add(asked.pk)

    results = storm(database_url, work)
    assert all(told for told, _ in results), f"somebody never got anything done: {results}"
    told, cut = (sum(column) for column in zip(*results, strict=True))
    assert cut, results
    moved = list(
        LedgerTransaction.objects.filter(kind="reallocation").values_list("request_id", flat=True)
    )
    assert len(set(moved)) == len(moved)
    assert carried_out <= set(moved)
    assert [held for held in check_all() if not held.is_kept] == []
    keep(
        "Database connections cut every 2 s",
        did=f"{CUTS} cuts, {told:,} moves told done, {cut} refused by a cut",
        found="0 half done, 0 doubled, every promise kept",
        control="two writes without a transaction come apart",
    )


@pytest.fixture
def scratch(cast: Cast) -> None:
    create_world(cast)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS drill_side (id int PRIMARY KEY, total int)")
        cursor.execute("TRUNCATE drill_side")
        cursor.execute("INSERT INTO drill_side VALUES (1, 0), (2, 0)")


def test_the_control_of_two_single_writes_comes_apart(scratch: None, database_url: str) -> None:
    def naive(number: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE drill_side SET total = total - 1 WHERE id = 1")
            time.sleep(0.02)
            cursor.execute("UPDATE drill_side SET total = total + 1 WHERE id = 2")

    storm(database_url, naive)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(total) FROM drill_side")
        (total,) = cursor.fetchone()
        cursor.execute("DROP TABLE drill_side")
    assert total != 0, "the drill shows nothing: the control did not break"
