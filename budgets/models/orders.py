"""Money promised: vendors, placeholders, purchase orders, and what they hold of a budget line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for
from budgets.choices import ORDER_TONES, OrderKind, OrderState
from budgets.models.plans import BudgetLine
from campaigns.models import CampaignLine
from core.money import Money

if TYPE_CHECKING:
    from typing import Self

USER = settings.AUTH_USER_MODEL


class Vendor(models.Model):
    """Whom the organisation buys from."""

    name = models.CharField(max_length=160)
    code = models.CharField(max_length=40, blank=True, help_text="Number in the books")
    currency = models.CharField(max_length=3, help_text="In which it usually bills")
    email = models.EmailField(blank=True)
    payment_days = models.PositiveSmallIntegerField(default=30)
    note = models.TextField(blank=True)
    is_archived = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="budgets_vendor_name_once",
                violation_error_message="There is a vendor of this name already.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class OrderQuerySet(models.QuerySet["Order"]):
    def for_user(self, user: User) -> Self:
        """Only orders of teams whose money the person may see."""
        return self.filter(scope_for(user, Act.VIEW_MONEY).where("team__path"))


class Order(models.Model):
    """Money promised to a vendor, or held for what has no vendor yet (a placeholder).

    A blanket order holds a ceiling; each release takes its part out of it. What an order
    holds is written to the commitment ledger, never kept here.
    """

    kind = models.CharField(max_length=12, choices=OrderKind.choices, default=OrderKind.ORDER)
    number = models.PositiveIntegerField(unique=True)
    title = models.CharField(max_length=160)
    vendor = models.ForeignKey(Vendor, null=True, on_delete=models.PROTECT, related_name="orders")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="orders")
    currency = models.CharField(max_length=3)
    ordered_on = models.DateField()
    expected_on = models.DateField(help_text="When it should have been delivered and billed")
    state = models.CharField(max_length=10, choices=OrderState.choices, default=OrderState.DRAFT)
    reason = models.TextField()
    blanket = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="releases"
    )
    replaces = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    # The change request that asked for it.
    request_id = models.BigIntegerField(null=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=OrderKind.PLACEHOLDER) | Q(vendor__isnull=False),
                name="budgets_order_has_vendor",
            ),
            models.CheckConstraint(
                condition=Q(kind=OrderKind.RELEASE, blanket__isnull=False)
                | (~Q(kind=OrderKind.RELEASE) & Q(blanket__isnull=True)),
                name="budgets_only_releases_have_a_blanket",
            ),
            models.CheckConstraint(
                condition=Q(expected_on__gte=F("ordered_on")), name="budgets_order_days_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("budgets:order", args=[self.pk])

    @property
    def reference(self) -> str:
        """ "PO-1004", or "PH-1004" for a placeholder."""
        return f"{'PH' if self.kind == OrderKind.PLACEHOLDER else 'PO'}-{self.number}"

    @property
    def state_tone(self) -> str:
        return ORDER_TONES.get(OrderState(self.state), "neutral")


class OrderLine(models.Model):
    """One month of one budget line in an order: in the order's currency, and as the line bears it."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    description = models.CharField(max_length=200)
    budget_line = models.ForeignKey(
        BudgetLine, on_delete=models.PROTECT, related_name="order_lines"
    )
    campaign_line = models.ForeignKey(
        CampaignLine, null=True, on_delete=models.PROTECT, related_name="order_lines"
    )
    month = models.CharField(max_length=7)
    amount_micros = models.BigIntegerField()
    # In the budget line's currency, at the named rate.
    borne_micros = models.BigIntegerField()
    rate = models.DecimalField(max_digits=20, decimal_places=10, default=1)
    rate_name = models.CharField(max_length=120, blank=True)
    gl_code = models.CharField(max_length=40, blank=True)
    cost_centre = models.CharField(max_length=40, blank=True)
    # The line of the blanket order out of which a release takes its money.
    blanket_line = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="release_lines"
    )
    # Taken out of an order that was open: it holds nothing more and stays for the record.
    is_dropped = models.BooleanField(default=False)

    class Meta:
        ordering = ["order", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "position"], name="budgets_order_line_place_once"
            ),
            models.CheckConstraint(
                condition=Q(amount_micros__gt=0) & Q(borne_micros__gt=0),
                name="budgets_order_line_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.description

    @property
    def amount(self) -> Money:
        """In the order's currency."""
        return Money(self.amount_micros, self.order.currency)

    @property
    def borne(self) -> Money:
        """In the budget line's currency."""
        return Money(self.borne_micros, self.budget_line.currency)
