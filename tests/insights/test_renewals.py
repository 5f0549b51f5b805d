"""Contracts that come up and tools that nobody uses reach their owners once, and end when dealt with."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from automation.models import Alert
from budgets.models import ToolUse
from budgets.services.tools import tool_cancel, tool_change
from insights.models import Finding
from insights.services import daily_check
from tests.budgets.tools import make_tool
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.feature("2.9")]

# Notice for a contract of 1 January is due on 2 December.
NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)


def check(days: int = 0) -> dict[str, int]:
    return daily_check(now=NOW + timedelta(days=days))["tools"]


def test_a_renewal_is_one_alert_of_the_owner_until_it_is_renewed(cast: Cast) -> None:
    tool = make_tool(cast)
    assert check(-30)["opened"] == 0
    assert [check(day)["opened"] for day in (0, 1, 2)] == [1, 0, 0]
    alert = Alert.objects.get()
    assert alert.owner == cast.manager
    assert "notice can be given until 2 Dec" in alert.title
    assert alert.severity == "warning"
    tool_change(tool=tool, user=cast.manager, fields={"renews_on": date(2028, 1, 1)}, at=NOW)
    assert check(3)["ended"] == 1
    assert Alert.objects.get().state == Alert.State.RECOVERED


def test_the_last_week_is_critical_and_a_cancellation_ends_it(cast: Cast) -> None:
    tool = make_tool(cast)
    check(4)
    assert Alert.objects.get().severity == "critical"
    tool_cancel(tool=tool, user=cast.manager, reason="Nobody used it", at=NOW)
    assert check(5)["ended"] == 1


def test_the_next_renewal_is_another_alert(cast: Cast) -> None:
    make_tool(cast)
    check()
    check(60)
    check(366)
    assert Finding.objects.filter(kind="renewal").count() == 2


def test_a_tool_with_empty_seats_is_told_more_quietly(cast: Cast) -> None:
    tool = make_tool(cast, renews_on=date(2027, 12, 1))
    assert not any(check().values())
    count = ToolUse.objects.create(tool=tool, day=date(2026, 11, 1), active_users=8, source="x")
    check()
    found = Finding.objects.get()
    assert (found.kind, found.evidence["severity"]) == ("unused_tool", "info")
    assert "20\u202f% of its seats" in found.title
    assert found.stake_micros == 14_400_000_000
    ToolUse.objects.filter(pk=count.pk).update(active_users=13)
    assert check(1)["ended"] == 1


def test_an_old_count_says_nothing(cast: Cast) -> None:
    tool = make_tool(cast, renews_on=date(2027, 12, 1))
    ToolUse.objects.create(tool=tool, day=date(2026, 5, 1), active_users=1, source="x")
    assert not any(check().values())
