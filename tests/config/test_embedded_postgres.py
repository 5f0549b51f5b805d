"""The embedded PostgreSQL: started by the first, stopped after the last, never twice."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config.places import PROJECT_ROOT
from config.postgres import place as places
from config.postgres.binaries import DatabaseUnavailable, binaries_for
from config.postgres.place import Place, place_for
from config.postgres.server import Server, postmaster
from config.postgres.tuning import run_options

PROGRAM = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    import psycopg
    from config.postgres.place import DATABASE, OWNER, place_for
    from config.postgres.server import postmaster, server_of

    place = place_for(Path(sys.argv[1]), "test")
    server_of(place).hold()
    with psycopg.connect(host=str(place.socket_folder), user=OWNER, dbname=DATABASE) as database:
        database.execute("SELECT 1")
    print(postmaster(place)[0], flush=True)
    sys.stdin.read()
    """
)


@pytest.fixture
def var() -> Iterator[Path]:
    """An ADROIT_VAR of its own, on a short path; whatever runs in it is stopped."""
    folder = Path(tempfile.mkdtemp(prefix="adr-"))
    yield folder
    place = place_for(folder, "test")
    if place.home.exists():
        Server(place).stop()
    shutil.rmtree(folder)
    if place.moved:
        shutil.rmtree(place.base, ignore_errors=True)


@pytest.fixture
def place(var: Path) -> Place:
    return place_for(var, "test")


class User:
    """A process that uses the server until it is told to leave."""

    def __init__(self, var: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(var)],
            cwd=PROJECT_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def server(self) -> int:
        """Wait until it has used the server; the server's process id."""
        assert self.process.stdout
        return int(self.process.stdout.readline())

    def leave(self) -> None:
        self.process.communicate(timeout=60)
        assert self.process.returncode == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def ask(place: Place, question: str) -> object:
    with psycopg.connect(
        host=str(place.socket_folder), user=places.OWNER, dbname=places.DATABASE
    ) as database:
        row = database.execute(question).fetchone()
    return row[0] if row else None


def test_several_that_start_at_once_share_one_server(var: Path, place: Place) -> None:
    together = [User(var) for _ in range(4)]
    assert len({one.server() for one in together}) == 1
    for one in together[:-1]:
        one.leave()
    assert Server(place).answers(), "one still uses it"
    together[-1].leave()
    assert postmaster(place) == (0, ""), "the last one stops it"


def test_data_outlives_the_server_and_the_second_start_is_quick(place: Place) -> None:
    first = Server(place)
    first.hold()
    with psycopg.connect(
        host=str(place.socket_folder), user=places.OWNER, dbname=places.DATABASE
    ) as database:
        database.execute("CREATE TABLE kept AS SELECT 7 AS number")
    first.release()
    again = Server(place)
    began = time.monotonic()
    again.hold()
    assert time.monotonic() - began < 5
    assert ask(place, "SELECT number FROM kept") == 7
    again.release()


def test_it_starts_again_after_a_crash(place: Place) -> None:
    server = Server(place)
    server.hold()
    os.kill(postmaster(place)[0], signal.SIGQUIT)  # what an operator's emergency stop sends
    deadline = time.monotonic() + 10
    while postmaster(place)[0] and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not server.answers()
    server.start()
    assert ask(place, "SELECT 1") == 1
    server.release()


def test_a_killed_user_does_not_keep_it_for_ever(var: Path, place: Place) -> None:
    killed = User(var)
    pid = killed.server()
    killed.kill()
    assert postmaster(place)[0] == pid, "nobody was left to stop it"
    after = User(var)
    assert after.server() == pid
    after.leave()
    assert postmaster(place) == (0, ""), "the next to leave stops it"


def test_a_fork_keeps_what_its_parent_holds(place: Place) -> None:
    server = Server(place)
    server.hold()
    child = os.fork()
    if child == 0:
        server.release()  # a child must not let go for its parent
        os._exit(0)
    os.waitpid(child, 0)
    assert server.answers()
    server.release()


def test_only_its_owner_can_reach_it(place: Place) -> None:
    server = Server(place)
    server.hold()
    assert ask(place, "SHOW listen_addresses") == ""
    assert place.socket_folder.stat().st_mode & 0o077 == 0
    assert place.data.stat().st_mode & 0o077 == 0
    server.release()


def test_money_is_durable_on_the_real_server_and_only_there(var: Path) -> None:
    keep = run_options("keep", var, 18)
    test = run_options("test", var, 18)
    assert "synchronous_commit=on" in keep
    assert "fsync=off" not in keep
    assert "fsync=off" in test


def test_a_long_path_gets_a_short_socket() -> None:
    place = place_for(Path("/srv") / ("long" * 40), "keep")
    assert len(str(place.socket)) <= places.LONGEST_SOCKET_PATH
    assert place.socket_folder != place.base / "run"
    assert place_for(Path("/srv/short"), "keep").socket_folder == Path("/srv/short/postgres/run")


def test_two_copies_have_two_places(tmp_path: Path) -> None:
    first, second = place_for(tmp_path / "one", "keep"), place_for(tmp_path / "two", "keep")
    assert len({first.data, second.data, first.socket, second.socket}) == 4


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_root_puts_data_where_the_systems_user_can_reach_it(tmp_path: Path) -> None:
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)
    place = place_for(closed / "project" / "var", "test")
    assert place.moved
    server = Server(place)
    try:
        server.hold()
        assert place_for(closed / "project" / "var", "test") == place
        assert ask(place, "SELECT 1") == 1
    finally:
        server.release()
        shutil.rmtree(place.base)


def test_data_of_a_version_that_is_not_here_is_explained(tmp_path: Path) -> None:
    (tmp_path / "PG_VERSION").write_text("9\n")
    with pytest.raises(DatabaseUnavailable, match=r"made by PostgreSQL 9, and this machine has"):
        binaries_for(tmp_path)
