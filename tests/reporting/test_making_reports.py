"""A report made now goes to a worker; the page shows how far it is, and subscriptions filter what is mailed."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from core import clock, outbox
from core.models import Event, Organisation, OutboxItem
from reporting import services
from reporting.models import Report, Subscription
from tests.cast import Cast
from tests.reporting.story import Story, create_story
from tests.world import AT, TODAY

pytestmark = pytest.mark.usefixtures("pack_fonts")


@pytest.fixture
def story(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Story:
    monkeypatch.setattr(clock, "now", lambda: AT)
    return create_story(cast)


def get(user: User, name: str, *args: Any, **headers: str) -> Any:
    client = Client()
    client.force_login(user)
    return client.get(reverse(f"reporting:{name}", args=args), headers=headers)


def post(user: User, name: str, *args: Any, **data: Any) -> Any:
    client = Client()
    client.force_login(user)
    return client.post(reverse(f"reporting:{name}", args=args), data)


def asked(user: User, **wanted: Any) -> OutboxItem:
    answer = post(user, "report-make", **wanted)
    item = OutboxItem.objects.get(kind=services.MAKE, payload__user=user.pk)
    assert answer.url == reverse("reporting:report-making", args=[item.pk])
    return item


@pytest.mark.feature("12.4")
def test_a_director_has_a_pack_of_their_division_made(cast: Cast, story: Story) -> None:
    wanted = {"kind": "board_pack", "team": cast.europe.pk, "period": "2026-10"}
    item = asked(cast.director, **wanted)
    assert not Report.objects.exists()
    page = get(cast.director, "report-making", item.pk).content.decode()
    assert "Waiting for a worker" in page
    assert "Board pack, Europe, Oct 2026" in get(cast.director, "reports").content.decode()
    # Asked again while it waits, it is the same work.
    assert asked(cast.director, **wanted) == item
    assert outbox.deliver(item.pk, now=AT)
    made = Report.objects.get()
    assert (made.team, made.made_by) == (cast.europe, cast.director)
    item.refresh_from_db()
    assert (item.progress_done, item.progress_total) == (2, 3)
    there = get(cast.director, "report-making", item.pk)
    assert there.url == reverse("reporting:report", args=[made.pk])
    polled = get(cast.director, "report-making", item.pk, **{"HX-Request": "true"})
    assert polled["HX-Redirect"] == there.url


def test_another_s_work_is_out_of_sight(cast: Cast, story: Story) -> None:
    item = asked(cast.manager, kind="performance_review", team=cast.dach.pk, period="2026-10")
    assert get(cast.director, "report-making", item.pk).status_code == 404
    assert get(cast.admin, "report-making", item.pk).status_code == 403
    other = {"kind": "board_pack", "team": cast.us.pk, "period": "2026-10"}
    assert post(cast.director, "report-make", **other).status_code == 422
    assert post(cast.admin, "report-make", **other).status_code == 403


def test_work_that_waits_can_be_stopped(cast: Cast, story: Story) -> None:
    item = asked(cast.manager, kind="performance_review", team=cast.dach.pk, period="2026-10")
    assert post(cast.manager, "report-making-stop", item.pk).status_code == 302
    assert not outbox.deliver(item.pk, now=AT)
    assert "Stopped before anything was kept" in get(cast.manager, "report-making", item.pk).content.decode()  # fmt: skip
    assert not Report.objects.exists()


def test_too_thin_data_is_said_on_the_page(cast: Cast, story: Story) -> None:
    item = asked(cast.executive, kind="board_pack", team=cast.us.pk, period="2026-10")
    outbox.deliver(item.pk, now=AT)
    assert "Nothing is known about US" in get(cast.executive, "report-making", item.pk).content.decode()  # fmt: skip


@pytest.mark.feature("12.1")
def test_a_subscription_says_which_reports_come_and_how(cast: Cast, story: Story) -> None:
    def subscribed(**filters: str) -> Subscription:
        return services.subscription_set(
            user=cast.manager, recipient=cast.manager, kind="performance_review", team=cast.dach,
            at=AT, **filters,
        )  # fmt: skip

    calendar = Organisation.current().calendar
    month, quarter = (
        services.performance_review(team=cast.dach, period=calendar.parse(key, today=TODAY), at=AT)
        for key in ("2026-10", "2026-Q4")
    )
    assert services.report_send(report=quarter, at=AT) == 0
    found = subscribed(cadence="month", delivery="link")
    assert services.report_send(report=quarter, at=AT) == 0
    assert services.report_send(report=month, at=AT) == 1
    outbox.deliver(OutboxItem.objects.get(kind=services.MAIL).pk, now=AT)
    (sent,) = mail.outbox
    assert not sent.attachments
    assert reverse("reporting:report", args=[month.pk]) in sent.body
    # Setting it up again changes it, once, with an event.
    assert subscribed(cadence="quarter") == found
    assert services.report_send(report=quarter, at=AT) == 1
    assert Subscription.objects.count() == 1
    assert Event.objects.filter(action="subscription.changed").count() == 1
