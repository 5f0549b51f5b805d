"""Failed payments and drops in usage raise an alert when they are imported, and recover."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from automation.models import Alert, Notification
from tests.cast import Cast
from tests.customers.files import COMPANIES, PAYMENTS, bring_in
from tests.world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.feature("4.10")]
LAST = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def account(cast: Cast) -> None:
    bring_in(cast, COMPANIES)


def usage(recent: int, before: int, *, weeks_before: int = 5) -> str:
    """Events a day in the last week and in the weeks before it."""
    lines = ["Usage date,Account ID,Usage events"]
    for back in range(7 * (weeks_before + 1)):
        events = recent if back < 7 else before
        lines.append(f"{LAST - timedelta(days=back)},77,{events}")
    return "\n".join(lines) + "\n"


def test_a_failed_payment_raises_an_alert_with_its_reason(cast: Cast) -> None:
    bring_in(cast, PAYMENTS)
    alert = Alert.objects.get()
    assert alert.title == "A payment of €49.00 of Müller GmbH failed"
    assert "card expired" in alert.reason
    assert (alert.team, alert.owner, alert.severity) == (cast.dach, cast.director, "warning")
    assert Notification.objects.filter(user=cast.director).count() == 1


def test_one_alert_until_it_is_paid(cast: Cast) -> None:
    bring_in(cast, PAYMENTS)
    again = PAYMENTS + "p3,2026-11-22,Failed,card expired,49.00,EUR,77\n"
    bring_in(cast, again, at=AT + timedelta(hours=1))
    alert = Alert.objects.get()
    assert alert.severity == "critical"  # the second in a row
    paid = again + "p4,2026-11-22,Paid,,49.00,EUR,77\n"
    bring_in(cast, paid, at=AT + timedelta(hours=2))
    alert.refresh_from_db()
    assert alert.state == Alert.State.RECOVERED


def test_the_same_file_again_raises_nothing_new(cast: Cast) -> None:
    bring_in(cast, PAYMENTS)
    bring_in(cast, PAYMENTS, at=AT + timedelta(hours=1))
    assert Alert.objects.count() == 1


def test_usage_that_halves_raises_an_alert_with_both_numbers(cast: Cast) -> None:
    bring_in(cast, usage(recent=4, before=20))
    alert = Alert.objects.get()
    assert alert.title == "Müller GmbH uses 80\u202f% less than before"
    assert "28 events" in alert.reason
    assert "140 a week" in alert.reason


@pytest.mark.parametrize(
    ("recent", "before", "weeks"),
    [(11, 20, 5), (0, 2, 5), (1, 20, 2)],
    ids=["fell by less than half", "too few events", "too few weeks"],
)
def test_what_proves_no_drop_raises_none(cast: Cast, recent: int, before: int, weeks: int) -> None:
    bring_in(cast, usage(recent=recent, before=before, weeks_before=weeks))
    assert not Alert.objects.exists()


def test_usage_that_comes_back_ends_the_alert(cast: Cast) -> None:
    bring_in(cast, usage(recent=4, before=20))
    bring_in(cast, usage(recent=18, before=20), at=AT + timedelta(days=1))
    assert Alert.objects.get().state == Alert.State.RECOVERED
