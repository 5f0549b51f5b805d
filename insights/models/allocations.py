"""Returns that tests measured, and splits of a budget that somebody kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for
from budgets.models import Scenario
from campaigns.models import Channel
from insights.models.versions import ModelVersion

if TYPE_CHECKING:
    from typing import Self

USER = settings.AUTH_USER_MODEL


class MoneyQuerySet(models.QuerySet[Any]):
    def for_user(self, user: User) -> Self:
        """Only rows of teams whose money the person may see."""
        return self.filter(scope_for(user, Act.VIEW_MONEY).where("team__path"))


class MeasuredReturn(models.Model):
    """What one unit of spend of a channel brought, as a holdout or geo test measured it.

    Response curves begin from it. ``value`` is in units of the metric for one unit of the
    currency, ``standard_error`` in the same.
    """

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    metric = models.CharField(max_length=60)
    value = models.FloatField()
    standard_error = models.FloatField()
    measured_on = models.DateField()
    # The test it comes from, in the words of who entered it.
    source = models.CharField(max_length=200)
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    objects = MoneyQuerySet.as_manager()

    class Meta:
        ordering = ["channel__position", "-measured_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(standard_error__gt=0) & Q(value__gte=0),
                name="insights_measured_return_possible",
            ),
            models.UniqueConstraint(
                fields=["team", "channel", "metric"],
                condition=Q(ended_at__isnull=True),
                name="insights_one_measured_return",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {self.value:g}"


class AllocationPlan(models.Model):
    """A split of a period's budget as it was worked out and kept; a row is written once.

    ``inputs`` is what was asked, ``result`` what came out, ``sha256`` of both and of the curves'
    versions. Scenario and request are what was made of it.
    """

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    metric = models.CharField(max_length=60)
    currency = models.CharField(max_length=3)
    first_day = models.DateField()
    last_day = models.DateField()
    versions: models.ManyToManyField[ModelVersion, Any] = models.ManyToManyField(
        ModelVersion, related_name="+"
    )
    inputs = models.JSONField()
    result = models.JSONField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    scenario = models.ForeignKey(Scenario, null=True, on_delete=models.PROTECT, related_name="+")
    request_id = models.BigIntegerField(null=True)

    objects = MoneyQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("insights:allocation-kept", args=[self.pk])
