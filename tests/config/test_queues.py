"""Work that takes minutes never stands before the counting of events: they have queues of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from kombu import Connection

from config.celery import app
from core import outbox, tasks
from core.models import Heartbeat, OutboxItem
from core.queues import QUICK, USUAL
from integrations.choices import IMPORT, PLATFORM_ORDER, STREAM_FLUSH, SYNC
from integrations.services.stream.working import check_rules
from tests.cast import Cast
from tests.integrations.streams import count, event, make_stream, send
from tests.world import AT
from tools.up import children

pytestmark = pytest.mark.feature("3.6")


def _queue(kind: str, **payload: Any) -> str:
    return outbox.queue_of(outbox.enqueue(kind, f"{kind}:1", payload, at=AT).pk)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "queue"),
    [(STREAM_FLUSH, QUICK), (PLATFORM_ORDER, QUICK), (IMPORT, USUAL), (SYNC, USUAL),
     ("schedule", USUAL), ("insights.check", USUAL)],
)  # fmt: skip
def test_every_kind_goes_to_its_queue(kind: str, queue: str) -> None:
    assert _queue(kind) == queue


def test_the_look_at_counted_events_is_quick_as_well(cast: Cast) -> None:
    stream = make_stream(cast)
    send(cast, stream, [event(1)])
    count()
    check_rules(stream.pk, AT)
    item = OutboxItem.objects.get(key__startswith="check:stream:")
    assert outbox.queue_of(item.pk) == QUICK


@pytest.mark.django_db
def test_waking_sends_the_message_to_the_queue_of_the_item(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[Any, str]] = []
    monkeypatch.setattr(
        tasks.deliver, "apply_async", lambda args, queue: sent.append((args[0], queue))
    )
    flush = outbox.enqueue(STREAM_FLUSH, "a", {}, at=AT)
    file = outbox.enqueue(IMPORT, "b", {}, at=AT)
    outbox.sweep(now=AT)
    assert sent == [(flush.pk, QUICK), (file.pk, USUAL)]


def test_a_message_for_one_queue_is_not_taken_from_the_other(tmp_path: Path) -> None:
    from config.jobs import broker

    url, options = broker({"ADROIT_VAR": str(tmp_path)})
    with Connection(url, transport_options=options) as held:
        queues = {queue.name: queue(held.default_channel) for queue in app.conf.task_queues}
        with held.Producer() as producer:
            for queue in queues.values():
                producer.publish(
                    queue.name, exchange=queue.exchange, routing_key=queue.routing_key,
                    declare=[queue],
                )  # fmt: skip
        taken = {name: queue.get(no_ack=True) for name, queue in queues.items()}
        assert {name: message.payload for name, message in taken.items() if message} == {
            USUAL: USUAL,
            QUICK: QUICK,
        }
        assert queues[QUICK].get(no_ack=True) is None


def test_the_supervisor_starts_a_worker_for_each_queue(tmp_path: Path) -> None:
    taken = {
        child.name: child.command[child.command.index("-Q") + 1]
        for child in children(tmp_path, "127.0.0.1", 8000)
        if "-Q" in child.command
    }
    assert taken == {"worker": USUAL, "quick": QUICK}


@pytest.mark.django_db
def test_a_queue_that_nobody_takes_from_is_named_on_the_home(monkeypatch: Any) -> None:
    from reporting.selectors.home import system_health

    def said() -> str:
        return next(part.state for part in system_health(AT) if "event streams" in part.name)

    assert said() == "never heard of"
    monkeypatch.setattr("core.clock.now", lambda: AT)
    tasks.quick_worker_heard()
    assert Heartbeat.objects.filter(name="quick").exists()
    assert said().startswith("heard")
