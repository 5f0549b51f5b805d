"""Money used: invoices, credit notes, expenses and accruals, and the files kept with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for
from budgets.choices import BILL_TONES, BillKind, BillState
from budgets.models.orders import Order, OrderLine, Vendor
from budgets.models.plans import BudgetLine
from budgets.models.tools import Tool
from campaigns.models import CampaignLine
from core.money import Money

if TYPE_CHECKING:
    from typing import Self

USER = settings.AUTH_USER_MODEL


class BillQuerySet(models.QuerySet["Bill"]):
    def for_user(self, user: User) -> Self:
        """Only bills of teams whose money the person may see."""
        return self.filter(scope_for(user, Act.VIEW_MONEY).where("team__path"))


class Bill(models.Model):
    """What was billed, credited, spent by a person, or accrued.

    It counts as actual from the moment it is posted, by entries of the commitment ledger.
    """

    kind = models.CharField(max_length=12, choices=BillKind.choices, default=BillKind.INVOICE)
    number = models.CharField(max_length=60, help_text="The vendor's number")
    vendor = models.ForeignKey(Vendor, null=True, on_delete=models.PROTECT, related_name="bills")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    # Who spent it (expenses) or looks after it.
    owner = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="bills")
    currency = models.CharField(max_length=3)
    dated = models.DateField()
    due_on = models.DateField(null=True)
    state = models.CharField(max_length=10, choices=BillState.choices, default=BillState.TO_MATCH)
    # Why it waits in the queue, for people.
    held_because = models.TextField(blank=True)
    note = models.TextField(blank=True)
    # A credit note names the invoice; the reversal of an accrual names the accrual.
    corrects = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="corrected_by"
    )
    entered_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    posted_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = BillQuerySet.as_manager()

    class Meta:
        ordering = ["-dated", "-id"]
        constraints = [
            models.UniqueConstraint(
                "vendor",
                Lower("number"),
                condition=Q(kind__in=[BillKind.INVOICE, BillKind.CREDIT])
                & ~Q(state=BillState.VOID),
                name="budgets_bill_number_once",
                violation_error_message="This vendor's number was entered already.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[BillKind.EXPENSE, BillKind.ACCRUAL])
                | Q(vendor__isnull=False),
                name="budgets_bill_has_vendor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}".strip()

    def get_absolute_url(self) -> str:
        return reverse("budgets:bill", args=[self.pk])

    @property
    def state_tone(self) -> str:
        return BILL_TONES.get(BillState(self.state), "neutral")


class BillLine(models.Model):
    """One month of one budget line on a bill; ``order_line`` is what it was ordered by."""

    bill = models.ForeignKey(Bill, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    description = models.CharField(max_length=200)
    budget_line = models.ForeignKey(
        BudgetLine, null=True, on_delete=models.PROTECT, related_name="bill_lines"
    )
    campaign_line = models.ForeignKey(
        CampaignLine, null=True, on_delete=models.PROTECT, related_name="bill_lines"
    )
    order_line = models.ForeignKey(
        OrderLine, null=True, on_delete=models.PROTECT, related_name="bill_lines"
    )
    month = models.CharField(max_length=7)
    amount_micros = models.BigIntegerField()
    # In the budget line's currency at the named rate; known once the line is.
    borne_micros = models.BigIntegerField(null=True)
    rate = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    rate_name = models.CharField(max_length=120, blank=True)
    # What it uses of an order in another currency, in that currency at the named rate;
    # null where bill and order are in one, and the amount itself is what it uses.
    order_micros = models.BigIntegerField(null=True)
    order_rate = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    order_rate_name = models.CharField(max_length=120, blank=True)
    # A platform's bill for the campaign line's whole month: it takes the place of the
    # imported spend, which is else the larger of the two.
    is_whole_month = models.BooleanField(default=False)
    gl_code = models.CharField(max_length=40, blank=True)
    cost_centre = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["bill", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["bill", "position"], name="budgets_bill_line_place_once"
            ),
            models.CheckConstraint(
                condition=Q(amount_micros__gt=0), name="budgets_bill_line_positive"
            ),
            models.CheckConstraint(
                condition=Q(is_whole_month=False) | Q(campaign_line__isnull=False),
                name="budgets_whole_month_has_campaign_line",
            ),
        ]

    def __str__(self) -> str:
        return self.description

    @property
    def amount(self) -> Money:
        """In the bill's currency."""
        return Money(self.amount_micros, self.bill.currency)

    @property
    def used_micros(self) -> int:
        """What it uses of its order line, in the order's currency."""
        return self.amount_micros if self.order_micros is None else self.order_micros

    @property
    def used(self) -> Money:
        """The same with its currency; the bill's while it has no order."""
        order = self.order_line.order if self.order_line else self.bill
        return Money(self.used_micros, order.currency)


class Attachment(models.Model):
    """A file kept with an order, a bill or a tool: a contract, a scan."""

    order = models.ForeignKey(
        Order, null=True, on_delete=models.CASCADE, related_name="attachments"
    )
    bill = models.ForeignKey(Bill, null=True, on_delete=models.CASCADE, related_name="attachments")
    tool = models.ForeignKey(Tool, null=True, on_delete=models.CASCADE, related_name="attachments")
    file = models.FileField(upload_to="attachments/%Y/%m/")
    name = models.CharField(max_length=200)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    added_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["added_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(order__isnull=False, bill__isnull=True, tool__isnull=True)
                | Q(order__isnull=True, bill__isnull=False, tool__isnull=True)
                | Q(order__isnull=True, bill__isnull=True, tool__isnull=False),
                name="budgets_attachment_belongs_to_one",
            )
        ]

    def __str__(self) -> str:
        return self.name
