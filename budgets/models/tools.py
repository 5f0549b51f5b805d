"""The register of marketing tools: what they cost, until when, and who uses them."""

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
from budgets.models.orders import Vendor
from budgets.models.plans import BudgetLine
from core.money import Money

if TYPE_CHECKING:
    from typing import Self

USER = settings.AUTH_USER_MODEL


class ToolQuerySet(models.QuerySet["Tool"]):
    def for_user(self, user: User) -> Self:
        """Only tools of teams whose money the person may see."""
        return self.filter(scope_for(user, Act.VIEW_MONEY).where("team__path"))


class Tool(models.Model):
    """A marketing tool under contract."""

    name = models.CharField(max_length=120)
    purpose = models.CharField(max_length=120, blank=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="tools")
    vendor = models.ForeignKey(Vendor, null=True, on_delete=models.PROTECT, related_name="tools")
    budget_line = models.ForeignKey(
        BudgetLine, null=True, on_delete=models.PROTECT, related_name="tools"
    )
    contract = models.CharField(max_length=120, blank=True, help_text="Number or title")
    starts_on = models.DateField()
    renews_on = models.DateField()
    notice_days = models.PositiveSmallIntegerField(default=30)
    renews_itself = models.BooleanField(default=True)
    yearly_micros = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    seats = models.PositiveIntegerField(null=True)
    is_cancelled = models.BooleanField(default=False)
    note = models.TextField(blank=True)

    objects = ToolQuerySet.as_manager()

    class Meta:
        ordering = ["renews_on", "name"]
        constraints = [
            models.UniqueConstraint(
                "team",
                Lower("name"),
                name="budgets_tool_name_once",
                violation_error_message="The team has a tool of this name already.",
            ),
            models.CheckConstraint(
                condition=Q(yearly_micros__gte=0), name="budgets_tool_cost_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(renews_on__gt=F("starts_on")), name="budgets_tool_days_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("budgets:tool", args=[self.pk])

    @property
    def yearly(self) -> Money:
        """What it costs a year."""
        return Money(self.yearly_micros, self.currency)


class ToolUse(models.Model):
    """How many people used a tool in the month before a day."""

    tool = models.ForeignKey(Tool, on_delete=models.CASCADE, related_name="uses")
    day = models.DateField()
    active_users = models.PositiveIntegerField()
    source = models.CharField(max_length=120)
    entered_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(fields=["tool", "day"], name="budgets_tool_use_once")
        ]

    def __str__(self) -> str:
        return f"{self.tool} {self.day}"
