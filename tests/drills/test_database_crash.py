"""The database server is killed while moves are written: what was answered is there afterwards.

A server of its own, durable as in real use. The control answers before the change is
safe (``synchronous_commit = off``) and loses answered moves.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config.database import embedded
from config.places import PROJECT_ROOT
from config.postgres.place import OWNER, Place
from config.postgres.server import postmaster, server_of
from tests.drills.sheet import counted, keep, size

pytestmark = pytest.mark.drill
CRASHES = size(2, 50)
SECONDS = 1.5


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A durable server with the product's tables and a line with money."""
    var = tmp_path_factory.mktemp("crash")
    var.chmod(0o755)
    found: Place = embedded(var, "keep")["EMBEDDED"]
    server = server_of(found)
    server.hold()
    prepared, _ = (asked := writer(var, "prepare")).communicate(timeout=300)
    assert asked.returncode == 0, prepared
    yield found
    server.stop()


def writer(var: Path, *arguments: str) -> subprocess.Popen[str]:
    """``tests.drills.crash_writer`` as a process: prepares, or moves money and prints what was answered."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.drills.crash_writer", *arguments],
        cwd=PROJECT_ROOT,
        env=os.environ | {"ADROIT_VAR": str(var), "DATABASE_URL": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def kill_server(place: Place) -> None:
    """SIGKILL to the server and every process of it."""
    pid, _ = postmaster(place)
    children = subprocess.run(
        ["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False
    )
    for victim in [pid, *map(int, children.stdout.split())]:
        # A worker may have ended by itself, or with its parent.
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)


def crash(place: Place, number: int, *options: str) -> set[str]:
    """Let a writer work, kill the server, start it again: the keys that were answered."""
    writing = writer(place.home.parent, "write", str(number), *options)
    assert writing.stdout
    first = next(line for line in writing.stdout if line.startswith("key "))
    time.sleep(SECONDS)
    kill_server(place)
    rest, _ = writing.communicate(timeout=60)
    time.sleep(0.2)
    server_of(place).start()
    return {line for line in (first + rest).split("\n") if line.startswith("key ")}


def stored(place: Place) -> set[str]:
    with psycopg.connect(host=str(place.socket_folder), user=OWNER, dbname="adroit") as own:
        rows = own.execute("SELECT key FROM budgets_ledgertransaction").fetchall()
    return {f"key {key}" for (key,) in rows}


def balanced(place: Place) -> bool:
    """Every account is the sum of its entries, and all together are zero."""
    with psycopg.connect(host=str(place.socket_folder), user=OWNER, dbname="adroit") as own:
        apart = own.execute(
            "SELECT count(*) FROM budgets_ledgeraccount a WHERE a.balance_micros <> (SELECT "
            "coalesce(sum(e.amount_micros), 0) FROM budgets_ledgerentry e WHERE e.account_id = a.id)"
        ).fetchone()
        total = own.execute("SELECT sum(balance_micros) FROM budgets_ledgeraccount").fetchone()
    return (apart, total) == ((0,), (0,))


def test_every_answered_move_survives_a_crash_of_the_server(place: Place) -> None:
    answered: set[str] = set()
    for number in counted(range(CRASHES), CRASHES, "crashes"):
        answered |= crash(place, number)
        assert answered <= stored(place)
        assert balanced(place)
    assert len(answered) > CRASHES
    keep(
        "Database server killed",
        did=f"{CRASHES} crashes, {len(answered):,} answered moves",
        found="0 answered moves lost, every account balanced",
        control="answering before it is safe loses moves",
    )


def test_the_control_that_answers_too_early_loses_moves(place: Place) -> None:
    answered: set[str] = set()
    for number in range(20):
        answered |= crash(place, 1_000 + number, "--early")
        if answered - stored(place):
            return
    pytest.fail("the drill shows nothing: the control did not break")
