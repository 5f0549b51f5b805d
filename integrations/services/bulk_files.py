"""Approved budget changes on their way to the platforms: one file each, made once."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from approvals.models import ChangeRequest
from budgets.models import LedgerAccount
from campaigns.choices import Platform
from campaigns.models import CampaignLine
from core import events, features
from core.events import SYSTEM
from core.models import Organisation, OutboxItem
from core.money import MICROS, minor_digits
from core.periods import Period
from integrations.choices import PLATFORM_FILES, OrderKind
from integrations.models import BulkFile
from integrations.rules.bulk import BudgetOrder, bulk_csv
from integrations.services.connections import Change, order_ask


def make_bulk_files(item: OutboxItem, now: datetime) -> dict[str, Any]:
    """Outbox handler of ``bulk_file``: a second run finds the files made and changes nothing.

    What a connection can carry out leaves as an order; the file holds the rest.
    """
    request = ChangeRequest.objects.select_related("team").get(pk=item.payload["request"])
    touched = _touched(request)
    left = [place for place in touched if not _sent(request, *place, now)]
    sent = {"orders": len(touched) - len(left)}
    if not features.is_on(PLATFORM_FILES):
        return {**sent, "files": 0, "skipped": "The feature is off."}
    by_platform: dict[str, list[BudgetOrder]] = defaultdict(list)
    for line, month in left:
        platform = line.ad_account.platform if line.ad_account else Platform.OTHER
        by_platform[platform].append(_order(line, month))
    made = [_keep(request, platform, orders, now) for platform, orders in by_platform.items()]
    return {**sent, "files": sum(made)}


def _sent(request: ChangeRequest, line: CampaignLine, month: Period, now: datetime) -> bool:
    """Whether the new daily budget goes through a connection; one of a month to come cannot yet."""
    daily = _order(line, month).written
    if now.date() not in month or not Decimal(daily):
        return False
    order = order_ask(
        Change(line, OrderKind.BUDGET, daily),
        key=f"{request.reference}:budget:{line.pk}:{month.key}",
        actor=request.requested_by.as_actor(),
        at=now,
        request_id=request.pk,
    )
    return order is not None


def _touched(request: ChangeRequest) -> list[tuple[CampaignLine, Period]]:
    calendar = Organisation.current().calendar
    places = [
        (m["campaign_line"], m["month"]) for m in request.payload["moves"] if m["campaign_line"]
    ]
    lines = CampaignLine.objects.select_related("ad_account").in_bulk([line for line, _ in places])
    return [
        (lines[line], calendar.parse(month, today=request.created_at.date()))
        for line, month in dict.fromkeys(places)
    ]


def _order(line: CampaignLine, month: Period) -> BudgetOrder:
    """The month's whole plan of a line, from every budget line it draws on, spread over its days."""
    accounts = LedgerAccount.objects.filter(campaign_line=line, month=month.key)
    planned = sum(accounts.values_list("balance_micros", flat=True))
    return BudgetOrder(
        campaign=line.name,
        external_id=line.external_id,
        account=line.ad_account.name if line.ad_account else "",
        currency=line.currency,
        daily=Decimal(planned) / MICROS / month.days,
        minor_digits=minor_digits(line.currency),
    )


@transaction.atomic
def _keep(request: ChangeRequest, platform: str, orders: list[BudgetOrder], now: datetime) -> bool:
    file, created = BulkFile.objects.get_or_create(
        request_id=request.pk,
        platform=platform,
        defaults={
            "team": request.team,
            "name": f"{request.reference}-{platform}.csv",
            "content": bulk_csv(platform, orders),
            "rows": len(orders),
            "made_at": now,
        },
    )
    if created:
        events.record(
            actor=SYSTEM,
            action="bulk_file.made",
            subject=file,
            at=now,
            after={"platform": platform, "rows": len(orders), "request": request.reference},
            team_path=request.team.path,
            live=[f"changerequest:{request.pk}"],
        )
    return created
