"""Money planned and moved: fiscal years, budget lines, and a double-entry ledger beneath them.

Ledger rows are append-only and every transaction sums to zero per currency; triggers
in the migrations see to both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for
from campaigns.models import CampaignLine, Channel

if TYPE_CHECKING:
    from typing import Self

USER = settings.AUTH_USER_MODEL


class FiscalYear(models.Model):
    """A year of the books, as the organisation's calendar cut it when it was opened."""

    year = models.PositiveSmallIntegerField(unique=True)
    starts_on = models.DateField()
    ends_on = models.DateField()

    class Meta:
        ordering = ["-year"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")), name="budgets_year_in_order"
            )
        ]

    def __str__(self) -> str:
        return f"FY{self.year}"


class BudgetLineQuerySet(models.QuerySet["BudgetLine"]):
    def for_user(self, user: User) -> Self:
        """Only lines whose money the person may see."""
        return self.filter(scope_for(user, Act.VIEW_MONEY).where("team__path"))


class BudgetLine(models.Model):
    """Money of a team for a channel in a fiscal year; campaign lines draw on it."""

    fiscal_year = models.ForeignKey(FiscalYear, on_delete=models.PROTECT, related_name="lines")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="budget_lines")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="budget_lines")
    name = models.CharField(max_length=160)
    owner = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="budget_lines")
    currency = models.CharField(max_length=3)
    gl_code = models.CharField(max_length=40, blank=True)
    campaign_lines: models.ManyToManyField[CampaignLine, Draw] = models.ManyToManyField(
        CampaignLine, through="Draw", related_name="budget_lines"
    )

    objects = BudgetLineQuerySet.as_manager()

    class Meta:
        ordering = ["channel__position", "name"]
        constraints = [
            models.UniqueConstraint(
                F("fiscal_year"), F("team"), Lower("name"), name="budgets_line_name_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Draw(models.Model):
    """A campaign line is paid from a budget line."""

    budget_line = models.ForeignKey(BudgetLine, on_delete=models.PROTECT, related_name="draws")
    campaign_line = models.ForeignKey(CampaignLine, on_delete=models.PROTECT, related_name="draws")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["budget_line", "campaign_line"], name="budgets_draw_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.campaign_line} from {self.budget_line}"


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


class FxRate(models.Model):
    """Units of ``quote`` for one unit of ``base``, from a day on; the older ones stay."""

    class Kind(models.TextChoices):
        BUDGET = "budget", "Budget rate"
        SPOT = "spot", "Spot rate"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    base = models.CharField(max_length=3)
    quote = models.CharField(max_length=3)
    valid_from = models.DateField()
    rate = models.DecimalField(max_digits=20, decimal_places=10)
    source = models.CharField(max_length=120)
    entered_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ["base", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "base", "quote", "valid_from"], name="budgets_rate_once"
            ),
            models.CheckConstraint(condition=Q(rate__gt=0), name="budgets_rate_positive"),
        ]

    def __str__(self) -> str:
        return f"1 {self.base} = {self.rate.normalize():f} {self.quote} from {self.valid_from}"
