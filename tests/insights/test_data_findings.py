"""The daily check sees that data stopped to come, or came without its results."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from automation.models import Alert
from campaigns.models import CampaignLine
from insights.models import Finding
from insights.services import daily_check
from tests.cast import Cast
from tests.world import load_rows, make_line

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
SOURCE = 7


def deliver(line: CampaignLine, days: int, until: int = 0, conversions: str = "30") -> None:
    """One delivery a morning, the last one ``until`` days ago."""
    for ago in range(days + until, until, -1):
        morning = NOW - timedelta(days=ago - 1, hours=1)
        row = {"line": line, "day": morning.date() - timedelta(days=1), "clicks": 400}
        load_rows(
            [row | {"spend": "50", "conversions": conversions}],
            known_at=morning,
            source=SOURCE,
        )


def check(days: int = 0) -> dict[str, int]:
    return daily_check(now=NOW + timedelta(days=days))["data"]


@pytest.mark.feature("4.6")
def test_a_source_that_fell_silent_is_one_finding_until_it_is_back(cast: Cast) -> None:
    line = make_line(cast)
    deliver(line, 20, until=3)
    assert check()["opened"] == 1
    assert check(1) == {"opened": 0, "kept": 1, "ended": 0}
    found = Finding.objects.get()
    assert found.kind == Finding.Kind.STALE_DATA
    assert found.title == f"Source {SOURCE} has brought nothing new for 4 days"
    assert "It delivered on 20 days" in found.reason
    assert found.team == cast.dach
    assert Alert.objects.get().owner == cast.director
    deliver(line, 1, until=-2)
    assert check(2)["ended"] == 1
    assert Alert.objects.get().state == Alert.State.RECOVERED


def test_a_source_on_time_and_a_single_file_are_silent(cast: Cast) -> None:
    deliver(make_line(cast), 20)
    old = {"line": make_line(cast), "day": date(2026, 9, 1), "clicks": 9}
    load_rows([old], known_at=datetime(2026, 10, 1, tzinfo=UTC), source=SOURCE + 1)
    assert not any(check().values())


def test_of_paused_work_nothing_is_expected(cast: Cast) -> None:
    deliver(make_line(cast, status="paused"), 20, until=5)
    assert not any(check().values())


@pytest.mark.feature("4.12")
def test_a_lost_tag_is_found_on_the_second_day(cast: Cast) -> None:
    line = make_line(cast)
    deliver(line, 30, until=2)
    deliver(line, 2, conversions="0")
    check()
    found = Finding.objects.get()
    assert found.title == f"Source {SOURCE} reports no conversions since 20 Nov 2026"
    assert found.evidence["severity"] == "critical"
    deliver(line, 1, until=-1)
    assert check(1)["ended"] == 1


def test_few_conversions_may_be_none_by_chance(cast: Cast) -> None:
    line = make_line(cast)
    deliver(line, 30, until=2, conversions="2")
    deliver(line, 2, conversions="0")
    assert not any(check().values())
