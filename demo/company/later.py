"""What the first page can do without: what came of changes, and the archive of reports.

It is told in its place of the company's history, or afterwards by the worker, as of the
same moments, so that a visitor need not wait for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from accounts.choices import Role
from accounts.models import Membership
from core import outbox
from core.models import OutboxItem
from demo.company.curves import curves_first
from demo.company.honesty import challenger, judge
from demo.company.people import COMPANY
from demo.company.prospects import chances_first
from demo.company.records import Company
from demo.company.timeline import Step
from insights.services import measure_verdicts
from reporting.models import Report
from reporting.services import (
    MAIL,
    monthly_board_pack,
    monthly_reviews,
    report_sign,
    subscription_set,
)

KIND = "demo.later"
# Months whose reports are in the archive, and people who get them: kind, who, about which team.
MONTHS = 2
READERS = (
    (Report.Kind.BOARD_PACK, "greta", COMPANY),
    (Report.Kind.BOARD_PACK, "ivo", COMPANY),
    (Report.Kind.BOARD_PACK, "ben", COMPANY),
    (Report.Kind.REVIEW, "mara", "dach"),
    (Report.Kind.REVIEW, "mara", "uki"),
    (Report.Kind.REVIEW, "dana", "na"),
    (Report.Kind.REVIEW, "jonas", "dach"),
    (Report.Kind.REVIEW, "eilidh", "uki"),
    (Report.Kind.REVIEW, "rosa", "na"),
)
WRITING = (
    "The demo company is still writing what came of its changes, and its reviews and board packs "
    "of two months"
)
FAILED = (
    "The demo company could not write all of its reviews and board packs. "
    "`manage.py demo --reset` builds it anew."
)
SIGNED = "Read and discussed with the team."


def plan_readers(company: Company) -> None:
    """Let people subscribe to what they read."""
    at = company.moments.on(company.market.first_day - timedelta(days=5), 11)
    company.timeline.add(at, "reports", lambda at: _subscribe(company, at))


def _subscribe(company: Company, at: datetime) -> None:
    for kind, reader, team in READERS:
        user = company.people[reader]
        subscription_set(user=user, recipient=user, kind=kind, team=company.teams[team], at=at)


def chores(company: Company) -> Iterator[tuple[datetime, str]]:
    """When which of ``CHORES`` is due, the oldest first."""
    on, today = company.moments.on, company.today
    for month in sorted(_months(today)):
        yield on(month, 6, 40), "verdicts"
        yield on(month.replace(day=2), 7), "reviews"
        yield on(month.replace(day=3), 7, 30), "packs"
        if month.replace(day=6) < today:
            yield on(month.replace(day=6), 16, 10), "signatures"
    yield on(today, 3, 40), "chances"
    yield on(today, 6, 20), "curves"
    yield on(today, 6, 40), "verdicts"
    yield on(today, 6, 50), "forecast scores"
    yield on(today, 6, 55), "forecast challenger"


def _months(today: date) -> Iterator[date]:
    """The first days of the latest months in which reports of the month before were due."""
    month = today.replace(day=1)
    if today.day < 4:
        month = (month - timedelta(days=1)).replace(day=1)
    for _ in range(MONTHS):
        yield month
        month = (month - timedelta(days=1)).replace(day=1)


def _measure(at: datetime) -> None:
    measure_verdicts(now=at)


def _review(at: datetime) -> None:
    monthly_reviews(now=at)


def _pack(at: datetime) -> None:
    monthly_board_pack(now=at)


def _sign(at: datetime) -> None:
    """Directors sign the reviews of their divisions; the team that comes first is behind."""
    drafts = Report.objects.filter(kind=Report.Kind.REVIEW, state=Report.State.DRAFT)
    newest = drafts.order_by("-last_day", "team__path").first()
    for report in drafts.select_related("team__parent"):
        if report != newest:
            director = Membership.objects.get(team=report.team.parent, role=Role.DIRECTOR).user
            report_sign(report=report, user=director, at=at, comment=SIGNED)


CHORES: dict[str, Step] = {
    "forecast scores": judge,
    "forecast challenger": challenger,
    "chances": chances_first,
    "curves": curves_first,
    "verdicts": _measure,
    "reviews": _review,
    "packs": _pack,
    "signatures": _sign,
}


def plan_chores(company: Company) -> None:
    """Do them in their place of the history."""
    for at, name in chores(company):
        company.timeline.add(at, name, CHORES[name])


def order_chores(company: Company) -> OutboxItem:
    """Have the worker do them, as soon as there is one."""
    due = [[at.isoformat(), name] for at, name in chores(company)]
    now = company.moments.now
    transaction.on_commit(_flag().touch)
    return outbox.enqueue(KIND, f"{KIND}:{now.isoformat()}", {"due": due}, at=now)


def handle(item: OutboxItem, now: datetime) -> dict[str, Any]:
    """Outbox handler: one chore after the other; each can be done again without harm."""
    due = item.payload["due"]
    for number, (at, name) in enumerate(due):
        outbox.progress(item, number, len(due), name, now=now)
        CHORES[name](datetime.fromisoformat(at))
        mailed_then(now=now)
    _flag().unlink(missing_ok=True)
    return {"done": len(due)}


def notice() -> str:
    """What every page says until the worker has told the whole history; empty afterwards.

    Asked on every page: without the flag it costs no query.
    """
    if not _flag().exists():
        return ""
    item = OutboxItem.objects.filter(kind=KIND).order_by("-pk").first()
    if item is None or item.state == OutboxItem.State.DONE:
        _flag().unlink(missing_ok=True)
        return ""
    if item.state in (OutboxItem.State.NEEDS_PERSON, OutboxItem.State.STOPPED):
        return FAILED
    share = f"{item.progress_done} of {item.progress_total} steps" if item.progress_total else ""
    return f"{WRITING} ({share or 'about to begin'})."


def _flag() -> Path:
    """There while the worker owes a part of the history."""
    return Path(settings.VAR) / "demo-unfinished"


def mailed_then(*, now: datetime) -> None:
    """Reports of the past were mailed in the past."""
    OutboxItem.objects.filter(
        kind=MAIL, state=OutboxItem.State.PENDING, created_at__lt=now - timedelta(days=2)
    ).update(
        state=OutboxItem.State.DONE, attempts=1, finished_at=F("created_at") + timedelta(seconds=3)
    )
