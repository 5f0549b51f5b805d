"""Run the whole product on one machine: `python -m tools.up` (`make run`).

The embedded database, pages, live stream, job workers and beat under one supervisor.
PORT (8000) is the pages' port, the live stream has the next one; HOST (127.0.0.1) is
the address to listen on. Logs go to `log/` in ADROIT_VAR.
"""

import argparse
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import environ

from config.database import APP_ROLE, ROLE_VARIABLE, database_settings
from config.places import PROJECT_ROOT, var_folder
from config.postgres.binaries import DatabaseUnavailable
from config.postgres.server import Server, server_of
from core.queues import QUICK, USUAL
from tools.supervisor import Child, Supervisor, end_with_parent, say, tail

STOPPED_ALREADY = 20.0 + 10.0


class CannotStart(Exception):
    """Something is in the way; the message says what to do."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Run Adroit on this machine.")
    parser.add_argument("--stop", action="store_true", help="end the one that is running")
    asked = parser.parse_args()
    environ.Env.read_env(PROJECT_ROOT / ".env")
    var = var_folder(os.environ)
    (var / "log").mkdir(parents=True, exist_ok=True)
    try:
        return stop_running(var) if asked.stop else run(var)
    except (CannotStart, DatabaseUnavailable) as problem:
        say(f"Adroit cannot start: {problem}")
        return 1


def run(var: Path) -> int:
    began = time.monotonic()
    port, host = int(os.environ.get("PORT") or 8000), os.environ.get("HOST") or "127.0.0.1"
    lock = only_one(var, port)
    for taken in (port, port + 1):
        refuse_taken_port(host, taken)
    os.environ.setdefault("LIVE_URL", f"http://localhost:{port + 1}/live")
    supervisor = Supervisor(children(var, host, port))
    supervisor.listen()
    server = embedded_server()
    try:
        if server:
            server.hold()
        prepare(var, supervisor)
        os.environ[ROLE_VARIABLE] = APP_ROLE
        supervisor.run(answers(host, port), lambda: welcome(var, port, time.monotonic() - began))
    finally:
        say("\nstopping ...")
        supervisor.stop()
        if server:
            server.release()
        os.close(lock)
        say("stopped")
    return 0


def only_one(var: Path, port: int) -> int:
    """Take this copy's lock; the file says who has it."""
    lock = os.open(var / "up.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _, other = os.read(lock, 100).decode().split()
        raise CannotStart(
            f"this copy already runs on http://localhost:{other}/. `make stop` ends it; a "
            "second copy needs a folder of its own, say ADROIT_VAR=var2 PORT=8100 make run."
        ) from None
    os.truncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()} {port}".encode(), 0)
    return lock


def refuse_taken_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            why = error.strerror
            raise CannotStart(f"port {port}: {why}. Choose another: PORT=8100 make run.") from None


def embedded_server() -> Server | None:
    place = database_settings(os.environ).get("EMBEDDED")
    return server_of(place) if place else None


def prepare(var: Path, supervisor: Supervisor) -> None:
    """Tables, static files and, in an empty database, the demo company."""
    done = subprocess.Popen(
        [sys.executable, "-m", "tools.prepare", str(var / "personas.txt")],
        cwd=PROJECT_ROOT,
        start_new_session=True,
        preexec_fn=end_with_parent,  # noqa: PLW1509 -- no threads are running yet
    )
    while done.poll() is None:
        if supervisor.told_to_stop:
            done.send_signal(signal.SIGTERM)
        time.sleep(0.02)
    if done.returncode and not supervisor.told_to_stop:
        raise CannotStart("the database could not be prepared; see the message above.")


def children(var: Path, host: str, port: int) -> list[Child]:
    """The programs of the product, in the order they start."""
    programs = Path(sys.executable).parent
    cores = os.cpu_count() or 2
    pages = ["gunicorn", "config.wsgi", "--bind", f"{host}:{port}", "--worker-class", "gthread"]
    pages += ["--workers", str(min(cores, 4)), "--threads", "8", "--preload", "--timeout", "60"]
    pages += ["--graceful-timeout", "10", "--no-control-socket", "--access-logfile", "-"]
    live = ["uvicorn", "config.live:app", "--host", host, "--port", str(port + 1)]
    live += ["--no-access-log", "--timeout-graceful-shutdown", "3"]
    jobs = ["celery", "-A", "config.celery"]
    alone = ["--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    most = os.environ.get("WORKERS_MAX") or str(max(2, min(cores, 4)))
    scale = f"{most},{os.environ.get('WORKERS_MIN') or '1'}"
    worker = [*jobs, "worker", "-Q", USUAL, "--autoscale", scale, *alone]
    worker += ["--hostname", f"adroit-{port}@%h"]
    # Event streams and orders never wait for an import, so they have processes of their own.
    quick = [*jobs, "worker", "-Q", QUICK, "--concurrency", "2", *alone]
    quick += ["--hostname", f"adroit-{port}-quick@%h"]
    beat = [*jobs, "beat", "--loglevel", "INFO", "--pidfile", ""]
    commands = {"pages": pages, "live": live, "worker": worker, "quick": quick, "beat": beat}
    return [
        Child(
            name,
            [str(programs / command[0]), *command[1:]],
            var / "log" / f"{name}.log",
            waits=name != "pages",
        )
        for name, command in commands.items()
    ]


def answers(host: str, port: int) -> Callable[[], bool]:
    """A question: does the first page come?"""
    address = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}/"

    def first_page_comes() -> bool:
        request = urllib.request.Request(address, headers={"Host": f"localhost:{port}"})
        try:
            with urllib.request.urlopen(request, timeout=5):
                return True
        except urllib.error.HTTPError as answer:
            return answer.code < 500
        except OSError:
            return False

    return first_page_comes


def welcome(var: Path, port: int, seconds: float) -> None:
    say(f"\nAdroit answers on http://localhost:{port}/ (after {seconds:.0f} s)\n")
    say("\n".join(tail(var / "personas.txt", 40)))
    say(f"\nLogs: {var / 'log'}   Stop: Ctrl-C\n")


def stop_running(var: Path) -> int:
    """End a supervisor that was left behind, then its database."""
    ended = False
    try:
        pid, _ = map(int, (var / "up.lock").read_text(encoding="ascii").split())
        with (var / "up.lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.kill(pid, signal.SIGTERM)
        await_lock(var / "up.lock", pid)
        ended = True
    except (OSError, ValueError):
        pass
    server = embedded_server()
    if server and server.stop():
        say("the embedded database has stopped")
    say("this copy has stopped" if ended else "nothing of this copy is running")
    return 0


def await_lock(path: Path, pid: int) -> None:
    with path.open() as lock:
        deadline = time.monotonic() + STOPPED_ALREADY
        while time.monotonic() < deadline:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.1)
            else:
                return
    raise CannotStart(f"process {pid} does not end; look at it before you kill it.")


if __name__ == "__main__":
    sys.exit(main())
