"""The model registry: what was trained, on which data, how good it is, and which one is in use."""

from __future__ import annotations

import hashlib
import json
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
CONTENT = (
    "kind",
    "team_id",
    "number",
    "data_sha256",
    "rows",
    "params",
    "scores",
    "record",
    "reason",
)


class ModelVersionQuerySet(models.QuerySet["ModelVersion"]):
    def for_user(self, user: User) -> Self:
        """Only models of teams the person may see, or of a team above: they speak of theirs too."""
        scope = scope_for(user, Act.VIEW_CAMPAIGNS)
        if scope.everything:
            return self.all()
        above = {up for path in scope.paths for up in paths_up(path)}
        return self.filter(scope.where("team__path") | Q(team__path__in=above))


def paths_up(path: str) -> list[str]:
    """``0001/0004/`` -> ``0001/``, ``0001/0004/``: a team and those above it, from the top."""
    numbers = path.strip("/").split("/")
    return ["/".join(numbers[: n + 1]) + "/" for n in range(len(numbers))]


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

    @property
    def name(self) -> str:
        return str(self)

    @property
    def content_sha256(self) -> str:
        """A fingerprint of all that makes the version what it is; its state is not part of it."""
        content = {name: getattr(self, name) for name in CONTENT}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
