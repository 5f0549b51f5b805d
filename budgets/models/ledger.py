"""The double-entry ledger beneath the plan.

Rows are append-only and every transaction sums to zero per currency; triggers in the
migrations see to both, and to closed months.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from budgets.models.plans import BudgetLine, FiscalYear
from campaigns.models import CampaignLine


class LedgerAccount(models.Model):
    """Where planned money lies.

    The source of a fiscal year and currency (``budget_line`` null, its balance is
    negative: money put into plans), a budget line's month not yet given to a campaign
    line (``campaign_line`` null), or a campaign line's plan for a month.
    """

    fiscal_year = models.ForeignKey(FiscalYear, on_delete=models.PROTECT, related_name="accounts")
    currency = models.CharField(max_length=3)
    budget_line = models.ForeignKey(
        BudgetLine, null=True, on_delete=models.PROTECT, related_name="accounts"
    )
    campaign_line = models.ForeignKey(
        CampaignLine, null=True, on_delete=models.PROTECT, related_name="ledger_accounts"
    )
    month = models.CharField(max_length=7, blank=True)
    balance_micros = models.BigIntegerField(default=0)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["budget_line", "month"]
        constraints = [
            models.UniqueConstraint(
                fields=["fiscal_year", "currency", "budget_line", "campaign_line", "month"],
                name="budgets_account_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(budget_line__isnull=True) | Q(balance_micros__gte=0),
                name="budgets_no_overspend",
            ),
        ]

    def __str__(self) -> str:
        if self.budget_line is None:
            return f"{self.fiscal_year} source {self.currency}"
        part = f" › {self.campaign_line}" if self.campaign_line else ""
        return f"{self.budget_line}{part} {self.month}"


class LedgerTransaction(models.Model):
    """Money moved between accounts, once per ``key``."""

    class Kind(models.TextChoices):
        PLAN = "plan", "Plan"
        REALLOCATION = "reallocation", "Reallocation"
        REVERSAL = "reversal", "Reversal"

    kind = models.CharField(max_length=14, choices=Kind.choices)
    key = models.CharField(max_length=120, unique=True)
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=200)
    reason = models.TextField()
    request_id = models.BigIntegerField(null=True)
    reverses = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="reversed_by"
    )

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.key


class LedgerEntry(models.Model):
    """One leg of a transaction: plus into the account, minus out of it."""

    transaction = models.ForeignKey(
        LedgerTransaction, on_delete=models.PROTECT, related_name="entries"
    )
    account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="entries")
    amount_micros = models.BigIntegerField()
    balance_micros = models.BigIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(amount_micros=0), name="budgets_entry_not_zero"),
            models.UniqueConstraint(
                fields=["transaction", "account"], name="budgets_entry_once_per_account"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_micros} {self.account}"
