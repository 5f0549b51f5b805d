"""A mail is looked at again when it leaves: what is no longer true is not sent, and that is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core import mail

from approvals import services
from approvals.models import ChangeRequest
from core import outbox
from core.models import OutboxItem
from tests.approvals.actions import AT, ask, decide
from tests.cast import Cast

pytestmark = pytest.mark.feature("9.3")
SOON = AT + timedelta(seconds=3)


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    mail.outbox.clear()
    yield
    mail.outbox.clear()


def deliver_mails() -> list[str]:
    """Everything that waits, in order; returns why mails were not sent."""
    waiting = OutboxItem.objects.filter(kind="automation.mail", state="pending").order_by("pk")
    reasons = []
    for item in waiting:
        outbox.deliver(item.pk, now=SOON)
        item.refresh_from_db()
        result = item.result or {}
        reasons += [result["skipped"]] if result.get("skipped") else []
    return reasons


def withdraw(request: ChangeRequest, cast: Cast) -> None:
    services.request_withdraw(request=request, user=cast.manager, reason="A mistake.", at=AT)


def test_nobody_is_asked_for_what_was_taken_back_seconds_before(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach)
    withdraw(request, cast)
    skipped = deliver_mails()
    assert mail.outbox == []
    assert f"{request.reference} was withdrawn." in skipped
    assert f"Mara Lindqvist had no mail about {request.reference} before." in skipped


def test_who_had_been_asked_hears_that_it_was_taken_back(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach)
    assert deliver_mails() == []
    asked = len(mail.outbox)
    withdraw(request, cast)
    assert deliver_mails() == []
    assert len(mail.outbox) == 2 * asked
    assert mail.outbox[-1].subject.startswith("Withdrawn: ")


def test_what_was_said_about_it_is_not_sent_either(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach)
    services.request_comment(request=request, user=cast.manager, text="@Greta Holm?", at=AT)
    withdraw(request, cast)
    deliver_mails()
    assert mail.outbox == []


def test_what_was_decided_meanwhile_is_not_asked_of_others(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach)
    decide(request, cast.director)
    deliver_mails()
    assert [message.subject for message in mail.outbox] == [f"Approved: {request.title}"]
