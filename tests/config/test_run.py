"""`make run` as a whole: it starts, heals, refuses a second one, and leaves nothing behind."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.places import PROJECT_ROOT
from config.postgres.place import place_for
from config.postgres.server import Server, postmaster
from tools import up

pytestmark = pytest.mark.drill

DELIVERED = "core.tasks.deliver["


@dataclass
class Running:
    """A product of its own, started by the test."""

    var: Path
    port: int
    process: subprocess.Popen[str]

    @property
    def said(self) -> str:
        return (self.var / "screen.txt").read_text(encoding="utf-8")

    def log(self, name: str) -> str:
        return (self.var / "log" / f"{name}.log").read_text(encoding="utf-8")


def free_ports() -> int:
    """A port with a free one behind it."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def environment(var: Path, port: int) -> dict[str, str]:
    own = {"ADROIT_VAR": str(var), "PORT": str(port), "DEMO": "no", "TICK_SECONDS": "2"}
    own |= {"LIVE_URL": "", "SITE_URL": ""}
    kept = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    return {key: value for key, value in (kept | own).items() if value}


def eventually(holds: Callable[[], object], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.1)
    return False


def settled(count: Callable[[], int], quiet: float = 3) -> int:
    """The count once it has stayed the same: what was due at the start is through."""
    deadline, last = time.monotonic() + 60, count()
    while time.monotonic() < deadline:
        time.sleep(quiet)
        now = count()
        if now == last:
            return now
        last = now
    raise AssertionError(f"still counting after a minute: {last}")


def status(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            code: int = answer.status
            return code
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    var, port = Path(tempfile.mkdtemp(prefix="adr-")), free_ports()
    with (var / "screen.txt").open("w") as screen:
        process = subprocess.Popen(
            [sys.executable, "-m", "tools.up"],
            cwd=PROJECT_ROOT,
            env=environment(var, port),
            stdout=screen,
            stderr=subprocess.STDOUT,
            text=True,
        )
    found = Running(var, port, process)
    assert eventually(lambda: "Adroit answers on" in found.said or process.poll(), 240), found.said
    assert process.poll() is None, found.said
    yield found
    process.kill()
    process.wait()
    Server(place_for(var, "keep")).stop()
    shutil.rmtree(var)


def children(name: str, running: Running) -> list[int]:
    """Process ids of the programs whose command line holds `name`, this copy's only."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().decode().replace("\0", " ")
            parent = int((folder / "stat").read_text().rpartition(") ")[2].split()[1])
        except OSError:
            continue
        if name in command and parent == running.process.pid:
            found.append(int(folder.name))
    return found


def test_it_answers_and_says_where(running: Running) -> None:
    assert f"http://localhost:{running.port}/" in running.said
    assert 200 <= status(f"http://localhost:{running.port}/accounts/login/") < 400


def test_the_live_stream_listens_on_the_next_port_to_who_is_signed_in(running: Running) -> None:
    address = f"http://localhost:{running.port + 1}/live"
    assert eventually(lambda: status(address), 20), running.log("live")
    assert status(address) == 401


def test_jobs_are_worked_off_and_beat_ticks(running: Running) -> None:
    assert eventually(lambda: "ready." in running.log("worker"), 30), running.log("worker")
    assert eventually(lambda: "Sending due task" in running.log("beat"), 45), running.log("beat")
    assert eventually(lambda: "succeeded" in running.log("worker"), 30), running.log("worker")
    assert "Traceback" not in running.log("worker")


def test_what_a_process_asks_for_wakes_the_worker_at_once(running: Running) -> None:
    """Not only at the next sweep: pages and commands speak to the worker's own queue."""
    assert eventually(lambda: "ready." in running.log("worker"), 30), running.log("worker")
    before = settled(lambda: running.log("worker").count(DELIVERED))
    wake = "from core.tasks import wake; wake(987654321)"
    subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", wake],
        cwd=PROJECT_ROOT,
        env=environment(running.var, running.port),
        timeout=60,
        check=True,
    )
    assert eventually(lambda: running.log("worker").count(DELIVERED) > before, 10), running.log(
        "worker"
    )


def test_a_program_that_dies_comes_back(running: Running) -> None:
    (live,) = children("config.live:app", running)
    os.kill(live, signal.SIGKILL)
    assert eventually(lambda: "live ended (killed by SIGKILL)" in running.said, 10), running.said
    address = f"http://localhost:{running.port + 1}/live"
    assert eventually(lambda: status(address) == 401, 30), running.log("live")


def test_a_second_one_is_refused_and_told_how(running: Running) -> None:
    again = subprocess.run(
        [sys.executable, "-m", "tools.up"],
        cwd=PROJECT_ROOT,
        env=environment(running.var, running.port),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert again.returncode == 1
    assert f"already runs on http://localhost:{running.port}/" in again.stdout


def test_a_command_beside_it_uses_the_same_database(running: Running) -> None:
    place = place_for(running.var, "keep")
    before = postmaster(place)[0]
    code = "from django.db import connection as c; c.ensure_connection(); print(c.settings_dict['HOST'])"
    beside = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
        cwd=PROJECT_ROOT,
        env=environment(running.var, running.port),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert beside.stdout.strip() == str(place.socket_folder)
    assert postmaster(place)[0] == before != 0


def test_it_stops_in_order_and_leaves_nothing_running(running: Running) -> None:
    programs = [
        pid for name in ("gunicorn", "uvicorn", "celery") for pid in children(name, running)
    ]
    assert len(programs) == 5
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(timeout=40) == 0
    assert "still running" not in running.said, running.said
    assert not [pid for pid in programs if Path("/proc", str(pid)).exists()]
    assert postmaster(place_for(running.var, "keep")) == (0, "")
    assert status(f"http://localhost:{running.port}/") == 0


def test_a_taken_port_is_explained() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(up.CannotStart, match="Choose another"):
            up.refuse_taken_port("127.0.0.1", taken.getsockname()[1])
