"""The clock: now in UTC, today where the organisation keeps its books."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from core import clock
from core.models import Organisation


@pytest.mark.parametrize(
    ("zone", "today"),
    [
        ("UTC", date(2026, 12, 31)),
        ("Pacific/Apia", date(2027, 1, 1)),
        ("America/New_York", date(2026, 12, 31)),
    ],
)
def test_today_is_the_day_of_the_organisations_zone(db: None, zone: str, today: date) -> None:
    organisation = Organisation.current()
    organisation.time_zone = zone
    organisation.save()
    with time_machine.travel(datetime(2026, 12, 31, 12, 30, tzinfo=UTC), tick=False):
        assert clock.now() == datetime(2026, 12, 31, 12, 30, tzinfo=UTC)
        assert clock.now().tzinfo == UTC
        assert clock.today() == clock.today(organisation) == today
