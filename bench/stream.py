"""Events a second through the whole way, at a lag under 5 seconds, against a raw COPY of them.

Ours begins with a POST of packed lines at the WSGI application, with token, checks and one
commit each, and ends when another process has counted the events into facts and roll-ups. The
peer is the least that any of it must do: COPY of the same events as text into a table without
a key, committed for each request. As many events are sent as are taken, without a pause; then
the time is taken from the arrival of results that miss a target to the alert of its rule.
"""

from __future__ import annotations

import gzip
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, connections, transaction
from django.test import Client

from accounts.choices import Role
from accounts.models import Membership, Team, User
from accounts.services.tokens import token_create
from automation.models import Alert
from bench._market import database
from core import clock, outbox
from core.models import OutboxItem
from integrations.choices import STREAM_FLUSH
from integrations.models import EventStream, StreamEvent, StreamFlush
from integrations.selectors.streams import share_below
from integrations.services.stream import stream_open
from integrations.services.stream.working import CHECK
from metrics.models import Target

SECONDS = 20
LINES, CAMPAIGNS, DAYS = 2_000, 50, 3
# Events a second that one of two cores must bring through, and their lag.
LEAST, MOST_LAG, MOST_REACTION = 2_000, 5.0, 60.0
KINDS = ("spend", "impressions", "clicks", "conversion")


def people() -> tuple[Team, User]:
    """A company with a manager, and a director whom its alerts reach."""
    team = Team.plant("Company")
    director = User.objects.create_user("director@bench.test", "Director")
    Membership.objects.create(user=director, team=team, role=Role.DIRECTOR)
    manager = User.objects.create_user("manager@bench.test", "Manager")
    Membership.objects.create(user=manager, team=team, role=Role.MANAGER)
    return team, manager


def lines_of(number: int, now: datetime) -> list[dict[str, Any]]:
    """The events of a request: four kinds, fifty campaigns, of today and some days late."""
    found = []
    for n in range(number * LINES, (number + 1) * LINES):
        kind = KINDS[n % len(KINDS)]
        at = now - timedelta(days=n % 97 % DAYS, seconds=n % 3_600)
        one: dict[str, Any] = {"id": f"b-{n}", "kind": kind, "at": at.isoformat()}
        one["campaign"] = f"Campaign {n % CAMPAIGNS}"
        if kind == "spend":
            one["amount"] = f"{n % 500}.{n % 89:02}"
        else:
            one["count"] = n % 9 + 1
        found.append(one)
    return found


def packed(lines: list[dict[str, Any]]) -> bytes:
    return gzip.compress("\n".join(map(json.dumps, lines)).encode(), 1)


class Sender:
    """Another system with its token."""

    def __init__(self, stream: EventStream, user: User) -> None:
        _, secret = token_create(user=user, name="Bench", access="events", days=1, at=clock.now())
        self.url = f"/api/v1/events?stream={stream.source.key}"
        self.headers = {"Authorization": f"Bearer {secret}", "Content-Encoding": "gzip"}
        self.client, self.waits = Client(headers=self.headers), 0

    def post(self, body: bytes) -> int:
        """How many events were accepted; waits when it is asked to."""
        while True:
            answer = self.client.post(self.url, body, content_type="application/x-ndjson")
            if answer.status_code == 202:
                return int(answer.json()["accepted"])
            if answer.status_code != 429:
                raise SystemExit(f"{answer.status_code}: {answer.content.decode()[:500]}")
            self.waits += 1
            time.sleep(float(answer["Retry-After"]))


