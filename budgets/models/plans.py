"""Fiscal years, budget lines, and which campaign lines they pay for."""

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
    cost_centre = models.CharField(max_length=40, blank=True)
    campaign_lines: models.ManyToManyField[CampaignLine, Draw] = models.ManyToManyField(
        CampaignLine, through="Draw", related_name="budget_lines"
    )

    objects = BudgetLineQuerySet.as_manager()

    class Meta:
        ordering = ["channel__position", "name"]
        constraints = [
            models.UniqueConstraint(
                F("fiscal_year"),
                F("team"),
                Lower("name"),
                name="budgets_line_name_once",
                violation_error_message="The team has a budget line of this name in this year already.",
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
