"""Accounts and their people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.models import User
from accounts.permissions import sees_money
from core import formats
from core.search import Hit
from customers.choices import Outcome
from customers.models import (
    Account,
    Contact,
    Opportunity,
    Payment,
    RecordQuerySet,
    StageEntry,
    Touchpoint,
)


def accounts_for(user: User) -> RecordQuerySet:
    """Accounts the person may see, with their open deals, people and newest touch."""
    open_deals = Opportunity.objects.filter(
        account=OuterRef("pk"), outcome=Outcome.OPEN, is_deleted=False
    )
    found: RecordQuerySet = (
        Account.objects.for_user(user)
        .filter(is_deleted=False)
        .select_related("team")
        .annotate(
            open_deals=_count(open_deals),
            people=_count(Contact.objects.filter(account=OuterRef("pk"))),
            touched_at=Subquery(_newest(Touchpoint.objects.filter(account=OuterRef("pk")))),
        )
    )
    return found


def _count(rows: QuerySet[Opportunity] | QuerySet[Contact]) -> Coalesce:
    counted = rows.order_by().values("account").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def _newest(touches: QuerySet[Touchpoint]) -> QuerySet[Touchpoint, dict[str, datetime]]:
    return touches.order_by().values("account").annotate(newest=Max("at")).values("newest")


def contacts_for(user: User) -> RecordQuerySet:
    """People in sight, each no more than a label."""
    found: RecordQuerySet = Contact.objects.for_user(user)
    return found.select_related("team", "account")


def find_accounts(user: User, text: str, limit: int) -> list[Hit]:
    """Accounts and deals by name, for the search box."""
    accounts = Account.objects.for_user(user).filter(name__icontains=text)[:limit]
    deals = Opportunity.objects.for_user(user).filter(name__icontains=text)
    return [
        *(
            Hit("Accounts", str(one), one.industry, one.get_absolute_url(), "building")
            for one in accounts
        ),
        *(
            Hit("Opportunities", str(one), one.stage, _page_of(one), "businessplan")
            for one in deals.select_related("account")[:limit]
        ),
    ]


def _page_of(deal: Opportunity) -> str:
    return deal.account.get_absolute_url() if deal.account else reverse("customers:pipeline")


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened with an account."""

    at: datetime
    title: str
    text: str = ""
    icon: str = ""
    tone: str = "neutral"


def account_story(user: User, account: Account, *, at_most: int = 60) -> list[Moment]:
    """Touches, stages and payments of an account in the order they happened, newest first."""
    money = sees_money(user)
    touches = account.touches.select_related("channel").order_by("-at")[:at_most]
    stages = StageEntry.objects.filter(opportunity__account=account).select_related("opportunity")
    payments = account.payments.all()[:at_most]
    found = [
        *(_touched(touch) for touch in touches),
        *(_entered(entry) for entry in stages.order_by("-entered_at")[:at_most]),
        *(_paid(payment, money=money) for payment in payments),
    ]
    return sorted(found, key=lambda moment: moment.at, reverse=True)[:at_most]


def _touched(touch: Touchpoint) -> Moment:
    where = touch.channel.name if touch.channel else touch.kind or "Touch"
    return Moment(touch.at, where, touch.campaign_name, "click", "accent")


def _entered(entry: StageEntry) -> Moment:
    deal = entry.opportunity
    text = f"{deal}" if deal else ""
    if entry.left_at:
        text += f" · left after {formats.duration(entry.left_at - entry.entered_at)}"
    tone = {Outcome.WON: "good", Outcome.LOST: "bad"}.get(
        Outcome(deal.outcome) if deal and not entry.left_at else Outcome.OPEN, "neutral"
    )
    return Moment(entry.entered_at, entry.stage, text, "stairs-up", tone)


def _paid(payment: Payment, *, money: bool) -> Moment:
    amount = formats.money_exact(payment.amount) if payment.amount and money else ""
    if payment.is_failed:
        text = " · ".join(filter(None, [amount, payment.reason]))
        return Moment(payment.at, "Payment failed", text, "credit-card-off", "bad")
    return Moment(payment.at, "Payment", amount, "credit-card", "good")
