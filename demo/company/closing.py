"""What belongs to the past is settled: messages that went out long ago, work that was done then."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F, Q

from automation.models import Notification
from budgets.choices import BULK_FILE
from core import events
from core.models import Organisation, OutboxItem
from demo.company.later import KIND as LATER
from demo.company.reset import MARK

# Mails of these days still go out: a visitor finds them in the mail folder.
MAIL_DAYS = 2
# Messages older than this were read.
READ_DAYS = 3


def settle_messages(*, now: datetime) -> None:
    """Mark what was mailed, read and done in the past as such; what is still open stays."""
    sent = now - timedelta(days=MAIL_DAYS)
    Notification.objects.filter(created_at__lt=sent).update(mailed_at=F("created_at"))
    Notification.objects.filter(created_at__lt=now - timedelta(days=READ_DAYS)).update(
        read_at=F("created_at") + timedelta(hours=2)
    )
    # Files for the platforms are made by the worker: they exist only once it has.
    done = ~Q(kind__in=[BULK_FILE, LATER]) & (Q(created_at__lt=sent) | ~Q(kind__endswith="mail"))
    OutboxItem.objects.filter(done, state=OutboxItem.State.PENDING).update(
        state=OutboxItem.State.DONE, attempts=1, finished_at=F("created_at") + timedelta(seconds=3)
    )


def close_books(*, now: datetime, seed: int) -> None:
    """Say in the trail that this is the demo, seal the trail, and let the planner look at the tables."""
    events.record(
        actor=events.SYSTEM, action=MARK, subject=Organisation.current(), at=now,
        after={"seed": seed}, reason="A company to try the product with; nothing of it is real.",
    )  # fmt: skip
    events.seal(at=now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
