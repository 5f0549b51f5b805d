"""The daily check finds by itself that a campaign's return falls month after month."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from automation.models import Alert
from campaigns.models import CampaignLine
from insights.models import Finding
from insights.services import daily_check
from tests.cast import Cast
from tests.world import load_days, make_line

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)


def _load(line: CampaignLine, returns: dict[int, float], year: int = 2026) -> None:
    """Spend of 100 a day and a return that differs by month, with a weekly rhythm."""
    rows: dict[date, dict[str, int | str | Decimal | None]] = {}
    for day in _days(
        date(year, min(returns), 1), date(year, max(returns) + 1, 1) - timedelta(days=1)
    ):
        spend = 100 + 8 * (day.weekday() - 3)
        wobble = 1 + 0.03 * ((day.toordinal() * 7919) % 11 - 5) / 5
        revenue = spend * returns[day.month] * wobble
        rows[day] = {"spend": f"{spend}", "revenue": f"{revenue:.2f}", "clicks": 50}
    load_days(line, rows)


FALLING = {6: 4.1, 7: 4.0, 8: 4.05, 9: 3.2, 10: 2.4}
STEADY = {6: 4.0, 7: 4.05, 8: 3.95, 9: 4.02, 10: 4.0}


@pytest.mark.feature("4.6")
def test_a_falling_return_opens_one_alert_for_the_owner(cast: Cast) -> None:
    line = make_line(cast, name="Winter", channel="search")
    _load(line, FALLING)
    _load(make_line(cast, name="Other"), STEADY)
    for day in range(5):
        daily_check(now=NOW + timedelta(days=day))
    finding = Finding.objects.get(kind=Finding.Kind.TREND)
    assert finding.campaign == line.campaign
    assert finding.kind == Finding.Kind.TREND
    assert "2 months in a row" in finding.title
    assert Alert.objects.get().owner == cast.manager
    values = [round(float(p["value"]), 1) for p in finding.evidence["periods"]]
    assert values == [4.1, 4.0, 4.0, 3.2, 2.4] or values == [4.1, 4.0, 4.1, 3.2, 2.4]


def test_a_campaign_of_long_ago_is_judged_by_its_own_last_days(cast: Cast) -> None:
    _load(make_line(cast, name="Old file"), FALLING, year=2020)
    daily_check(now=NOW)
    assert Finding.objects.get(kind=Finding.Kind.TREND).window_end == date(2020, 10, 31)


def test_a_steady_return_is_no_finding(cast: Cast) -> None:
    _load(make_line(cast), STEADY)
    assert daily_check(now=NOW)["trend"] == {"opened": 0, "kept": 0, "ended": 0}


def test_a_finding_ends_and_the_alert_recovers_when_the_return_does(cast: Cast) -> None:
    line = make_line(cast)
    _load(line, FALLING)
    daily_check(now=NOW)
    _load(line, {**FALLING, 10: 4.3})
    daily_check(now=NOW + timedelta(days=1))
    assert Finding.objects.get(kind=Finding.Kind.TREND).ended_at
    assert Alert.objects.get().state == Alert.State.RECOVERED


def test_paused_campaigns_are_not_judged(cast: Cast) -> None:
    _load(make_line(cast, status="paused"), FALLING)
    daily_check(now=NOW)
    assert not Finding.objects.exists()
