"""The commitment ledger: what orders hold and bills use of a budget line's month.

Entries are append-only. Every change of an order or bill writes its difference once per
key, and the holding of the month carries the sums, in the budget line's currency.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import Team
from budgets.choices import CheckLevel
from budgets.models.bills import BillLine
from budgets.models.orders import OrderLine
from budgets.models.plans import BudgetLine
from campaigns.models import CampaignLine, Channel


class Holding(models.Model):
    """Sums of a budget line's month, or of a campaign line's part of it: micros of its currency.

    ``reserved`` by placeholders and orders that wait for approval, ``committed`` by open
    orders, ``accrued`` and ``billed`` by bills. ``whole_bills`` counts bills that stand
    for the campaign line's whole month.
    """

    budget_line = models.ForeignKey(BudgetLine, on_delete=models.PROTECT, related_name="holdings")
    campaign_line = models.ForeignKey(
        CampaignLine, null=True, on_delete=models.PROTECT, related_name="holdings"
    )
    month = models.CharField(max_length=7)
    reserved_micros = models.BigIntegerField(default=0)
    committed_micros = models.BigIntegerField(default=0)
    accrued_micros = models.BigIntegerField(default=0)
    billed_micros = models.BigIntegerField(default=0)
    whole_bills = models.IntegerField(default=0)

    class Meta:
        ordering = ["budget_line", "month"]
        constraints = [
            models.UniqueConstraint(
                fields=["budget_line", "campaign_line", "month"],
                name="budgets_holding_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(reserved_micros__gte=0)
                & Q(committed_micros__gte=0)
                & Q(accrued_micros__gte=0)
                & Q(whole_bills__gte=0),
                name="budgets_holding_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.budget_line} {self.month}"


class HoldingEntry(models.Model):
    """One change of a holding, once per ``key``."""

    holding = models.ForeignKey(Holding, on_delete=models.PROTECT, related_name="entries")
    key = models.CharField(max_length=160, unique=True)
    order_line = models.ForeignKey(
        OrderLine, null=True, on_delete=models.PROTECT, related_name="entries"
    )
    bill_line = models.ForeignKey(
        BillLine, null=True, on_delete=models.PROTECT, related_name="entries"
    )
    reserved_micros = models.BigIntegerField(default=0)
    committed_micros = models.BigIntegerField(default=0)
    accrued_micros = models.BigIntegerField(default=0)
    billed_micros = models.BigIntegerField(default=0)
    whole_bills = models.IntegerField(default=0)
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=200)
    reason = models.TextField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(order_line__isnull=False) | Q(bill_line__isnull=False),
                name="budgets_holding_entry_has_document",
            )
        ]

    def __str__(self) -> str:
        return self.key


class SpendingCheck(models.Model):
    """What happens when a line would hold less than is asked of it: stop, warn or ignore.

    The most specific row decides: of the line, else of team and channel, of the team (the
    nearest above), of the channel, else the one for everything. ``cumulative`` looks at
    the sum of the year's months up to the one in question.
    """

    budget_line = models.OneToOneField(
        BudgetLine, null=True, on_delete=models.CASCADE, related_name="spending_check"
    )
    team = models.ForeignKey(Team, null=True, on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, null=True, on_delete=models.CASCADE, related_name="+")
    requests = models.CharField(max_length=6, choices=CheckLevel.choices, default=CheckLevel.WARN)
    orders = models.CharField(max_length=6, choices=CheckLevel.choices, default=CheckLevel.STOP)
    actuals = models.CharField(max_length=6, choices=CheckLevel.choices, default=CheckLevel.WARN)
    cumulative = models.CharField(max_length=6, choices=CheckLevel.choices, default=CheckLevel.WARN)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "channel"],
                condition=Q(budget_line__isnull=True),
                name="budgets_check_scope_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(budget_line__isnull=True) | Q(team__isnull=True, channel__isnull=True),
                name="budgets_check_line_or_scope",
            ),
        ]

    def __str__(self) -> str:
        return str(self.budget_line or self.team or self.channel or "Everything")
