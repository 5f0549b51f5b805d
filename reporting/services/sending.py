"""Reports by mail: once per report and person, checked again when it is sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import may
from core import outbox
from core.exports import file_name
from core.models import OutboxItem
from reporting.models import Report, Subscription
from reporting.rules.pack.content import PackContent, TargetsPage
from reporting.rules.pack.figures import FigureStore, plain
from reporting.rules.pack.frozen import thaw
from reporting.rules.pack.judgement import Judgement
from reporting.selectors.clearances import may_take

MAIL = "reporting.mail"
# Days between the first and the last of a month; 4-4-5 books have months of five weeks.
LONGEST_MONTH = 34


def report_send(*, report: Report, at: datetime) -> int:
    """Ask for the report to be mailed to the subscribers who want it; returns how many do."""
    rows = Subscription.objects.filter(kind=report.kind, team=report.team, user__is_active=True)
    wanting = [found for found in rows.select_related("user") if wants(found, report)]
    for subscription in wanting:
        report_mail(report=report, user=subscription.user, at=at, delivery=subscription.delivery)
    return len(wanting)


def wants(subscription: Subscription, report: Report) -> bool:
    """Whether the report passes the filters of a subscription."""
    long = (report.last_day - report.first_day).days > LONGEST_MONTH
    cadence = Subscription.Cadence.QUARTER if long else Subscription.Cadence.MONTH
    if subscription.cadence not in (Subscription.Cadence.EVERY, cadence):
        return False
    return subscription.condition == Subscription.Condition.ALWAYS or is_behind(report)


def is_behind(report: Report) -> bool:
    """Whether the report says that some target is behind its pace."""
    content = thaw(report.content)
    pages = content.pages if isinstance(content, PackContent) else (content.targets,)
    rows = [row for page in pages if isinstance(page, TargetsPage) for row in page.rows]
    return any(row.change and row.change.judgement is Judgement.BEHIND for row in rows)


def report_mail(
    *, report: Report, user: User, at: datetime, delivery: str = Subscription.Delivery.PDF
) -> OutboxItem:
    """Ask for one mail; the same report goes to the same person once."""
    key = f"report:{report.pk}:user:{user.pk}"
    payload = {"report": report.pk, "user": user.pk, "delivery": delivery}
    return outbox.enqueue(MAIL, key, payload, at=at)


def send_report_item(item: OutboxItem, _: datetime) -> dict[str, Any]:
    """Outbox handler: mail the report, unless the person may no longer see the team's amounts.

    The message number is the same on every attempt, so that a mail server can tell a
    second delivery after a crash from a new mail.
    """
    report = Report.objects.select_related("team").get(pk=item.payload["report"])
    user = User.objects.get(pk=item.payload["user"])
    if not user.is_active or not may(user, Act.VIEW_MONEY, team=report.team):
        return {
            "sent": False,
            "why": "The recipient may not see the amounts of this team any more.",
        }
    message = _message(report, user)
    as_file = item.payload.get("delivery") != Subscription.Delivery.LINK
    # Who may not take the file away gets the link: the page is in their sight.
    if as_file and may_take(user, report.classification):
        message.attach(f"{file_name(report.title)}.pdf", bytes(report.pdf), "application/pdf")
    message.send()
    return {"sent": True}


def _message(report: Report, user: User) -> EmailMultiAlternatives:
    context = {
        "report": report,
        "user": user,
        "lead": lead_of(report),
        "link": urljoin(settings.SITE_URL, reverse("reporting:report", args=[report.pk])),
        "unsubscribe": urljoin(settings.SITE_URL, reverse("reporting:reports")),
    }
    message = EmailMultiAlternatives(
        # A line break in a title must not become a header of its own.
        subject=" ".join(report.title.split()),
        body=render_to_string("reporting/mail/report.txt", context),
        to=[user.email],
        headers={"Message-ID": f"<report-{report.pk}-{user.pk}@adroit>"},
    )
    message.attach_alternative(render_to_string("reporting/mail/report.html", context), "text/html")
    return message


def lead_of(report: Report) -> str:
    """The sentence a reader should take away: a pack's verdict, a review's finding about targets."""
    content = thaw(report.content)
    figures = FigureStore.of(content.figures, content.provenance).figures
    said = content.verdict if isinstance(content, PackContent) else content.targets.headline.title
    return plain(said, figures)
