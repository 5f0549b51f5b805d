"""Jobs through real brokers: a worker of ours takes, does and acknowledges them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from celery import Celery
from kombu import Connection

from config.places import PROJECT_ROOT

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

BROKERS = {"redis": "SERVICES_REDIS_URL", "rabbitmq": "SERVICES_RABBITMQ_URL"}


@pytest.fixture(params=sorted(BROKERS))
def broker_url(request: pytest.FixtureRequest) -> str:
    url = os.environ.get(BROKERS[request.param], "")
    if not url:
        pytest.skip(f"{request.param} does not answer on this machine")
    return url


@pytest.fixture
def queue(broker_url: str) -> Iterator[str]:
    """A queue of its own, removed afterwards."""
    name = f"adroit-test-{os.getpid()}-{time.monotonic_ns()}"
    yield name
    with Connection(broker_url) as connection, connection.channel() as channel:
        channel.queue_delete(name)


class Worker:
    """A worker process on one queue."""

    def __init__(self, url: str, queue: str, database_url: str, log: Path) -> None:
        self.log = log
        command = [sys.executable, "-m", "celery", "-A", "config.celery", "worker", "-Q", queue]
        options = ["--concurrency", "1", "--loglevel", "INFO", "--hostname", f"{queue}@%h"]
        own = {"CELERY_BROKER_URL": url, "DATABASE_URL": database_url}
        with log.open("w") as output:
            self.process = subprocess.Popen(
                [*command, *options, "--without-gossip", "--without-mingle"],
                cwd=PROJECT_ROOT,
                env=os.environ | own,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self, text: str, seconds: float = 40) -> bool:
        return eventually(lambda: text in self.log.read_text(encoding="utf-8"), seconds)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)


def waiting(url: str, queue: str) -> int:
    """How many jobs wait; Redis knows no queue that is empty."""
    with Connection(url) as connection, connection.channel() as channel:
        try:
            return int(channel.queue_declare(queue, passive=True).message_count)
        except connection.channel_errors:
            return 0


def eventually(holds: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.1)
    return False


def test_a_job_is_done_once_and_acknowledged(
    broker_url: str, queue: str, database_url: str, tmp_path: Path
) -> None:
    Celery(broker=broker_url).send_task("core.tasks.tick", queue=queue)
    worker = Worker(broker_url, queue, database_url, tmp_path / "worker.log")
    done = worker.said("core.tasks.tick") and worker.said("succeeded")
    assert worker.stop() == 0
    log = (tmp_path / "worker.log").read_text(encoding="utf-8")
    assert done, log
    assert log.count("succeeded") == 1
    assert waiting(broker_url, queue) == 0, "acknowledged, so it does not come again"


def test_a_job_waits_for_a_worker_that_comes_later(
    broker_url: str, queue: str, database_url: str, tmp_path: Path
) -> None:
    Celery(broker=broker_url).send_task("core.tasks.tick", queue=queue)
    assert eventually(lambda: waiting(broker_url, queue) == 1, 5)
    worker = Worker(broker_url, queue, database_url, tmp_path / "worker.log")
    assert worker.said("succeeded"), (tmp_path / "worker.log").read_text(encoding="utf-8")
    worker.stop()
