"""Many changes of one act: an event for each, signed like any other, and one call to who listens."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Team
from core import events
from core.events import SYSTEM, Change
from core.models import Event

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.mark.django_db
def test_many_events_in_three_statements_are_sealed_and_genuine() -> None:
    teams = [Team.plant(f"Team {n}") for n in range(20)]
    changes = [Change(team, after={"name": team.name}, team_path="0001/") for team in teams]
    before = Event.objects.count()
    with CaptureQueriesContext(connection) as asked:
        written = events.record_many(
            actor=SYSTEM, action="team.named", changes=changes, at=AT, reason="All at once."
        )
    assert len(asked) == 3
    assert Event.objects.count() == before + 20
    assert [event.subject_label for event in written] == [team.name for team in teams]
    assert {event.reason for event in written} == {"All at once."}
    events.seal(at=AT)
    assert events.verify() == []


@pytest.mark.django_db
def test_nothing_to_record_asks_nothing() -> None:
    with CaptureQueriesContext(connection) as asked:
        assert events.record_many(actor=SYSTEM, action="team.named", changes=[], at=AT) == []
    assert len(asked) == 0
