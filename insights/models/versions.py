"""The model registry: what was trained, on which data, how good it is, and which one is in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for
from metrics.models import Batch

if TYPE_CHECKING:
    from typing import Self

USER = settings.AUTH_USER_MODEL


class ModelVersionQuerySet(models.QuerySet["ModelVersion"]):
    def for_user(self, user: User) -> Self:
        """Only models of teams the person may see."""
        return self.filter(scope_for(user, Act.VIEW_CAMPAIGNS).where("team__path"))


class ModelVersion(models.Model):
    """One training of a model for a team and everything below it; never changed but for its state.

    ``record`` is the model itself as plain data; ``scores`` what it reached on days or rows that
    it had not seen. A model whose data was too thin has a ``reason`` and no record.
    """

    class Kind(models.TextChoices):
        FORECAST = "forecast", "Forecast"
        RESPONSE = "response", "Response curves"
        LEADS = "leads", "Lead score"
        CHURN = "churn", "Churn score"
        EXPANSION = "expansion", "Expansion score"

    class State(models.TextChoices):
        CHALLENGER = "challenger", "Challenger"
        CHAMPION = "champion", "In use"
        BENCHED = "benched", "Benched"
        RETIRED = "retired", "Retired"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.CHALLENGER)
    state_reason = models.TextField(blank=True)
    state_at = models.DateTimeField()
    # The data version: the newest batch of facts, and a hash of exactly what was read.
    batch = models.ForeignKey(Batch, null=True, on_delete=models.PROTECT, related_name="+")
    known_at = models.DateTimeField()
    data_sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    params = models.JSONField(default=dict)
    scores = models.JSONField(default=dict)
    record = models.JSONField(default=dict)
    # Why there is no model; "" when there is one.
    reason = models.CharField(max_length=40, blank=True)
    trained_at = models.DateTimeField()
    trained_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    cpu_seconds = models.FloatField(null=True)
    request_id = models.BigIntegerField(null=True)

    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "team", "number"], name="insights_model_number_once"
            ),
            models.UniqueConstraint(
                fields=["kind", "team"],
                condition=Q(state="champion"),
                name="insights_one_champion",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"
