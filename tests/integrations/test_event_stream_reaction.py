"""From an event's arrival to the alert of the rule it trips: within the minute, measured and shown."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from automation.models import Alert
from campaigns.models import Campaign
from core import outbox
from core.models import OutboxItem
from integrations.models import StreamFlush
from integrations.selectors.streams import health_of, pieces_of
from integrations.services.stream.working import CHECK, CHECK_EVERY
from tests.budgets.world import create_world
from tests.cast import Cast
from tests.integrations.streams import NOW, Ticking, count, event, make_stream, send

FIRST = date(2026, 9, 1)


def look(clock: Ticking) -> int:
    """Do the checks that wait; how many there were."""
    items = list(OutboxItem.objects.filter(kind=CHECK, state="pending").order_by("pk"))
    for item in items:
        assert outbox.deliver(item.pk, now=clock(), clock=clock), OutboxItem.objects.get(pk=item.pk)
    return len(items)


@pytest.mark.feature("8.10")
def test_spend_that_breaks_a_plan_is_an_alert_within_the_minute(cast: Cast) -> None:
    create_world(cast)
    Campaign.objects.update(status="live")
    stream, clock = make_stream(cast), Ticking()
    days = [FIRST + timedelta(days=n) for n in range(82)]
    ticks = [
        event(n, campaign="Winter Display", amount="5000", at=f"{day}T10:00:00Z")
        for n, day in enumerate(days)
    ]
    send(cast, stream, ticks, at=clock())
    count(clock)
    assert look(clock) == 1
    alert = Alert.objects.get()
    assert "Display DE of DACH heads for" in alert.title
    assert (alert.opened_at - NOW).total_seconds() <= 60
    found = health_of(stream, clock())
    assert found.reaction is not None
    assert 0 < found.reaction <= 60_000
    assert (found.backlog, found.error, found.events_a_minute) == (0, "", 82 // 5)
    assert sum(piece.events for piece in pieces_of(stream, "hour", clock())) == 82


@pytest.mark.feature("8.10")
def test_rules_look_again_after_every_few_seconds_of_events_and_miss_none(cast: Cast) -> None:
    stream, clock = make_stream(cast), Ticking()
    for number in range(12):
        send(cast, stream, [event(number)], at=clock())
        count(clock)
        look(clock)
        clock.pause(1)
    looks = (
        OutboxItem.objects.filter(kind=CHECK).order_by("pk").values_list("created_at", flat=True)
    )
    assert all(later - sooner >= CHECK_EVERY for sooner, later in pairwise(looks))
    assert not StreamFlush.objects.filter(batch__isnull=False, check_item=None).exists()
    assert 0 < (health_of(stream, clock()).reaction or 0) <= 60_000
