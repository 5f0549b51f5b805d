"""Start the embedded server for the first who needs it, stop it after the last.

Every process that uses the server holds a shared lock on `users.lock` for as long
as it lives (the kernel lets go of it however the process ends). Starting and
stopping happen under `start.lock`. The process that finds itself alone when it
leaves stops the server; one that was killed leaves it running, and the next to
leave stops it.
"""

import atexit
import contextlib
import fcntl
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from config.postgres.binaries import Binaries, DatabaseUnavailable, binaries_for
from config.postgres.place import (
    DATABASE,
    OWNER,
    Account,
    Place,
    Profile,
    account_for,
    make_folders,
    record_base,
)
from config.postgres.tuning import INIT_OPTIONS, run_options

# Recovery after a crash reads the log written since the last checkpoint, so
# readiness can take a while; a server that ended by itself is noticed at once.
START_SECONDS = 300.0
STOP_SECONDS = 60.0
POLL_SECONDS = 0.005

_servers: dict[Place, "Server"] = {}


def server_of(place: Place) -> "Server":
    """This process's handle on the server of `place`."""
    return _servers.setdefault(place, Server(place))


class Server:
    """A handle on one embedded server; cheap to make, shared by threads and forks."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._use: int | None = None
        self._holder = 0

    def hold(self) -> None:
        """Make sure the server runs, and keep it running while this process lives."""
        if self._use is not None:
            return
        self.place.home.mkdir(parents=True, exist_ok=True)
        with self._exclusive():
            if self._use is None:
                use = self._open("users.lock")
                fcntl.flock(use, fcntl.LOCK_SH)
                self._use, self._holder = use, os.getpid()
                atexit.register(self.release)
            self._start_if_silent()

    def start(self) -> None:
        """Start it again if it does not answer (after a crash)."""
        with self._exclusive():
            self._start_if_silent()

    def release(self) -> None:
        """Stop needing the server; it stops when nobody else needs it."""
        if self._use is None or self._holder != os.getpid():
            return
        atexit.unregister(self.release)
        if not self.place.home.exists():
            return
        with self._exclusive():
            os.close(self._use)
            self._use = None
            if self._alone():
                self._stop()

    def stop(self) -> bool:
        """Stop it whoever uses it. True if it was running."""
        with self._exclusive():
            return self._stop()

    def answers(self) -> bool:
        """Whether somebody listens on the socket."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            try:
                probe.connect(str(self.place.socket))
            except OSError:
                return False
            return True

    @contextlib.contextmanager
    def _exclusive(self) -> Iterator[None]:
        lock = self._open("start.lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _open(self, name: str) -> int:
        return os.open(self.place.home / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def _alone(self) -> bool:
        """Whether no other process holds the use lock; a fork shares its parent's."""
        probe = self._open("users.lock")
        try:
            fcntl.flock(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(probe)
        return True

    def _start_if_silent(self) -> None:
        if self._status() != "ready" or not self.answers():
            _Start(self.place).run()

    def _status(self) -> str:
        return postmaster(self.place)[1]

    def _stop(self) -> bool:
        pid, _ = postmaster(self.place)
        if not pid:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)  # PostgreSQL's fast shutdown: end sessions, checkpoint
        deadline = time.monotonic() + STOP_SECONDS
        while postmaster(self.place)[0] and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        return True


def postmaster(place: Place) -> tuple[int, str]:
    """The running server's process id and status; (0, "") when none is alive."""
    try:
        lines = (place.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        pid = int(lines[0])
        os.kill(pid, 0)
    except PermissionError:
        pass
    except (OSError, ValueError, IndexError):
        return 0, ""
    return pid, lines[7].strip() if len(lines) > 7 else "starting"


class _Start:
    """One start of the server, under the start lock."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.account = account_for(place.data)
        self.binaries: Binaries = binaries_for(place.data, self.account)

    def run(self) -> None:
        make_folders(self.place, self.account)
        record_base(self.place)
        if not (self.place.data / "PG_VERSION").exists():
            self._initialise()
        self._launch()
        self._make_database()

    def _initialise(self) -> None:
        fresh = self.place.base / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        self._give_away(fresh)
        options = INIT_OPTIONS[self.binaries.major >= 17]
        if self.place.profile == "test":
            options = [*options, "--no-sync"]
        self._run("initdb", ["-D", str(fresh), "-U", OWNER, *options])
        fresh.rename(self.place.data)
        if self.place.profile == "keep":
            _announce(self.place, self.account, self.binaries)

    def _launch(self) -> None:
        place = self.place
        place.log.touch(mode=0o600)
        self._give_away(place.log)
        options = run_options(place.profile, place.socket_folder, self.binaries.major)
        arguments = ["-D", str(place.data), "-l", str(place.log), "-W"]
        self._run("pg_ctl", [*arguments, "-o", shlex.join(options), "start"])
        self._await_ready(time.monotonic() + START_SECONDS)

    def _await_ready(self, deadline: float) -> None:
        # pg_ctl -W returns before the server has written its process id.
        grace = time.monotonic() + 5
        while time.monotonic() < deadline:
            pid, status = postmaster(self.place)
            # After a crash the file of the dead server may still say "ready".
            if status == "ready" and server_of(self.place).answers():
                return
            if not pid and time.monotonic() > grace:
                break
            time.sleep(POLL_SECONDS)
        raise DatabaseUnavailable(
            f"The embedded PostgreSQL did not start. The end of {self.place.log}:\n"
            + _tail(self.place.log)
        )

    def _make_database(self) -> None:
        host = str(self.place.socket_folder)
        with psycopg.connect(
            host=host, user=OWNER, dbname="postgres", autocommit=True
        ) as connection:
            known = "SELECT 1 FROM pg_database WHERE datname = %s"
            if not connection.execute(known, [DATABASE]).fetchone():
                connection.execute(f'CREATE DATABASE "{DATABASE}"')

    def _give_away(self, path: Path) -> None:
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)

    def _run(self, program: str, arguments: list[str]) -> None:
        account = self.account
        environment = {key: value for key, value in os.environ.items() if key[:2] != "PG"}
        done = subprocess.run(
            [self.binaries.program(program), *arguments],
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            cwd="/",
            env=environment | {"LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
            stderr=subprocess.STDOUT if program == "initdb" else subprocess.DEVNULL,
            start_new_session=True,
            check=False,
            text=True,
        )
        if done.returncode:
            raise DatabaseUnavailable(
                f"{program} failed for the embedded PostgreSQL in {self.place.base}:\n"
                + (done.stdout or _tail(self.place.log))
            )


def _tail(log: Path, lines: int = 15) -> str:
    try:
        return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"


def _announce(place: Place, account: Account | None, binaries: Binaries) -> None:
    print(f"Embedded PostgreSQL {binaries.major}: new database in {place.data}", file=sys.stderr)
    if account:
        why = "PostgreSQL does not run as root"
        print(f"  It runs as the system user {account.name}; {why}.", file=sys.stderr)
    if place.moved:
        why = f"that user cannot reach {place.home}"
        print(f"  It lies outside ADROIT_VAR because {why}.", file=sys.stderr)


__all__ = ["DatabaseUnavailable", "Profile", "Server", "postmaster", "server_of"]