@contextmanager
def worker() -> Iterator[None]:
    """A process that does what workers do for streams, until the block ends."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        _count_for_ever()
    try:
        yield
    finally:
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)


def _count_for_ever() -> None:
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    while True:
        for pk in OutboxItem.objects.filter(kind=STREAM_FLUSH, state="pending").values_list(
            "pk", flat=True
        ):
            outbox.deliver(pk, now=clock.now(), clock=clock.now)
        time.sleep(0.05)


def flood(sender: Sender) -> tuple[int, float]:
    """Events accepted, and the seconds that sending took (making them is not counted)."""
    accepted, spent, number = 0, 0.0, 0
    while spent < SECONDS:
        print(f"\r  {spent:4.0f} of {SECONDS} s, {accepted:,} events", end="", file=sys.stderr)
        body = packed(lines_of(number, clock.now()))
        began = time.perf_counter()
        accepted += sender.post(body)
        spent += time.perf_counter() - began
        number += 1
    print("\r", end="", file=sys.stderr)
    return accepted, spent


def until_counted(stream: EventStream) -> None:
    while True:
        stream.refresh_from_db()
        newest = (
            StreamEvent.objects.filter(stream=stream).order_by("-pk").values_list("pk", flat=True)
        )
        if stream.counted_event >= (newest.first() or 0):
            return
        time.sleep(0.1)


def raw_copy(requests: int) -> float:
    """Events a second of a bare COPY, one commit a request."""
    now = clock.now()
    bodies = [
        "\n".join(
            "\t".join(
                (one["id"], one["kind"], one["at"], one["campaign"], str(one.get("count", 0)))
            )
            for one in lines_of(number, now)
        ).encode()
        for number in range(requests)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_raw (id text, kind text, at timestamptz, campaign text, n text)"
        )
        began = time.perf_counter()
        for body in bodies:
            with transaction.atomic(), cursor.copy("COPY bench_raw FROM STDIN") as copy:
                copy.write(body)
        took = time.perf_counter() - began
        cursor.execute("DROP TABLE bench_raw")
    return requests * LINES / took


def reaction(sender: Sender, team: Team, user: User) -> float | None:
    """Seconds from the arrival of a week's poor results to the alert that its target is missed."""
    today = clock.today()
    first, last = today - timedelta(days=40), today - timedelta(days=34)
    Target.objects.create(
        metric="conversions",
        team=team,
        first_day=first,
        last_day=last,
        value_micros=10**15,
        owner=user,
    )
    lines = [
        {"id": f"late-{n}", "kind": "conversion", "campaign": "Campaign 1", "count": 5,
         "at": f"{first + timedelta(days=n)}T12:00:00Z"}
        for n in range(7)
    ]  # fmt: skip
    began = clock.now()
    sender.post(packed(lines))
    while clock.now() - began < timedelta(minutes=2):
        for pk in OutboxItem.objects.filter(kind=CHECK, state="pending").values_list(
            "pk", flat=True
        ):
            outbox.deliver(pk, now=clock.now(), clock=clock.now)
        alert = Alert.objects.filter(team=team).order_by("pk").first()
        if alert:
            return (clock.now() - began).total_seconds()
        time.sleep(0.2)
    return None


def main() -> int:
    settings.ALLOWED_HOSTS = ["*"]
    with database():
        team, user = people()
        stream = stream_open(
            user=user,
            team=team,
            name="Bench",
            currency="EUR",
            time_zone="Europe/Berlin",
            at=clock.now(),
        )
        sender = Sender(stream, user)
        with worker():
            # The first event loads the application on both sides; in use both are there already.
            sender.post(packed(lines_of(0, clock.now())[:1]))
            until_counted(stream)
            warm = StreamFlush.objects.filter(stream=stream).count()
            accepted, spent = flood(sender)
            until_counted(stream)
            took = reaction(sender, team, user)
        flushes = list(StreamFlush.objects.filter(stream=stream).order_by("pk")[warm:])
        peer = raw_copy(max(accepted // LINES // 4, 1))
    return _told(accepted / spent, peer, flushes, took, sender.waits)


def _told(
    rate: float, peer: float, flushes: list[StreamFlush], took: float | None, waits: int
) -> int:
    lags = [(share_below(flushes, f"lag_p{n}", n / 100) or 0) / 1000 for n in (50, 95)]
    passes = [rate >= LEAST, lags[1] < MOST_LAG, took is not None and took <= MOST_REACTION]
    words = ["pass" if one else "MISS" for one in passes]
    print(
        f"events a second, sent to counted {rate:10,.0f}   raw COPY {peer:12,.0f}   ratio {rate / peer:.4f}   goal >= {LEAST:,}   {words[0]}"
    )
    print(
        f"from arrival to visible, p50/p95  {lags[0]:.2f} s / {lags[1]:.2f} s   in {len(flushes)} micro-batches, asked to wait {waits} times   goal p95 < {MOST_LAG:.0f} s   {words[1]}"
    )
    shown = "no alert" if took is None else f"{took:.1f} s"
    print(f"from arrival to the rule's alert  {shown}   goal <= {MOST_REACTION:.0f} s   {words[2]}")
    print(
        "Fails when fewer events come through, when they are seen later, or when the alert is late."
    )
    return 0 if all(passes) else 1


if __name__ == "__main__":
    sys.exit(main())
