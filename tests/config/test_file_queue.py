"""The message queue of files: nothing half written, nothing lost, nothing twice."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection
from kombu.transport import TRANSPORT_ALIASES

from config.file_queue import ABANDONED_SECONDS, put_back_abandoned
from config.jobs import broker


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    url, options = broker({"ADROIT_VAR": str(tmp_path)})
    assert TRANSPORT_ALIASES["files"]
    with Connection(url, transport_options=options) as connection:
        yield connection


def messages(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "queue" / "messages").iterdir())


def test_a_message_arrives_once_and_in_order(connection: Connection) -> None:
    with connection.SimpleQueue("work") as queue:
        for number in range(20):
            queue.put({"number": number})
        assert queue.qsize() == 20
        taken = []
        for _ in range(20):
            message = queue.get(timeout=5)
            taken.append(message.payload["number"])
            message.ack()
        assert taken == list(range(20))
        with pytest.raises(Empty):
            queue.get(timeout=0.2)


def test_many_readers_take_each_message_exactly_once(tmp_path: Path) -> None:
    url, options = broker({"ADROIT_VAR": str(tmp_path)})
    seen: Counter[int] = Counter()
    lock = threading.Lock()
    enough = threading.Event()

    def read() -> None:
        with (
            Connection(url, transport_options=options) as connection,
            connection.SimpleQueue("work") as queue,
        ):
            while not enough.is_set():
                try:
                    message = queue.get(timeout=0.3)
                except Empty:
                    continue
                with lock:
                    seen[message.payload] += 1
                message.ack()

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    with (
        Connection(url, transport_options=options) as connection,
        connection.SimpleQueue("work") as queue,
    ):
        for number in range(200):
            queue.put(number)
    deadline = time.monotonic() + 20
    while sum(seen.values()) < 200 and time.monotonic() < deadline:
        time.sleep(0.05)
    enough.set()
    for reader in readers:
        reader.join()
    assert seen == Counter(range(200))


def test_a_message_is_never_seen_half_written(connection: Connection, tmp_path: Path) -> None:
    """A reader lists only names that appear when the message is whole."""
    channel = connection.channel()
    half = tmp_path / "queue" / "messages" / "1_x.work.writing"
    half.write_text('{"body": "abc')
    with pytest.raises(Empty):
        channel._get("work")
    half.rename(half.with_name("1_x.work.msg"))
    with pytest.raises(json.JSONDecodeError):
        channel._get("work")


def test_what_a_killed_reader_had_taken_returns(connection: Connection, tmp_path: Path) -> None:
    with connection.SimpleQueue("work") as queue:
        queue.put("keep me")
        waiting = messages(tmp_path)[0]
        taken = waiting.rename(waiting.with_suffix(".taken"))
        folder = taken.parent
        now = taken.stat().st_ctime
        assert put_back_abandoned(folder, now + 1) == 0, "its reader may be at it"
        assert put_back_abandoned(folder, now + ABANDONED_SECONDS + 1) == 1
        assert queue.get(timeout=5).payload == "keep me"


def test_a_reader_that_ends_without_an_answer_gives_the_message_back(tmp_path: Path) -> None:
    url, options = broker({"ADROIT_VAR": str(tmp_path)})
    first = Connection(url, transport_options=options)
    queue = first.SimpleQueue("work")
    queue.put("again")
    assert queue.get(timeout=5).payload == "again"
    queue.close()
    first.release()
    with (
        Connection(url, transport_options=options) as second,
        second.SimpleQueue("work") as queue,
    ):
        assert queue.get(timeout=5).payload == "again"


def test_binding_at_once_loses_no_queue(tmp_path: Path) -> None:
    url, options = broker({"ADROIT_VAR": str(tmp_path)})

    def bind(name: str) -> None:
        with Connection(url, transport_options=options) as connection:
            channel = connection.channel()
            channel._queue_bind("all", name, "", name)

    binders = [threading.Thread(target=bind, args=(f"queue{number}",)) for number in range(16)]
    for binder in binders:
        binder.start()
    for binder in binders:
        binder.join()
    with Connection(url, transport_options=options) as connection:
        table = connection.channel().get_table("all")
    assert {entry.queue for entry in table} == {f"queue{number}" for number in range(16)}


def test_a_given_broker_wins() -> None:
    assert broker({"CELERY_BROKER_URL": "amqp://queue.example.com"}) == (
        "amqp://queue.example.com",
        {},
    )
    _, options = broker({"CELERY_BROKER_URL": "redis://queue.example.com"})
    assert options["visibility_timeout"] > 35 * 60, "longer than a task may run"
