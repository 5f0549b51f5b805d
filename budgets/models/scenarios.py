"""Plans that might be: named, compared, and one of them adopted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for
from budgets.choices import ScenarioState
from budgets.models.plans import BudgetLine, FiscalYear
from campaigns.models import Channel

if TYPE_CHECKING:
    from typing import Self

USER = settings.AUTH_USER_MODEL


class ScenarioQuerySet(models.QuerySet["Scenario"]):
    def for_user(self, user: User) -> Self:
        """Only scenarios of teams whose money the person may see."""
        return self.filter(scope_for(user, Act.VIEW_MONEY).where("team__path"))


class Scenario(models.Model):
    """A plan for a year that is not the plan: adopting it asks for the change."""

    fiscal_year = models.ForeignKey(FiscalYear, on_delete=models.PROTECT, related_name="scenarios")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    note = models.TextField(blank=True)
    owner = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="scenarios")
    state = models.CharField(
        max_length=10, choices=ScenarioState.choices, default=ScenarioState.DRAFT
    )
    # The change request that adopting it made.
    request_id = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = ScenarioQuerySet.as_manager()

    class Meta:
        ordering = ["-changed_at"]
        constraints = [
            models.UniqueConstraint(
                "fiscal_year",
                "team",
                Lower("name"),
                name="budgets_scenario_name_once",
                violation_error_message="The team has a scenario of this name for this year already.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class ScenarioLine(models.Model):
    """A line of a scenario: one that exists, or one that adopting would make."""

    scenario = models.ForeignKey(Scenario, on_delete=models.CASCADE, related_name="lines")
    budget_line = models.ForeignKey(
        BudgetLine, null=True, on_delete=models.PROTECT, related_name="+"
    )
    name = models.CharField(max_length=160)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)

    class Meta:
        ordering = ["channel__position", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["scenario", "budget_line"],
                condition=Q(budget_line__isnull=False),
                name="budgets_scenario_line_once",
            )
        ]

    def __str__(self) -> str:
        return self.name


class ScenarioCell(models.Model):
    """What a scenario plans for a line's month: micros of the line's currency."""

    line = models.ForeignKey(ScenarioLine, on_delete=models.CASCADE, related_name="cells")
    month = models.CharField(max_length=7)
    amount_micros = models.BigIntegerField()

    class Meta:
        ordering = ["month"]
        constraints = [
            models.UniqueConstraint(fields=["line", "month"], name="budgets_scenario_cell_once"),
            models.CheckConstraint(
                condition=Q(amount_micros__gte=0), name="budgets_scenario_cell_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line} {self.month}"
