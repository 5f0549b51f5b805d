"""The supervisor keeps programs running and stops them in an orderly way."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools.supervisor import Child, Supervisor, meaning, tail

PYTHON = sys.executable


def script(folder: Path, name: str, code: str) -> Child:
    return Child(name, [PYTHON, "-c", code], folder / f"{name}.log")


def eventually(holds: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.02)
    return False


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def forever(tmp_path: Path) -> Iterator[Child]:
    child = script(tmp_path, "forever", "import time; print('up', flush=True); time.sleep(60)")
    yield child
    child.kill()


def test_a_child_writes_its_log_and_leads_its_own_session(forever: Child) -> None:
    forever.start()
    assert forever.process
    assert eventually(lambda: tail(forever.log, 1) == ["up"])
    assert os.getsid(forever.process.pid) == forever.process.pid


def test_a_dead_child_starts_again_after_a_growing_pause(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    child = script(tmp_path, "weak", "print('the reason'); raise SystemExit(3)")
    now = time.monotonic()
    child.watch(now)
    pauses = []
    for _ in range(3):
        assert child.process
        child.process.wait()
        child.watch(now)
        assert not child.running(), "not before the pause is over"
        pauses.append(child.pause)
        now = child.next_start
        child.watch(now)
    child.kill()
    assert pauses == [1.0, 2.0, 4.0]
    said = capsys.readouterr().out
    assert "weak ended (code 3), starts again in 1 s" in said
    assert "weak | the reason" in said


def test_stop_asks_first_and_kills_what_does_not_listen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tools.supervisor.STOP_SECONDS", 0.5)
    polite = script(
        tmp_path,
        "polite",
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('bye', flush=True), sys.exit(0)))\n"
        "print('up', flush=True); time.sleep(60)",
    )
    deaf = script(
        tmp_path,
        "deaf",
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('up', flush=True); time.sleep(60)",
    )
    for child in (polite, deaf):
        child.start()
    assert eventually(lambda: tail(polite.log, 1) == tail(deaf.log, 1) == ["up"])
    Supervisor([polite, deaf]).stop()
    assert polite.process
    assert deaf.process
    assert (polite.process.returncode, deaf.process.returncode) == (0, -signal.SIGKILL)
    assert tail(polite.log, 1) == ["bye"]
    assert "still running: deaf" in capsys.readouterr().out


def test_what_a_child_left_behind_is_ended_too(tmp_path: Path) -> None:
    parent = script(
        tmp_path,
        "parent",
        "import subprocess, sys, time\n"
        "left = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(left.pid, flush=True); time.sleep(60)",
    )
    parent.start()
    assert eventually(lambda: bool(tail(parent.log, 1)))
    left = int(tail(parent.log, 1)[0])
    Supervisor([parent]).stop()
    assert eventually(lambda: not alive(left) or _is_zombie(left))


def _is_zombie(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    return status.rpartition(") ")[2].startswith("Z")


def test_it_runs_until_told_and_announces_once(forever: Child) -> None:
    supervisor = Supervisor([forever])
    previous = {
        number: signal.getsignal(number)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    announced: list[str] = []
    try:
        supervisor.listen()
        threading.Timer(0.8, os.kill, [os.getpid(), signal.SIGTERM]).start()
        supervisor.run(forever.running, lambda: announced.append("ready"))
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    supervisor.stop()
    assert announced == ["ready"]
    assert not forever.running()


def test_a_signal_that_arrives_twice_at_once_does_not_insist() -> None:
    supervisor = Supervisor([])
    supervisor._told_to_stop()
    supervisor._told_to_stop()
    assert supervisor.told_to_stop
    assert not supervisor.insisted
    supervisor._told_at -= 2
    supervisor._told_to_stop()
    assert supervisor.insisted


def test_a_large_log_is_put_aside(forever: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.supervisor.LOG_BYTES", 10)
    forever.log.write_text("much older output\n", encoding="utf-8")
    forever.start()
    assert eventually(lambda: tail(forever.log, 2) == ["up"])
    assert "older" in forever.log.with_suffix(".log.1").read_text(encoding="utf-8")


def test_return_codes_are_said_in_words() -> None:
    assert meaning(1) == "code 1"
    assert meaning(-9) == "killed by SIGKILL"
