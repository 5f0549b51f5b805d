"""A dump taken while everybody works, restored elsewhere: whole, sealed, and with its numbers.

The control copies table by table, each at its own moment, and comes apart.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connection, connections

from approvals import services as approvals
from config.postgres.binaries import binaries_for
from core import events
from core.invariants import check_all
from tests.budgets.world import AT, DEC, World, create_world, decide, move, payload
from tests.cast import Cast
from tests.drills.sheet import counted, keep, size

pytestmark = [pytest.mark.drill, pytest.mark.django_db(transaction=True)]
DUMPS = size(1, 30)


@pytest.fixture
def world(cast: Cast) -> World:
    return create_world(cast)


def move_on(world: World, cast: Cast, number: int) -> None:
    """One euro there and back in turn, from request to ledger."""
    way = 1 if number % 2 else -1
    content = payload((world.display, None, DEC, way), (world.shopping, None, DEC, -way))
    for row in content["moves"]:
        row["amount_micros"] = (1 if row["amount_micros"] > 0 else -1) * 1_000_000
    at = AT + timedelta(seconds=number)
    asked = move(world, cast.manager, content=content, at=at)
    decide(asked, cast.director, at=at)
    approvals.request_execute(request=asked, at=at)


class Load:
    """Somebody works in a thread of their own until told to stop."""

    def __init__(self, world: World, cast: Cast) -> None:
        self.over = threading.Event()
        self.done = 0
        self.thread = threading.Thread(target=self._run, args=(world, cast))

    def _run(self, world: World, cast: Cast) -> None:
        while not self.over.is_set():
            move_on(world, cast, self.done)
            self.done += 1
            if self.done % 5 == 0:
                events.seal(at=AT)
        connection.close()

    def __enter__(self) -> Load:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()


def program(name: str) -> str:
    """A program of the server's own version."""
    place = connections["default"].settings_dict.get("EMBEDDED")
    return str(binaries_for(place.data).program(name)) if place else name


@pytest.fixture
def restored(database_url: str) -> Iterator[str]:
    """An empty database beside the test's own; its address."""
    name = f"{connections['default'].settings_dict['NAME']}_restored"
    with psycopg.connect(database_url, autocommit=True) as own:
        own.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        own.execute(f'CREATE DATABASE "{name}"')
        yield database_url.replace(f"/{connections['default'].settings_dict['NAME']}", f"/{name}")
        own.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def look_into(address: str) -> tuple[list[str], int, int]:
    """(broken promises, breaches of the trail, moves) of another database, by the product's own checks."""
    name = address.partition("?")[0].rpartition("/")[2]
    settings, own = (
        connections["default"].settings_dict,
        connections["default"].settings_dict["NAME"],
    )
    connections["default"].close()
    settings["NAME"] = name
    try:
        broken = [held.promise for held in check_all() if not held.is_kept]
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM budgets_ledgertransaction")
            (moves,) = cursor.fetchone()
        return broken, len(events.verify()), moves
    finally:
        connections["default"].close()
        settings["NAME"] = own


def test_a_dump_taken_under_load_restores_whole(
    world: World, cast: Cast, database_url: str, restored: str, tmp_path: Path
) -> None:
    file, seen = tmp_path / "dump", 0
    with Load(world, cast) as load:
        for _ in counted(range(DUMPS), DUMPS, "dumps restored"):
            wait_for(load, load.done + 3)
            run(program("pg_dump"), "--format=custom", f"--file={file}", database_url)
            run(program("pg_restore"), "--clean", "--if-exists", f"--dbname={restored}", str(file))
    broken, breaches, seen = look_into(restored)
    assert (broken, breaches) == ([], 0)
    assert seen > 3
    keep(
        "Restored from a dump taken under load",
        did=f"{DUMPS} dumps while {load.done} moves were made",
        found="every promise kept, the trail whole",
        control="copied table by table the ledger does not add up",
    )


def wait_for(load: Load, done: int) -> None:
    while load.done < done and load.thread.is_alive():
        time.sleep(0.01)
    assert load.thread.is_alive()


def run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_control_of_table_by_table_comes_apart(
    world: World, cast: Cast, database_url: str
) -> None:
    """Balances first, entries a moment later, as a copy without one snapshot would be."""
    apart = 0
    with Load(world, cast) as load, psycopg.connect(database_url, autocommit=True) as own:
        for _ in range(10):
            balances = own.execute("SELECT sum(version) FROM budgets_ledgeraccount").fetchone()
            wait_for(load, load.done + 1)
            entries = own.execute("SELECT count(*) FROM budgets_ledgerentry").fetchone()
            apart += balances != entries
    assert apart, "the drill shows nothing: the control did not break"
