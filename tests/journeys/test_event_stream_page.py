"""The page of event streams as people see it: empty, busy, and with refused lines."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core import clock
from integrations.models import ImportRun
from tests.cast import Cast
from tests.integrations.streams import Ticking, count, event, make_stream, send
from tests.journeys.shots import Shots

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_page_of_streams(shots: Shots, cast: Cast) -> None:
    shots.sign_in(cast.manager)
    shots.tour("/imports/stream/", "stream-none")
    stream = make_stream(cast)
    make_stream(cast, "App events")
    now = clock.now()
    for minute in range(40, 0, -2):
        at = now - timedelta(minutes=minute)
        lines = [
            event(f"{minute}-{n}", kind, at=at.isoformat(), **fields)
            for n in range(minute % 7 + 3)
            for kind, fields in (
                ("spend", {"amount": "1.25"}),
                ("conversion", {"value": "80"}),
                ("product", {"name": "signup"}),
            )
        ]
        for number, line in enumerate(lines):
            line["id"] = f"{minute}-{number}"
        bad = [event(f"bad-{minute}", amount="a lot", at=at.isoformat())] if minute % 8 == 0 else []
        send(cast, stream, [*lines, *bad], at=at)
        count(Ticking(at + timedelta(seconds=0.8 + minute % 5 / 2)))
    shots.tour(f"/imports/stream/?stream={stream.pk}", "stream")
    shots.tour(f"/imports/{ImportRun.objects.latest('pk').pk}/", "stream-run")
