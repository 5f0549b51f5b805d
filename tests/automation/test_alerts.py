"""One open alert per cause, with an owner, until it recovers."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client

from automation import services
from automation.models import Alert, Notification
from core import outbox
from core.errors import Conflict, Invalid, NotAllowed
from core.events import AUTOMATION
from core.models import Event, OutboxItem
from insights.models import Finding
from insights.services.listeners import CHANGED, ENDED, OPENED, tell
from tests.cast import Cast

NOW = datetime(2026, 11, 22, 7, tzinfo=UTC)


@pytest.fixture
def alert(finding: Finding) -> Alert:
    tell(finding, OPENED, NOW)
    return Alert.objects.get()


@pytest.mark.feature("4.6")
def test_ninety_days_of_the_same_cause_are_one_alert(finding: Finding, alert: Alert) -> None:
    for day in range(1, 90):
        tell(finding, OPENED, NOW + timedelta(days=day))
    assert list(Alert.objects.all()) == [alert]
    assert Notification.objects.filter(user=alert.owner).count() == 1


def test_the_database_refuses_a_second_open_alert(alert: Alert) -> None:
    alert.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        alert.save()


def test_it_belongs_to_the_campaigns_owner_who_is_told_by_mail(cast: Cast, alert: Alert) -> None:
    assert alert.owner == cast.manager
    for item in OutboxItem.objects.all():
        outbox.deliver(item.pk, now=NOW)
    (message,) = mail.outbox
    assert message.to == [cast.manager.email]
    assert f"/alerts/{alert.pk}/" in str(message.body)


def test_a_mail_is_sent_once_although_the_work_ran_twice(alert: Alert) -> None:
    item = OutboxItem.objects.get()
    services.send_mail_item(item, NOW)
    services.send_mail_item(item, NOW)
    assert len(mail.outbox) == 1


def test_its_words_follow_the_finding(finding: Finding, alert: Alert) -> None:
    finding.title = "It fell further"
    tell(finding, CHANGED, NOW)
    alert.refresh_from_db()
    assert alert.title == "It fell further"


def test_it_recovers_with_the_finding_and_can_open_again(finding: Finding, alert: Alert) -> None:
    tell(finding, ENDED, NOW)
    alert.refresh_from_db()
    assert (alert.state, alert.recovered_at) == (Alert.State.RECOVERED, NOW)
    tell(finding, OPENED, NOW + timedelta(days=1))
    assert Alert.objects.count() == 2


def test_acknowledging_is_recorded_once(cast: Cast, alert: Alert) -> None:
    services.alert_acknowledge(alert=alert, user=cast.manager, at=NOW)
    services.alert_acknowledge(alert=alert, user=cast.manager, at=NOW)
    assert Event.objects.filter(action="alert.acknowledged").count() == 1


def test_a_recovered_alert_cannot_be_taken(cast: Cast, alert: Alert) -> None:
    services.alert_recover(alert=alert, actor=AUTOMATION, at=NOW)
    with pytest.raises(Conflict, match="recovered in the meantime"):
        services.alert_acknowledge(alert=alert, user=cast.manager, at=NOW)


def test_snoozing_needs_a_reason_and_an_end(cast: Cast, alert: Alert) -> None:
    with pytest.raises(Invalid, match="why it may wait"):
        services.alert_snooze(
            alert=alert, user=cast.manager, until=NOW + timedelta(days=1), reason=" ", at=NOW
        )
    with pytest.raises(Invalid, match="at most 30 days"):
        services.alert_snooze(
            alert=alert, user=cast.manager, until=NOW + timedelta(days=31), reason="x", at=NOW
        )


def test_a_snoozed_alert_comes_back(cast: Cast, alert: Alert) -> None:
    until = NOW + timedelta(days=3)
    services.alert_snooze(alert=alert, user=cast.manager, until=until, reason="stock", at=NOW)
    assert services.wake_snoozed(now=until - timedelta(minutes=1)) == {"woken": 0}
    assert services.wake_snoozed(now=until) == {"woken": 1}
    alert.refresh_from_db()
    assert alert.state == Alert.State.OPEN


def test_the_director_can_hand_it_to_somebody_of_the_team(cast: Cast, alert: Alert) -> None:
    services.alert_assign(alert=alert, user=cast.director, to=cast.analyst, at=NOW)
    alert.refresh_from_db()
    assert alert.owner == cast.analyst
    assert Notification.objects.filter(user=cast.analyst).exists()


def test_nobody_gets_an_alert_of_a_team_they_cannot_see(cast: Cast, alert: Alert) -> None:
    with pytest.raises(Invalid, match="cannot see"):
        services.alert_assign(alert=alert, user=cast.director, to=cast.other_manager, at=NOW)


@pytest.mark.parametrize("who", ["uk_manager", "other_director", "analyst", "admin"])
def test_others_cannot_take_it(cast: Cast, alert: Alert, who: str) -> None:
    with pytest.raises(NotAllowed):
        services.alert_acknowledge(alert=alert, user=getattr(cast, who), at=NOW)
    alert.refresh_from_db()
    assert alert.state == Alert.State.OPEN


@pytest.mark.feature("4.10")
def test_a_person_raises_an_alert_by_hand(cast: Cast) -> None:
    raised = services.alert_raise(
        user=cast.analyst,
        team=cast.dach,
        title="Card payments fail since 9:00",
        reason="Seen in support tickets.",
        severity="critical",
        at=NOW,
    )
    assert raised.owner == cast.director
    assert Event.objects.filter(action="alert.raised", actor_id=cast.analyst.pk).exists()


def test_the_list_begins_with_what_is_most_urgent(cast: Cast) -> None:
    titles = {"warning": "CPA is up", "critical": "Checkout is down", "info": "Ahead of plan"}
    for minute, (severity, title) in enumerate(titles.items()):
        services.alert_raise(
            user=cast.analyst, team=cast.dach, title=title, reason="Seen.", severity=severity,
            at=NOW + timedelta(minutes=minute),
        )  # fmt: skip
    client = Client()
    client.force_login(cast.director)
    page = client.get("/alerts/").content.decode()
    places = [page.index(titles[severity]) for severity in ("critical", "warning", "info")]
    assert places == sorted(places)


def test_a_finding_without_an_alert_leads_to_the_list_and_says_so(
    cast: Cast, finding: Finding
) -> None:
    Alert.objects.all().delete()
    client = Client()
    client.force_login(cast.manager)
    shown = client.get(f"/alerts/finding/{finding.pk}/", follow=True)
    assert shown.redirect_chain[-1][0] == "/alerts/"
    assert "This is noted without an alert" in shown.content.decode()
    client.force_login(cast.other_manager)
    assert client.get(f"/alerts/finding/{finding.pk}/").status_code == 404
