"""Chances that a lead converts, an account leaves or buys more, and the tables they were learnt from."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for
from customers.models import Account, Lead
from insights.models.versions import ModelVersion
from metrics.models import Batch

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Self


class FeatureTableQuerySet(models.QuerySet["FeatureTable"]):
    def for_user(self, user: User) -> Self:
        """Only tables of teams the person may see."""
        return self.filter(scope_for(user, Act.VIEW_CAMPAIGNS).where("team__path"))


class FeatureTable(models.Model):
    """What a model learns from, exactly as it was read: one version for each content.

    A row is a subject at a moment of the past, with what was known then and what came of it.
    Nothing in it says who: no number, no name, no token.
    """

    kind = models.CharField(max_length=12, choices=ModelVersion.Kind.choices)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    built_at = models.DateTimeField()
    known_at = models.DateTimeField()
    batch = models.ForeignKey(Batch, null=True, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    positives = models.PositiveIntegerField()
    # Names of the columns that hold text; the others hold numbers.
    texts = models.JSONField(default=list)
    # How many rows carry each flag: gap, outlier, promo.
    flags = models.JSONField(default=dict)
    # The CSV, compressed; ``sha256`` is of the plain text.
    packed = models.BinaryField()

    objects = FeatureTableQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "team", "number"], name="insights_features_number_once"
            ),
            models.UniqueConstraint(
                fields=["kind", "team", "sha256"], name="insights_features_content_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} table {self.number}"

    @property
    def content(self) -> bytes:
        """The table as CSV in UTF-8."""
        return gzip.decompress(bytes(self.packed))


class ScoreQuerySet(models.QuerySet["Score"]):
    def for_user(self, user: User) -> Self:
        """Only chances of subjects whose team the person may see."""
        return self.filter(scope_for(user, Act.VIEW_CAMPAIGNS).where("team__path"))

    def latest_known(self, as_of: datetime | None) -> Self:
        """The newest chance of each subject, or what was the newest at a moment."""
        if as_of is None:
            return self.filter(is_latest=True)
        before = self.filter(scored_at__lte=as_of).order_by(
            "kind", "lead_id", "account_id", "-scored_at", "-pk"
        )
        newest = before.distinct("kind", "lead_id", "account_id")
        return self.filter(pk__in=newest.values("pk"))


class Score(models.Model):
    """The chance of one subject at one moment, why, and later what came of it.

    A new row is written when the chance moved or another model is in use; rows are never
    rewritten, so what was said can be held against what came.
    """

    class Came(models.TextChoices):
        OPEN = "", "Watching"
        YES = "yes", "Came"
        NO = "no", "Did not come"

    kind = models.CharField(max_length=12, choices=ModelVersion.Kind.choices)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="chances")
    lead = models.ForeignKey(Lead, null=True, on_delete=models.CASCADE, related_name="chances")
    account = models.ForeignKey(
        Account, null=True, on_delete=models.CASCADE, related_name="chances"
    )
    # The token by which the lead names its person; finds what has to go when they are erased.
    person = models.CharField(max_length=200, blank=True, db_index=True)
    chance = models.FloatField()
    # The log-odds that everybody starts from; the reasons of a chance add to them.
    base = models.FloatField()
    # [{"name", "value", "effect"}], the strongest first, of what raises and what lowers it.
    raises = models.JSONField(default=list)
    lowers = models.JSONField(default=list)
    # Of unseen rows with such chances: how many, and the 95 % interval of the share that came.
    like_n = models.PositiveIntegerField()
    like_low = models.FloatField()
    like_high = models.FloatField()
    scored_at = models.DateTimeField()
    due_at = models.DateTimeField()
    is_latest = models.BooleanField(default=True)
    came = models.CharField(max_length=3, choices=Came.choices, blank=True, default=Came.OPEN)
    came_at = models.DateTimeField(null=True)

    objects = ScoreQuerySet.as_manager()

    class Meta:
        ordering = ["-chance", "pk"]
        indexes = [
            models.Index(fields=["kind", "is_latest", "-chance"], name="insights_score_list"),
            models.Index(fields=["kind", "came", "due_at"], name="insights_score_due"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(lead=None, account__isnull=False) | Q(lead__isnull=False, account=None),
                name="insights_score_one_subject",
            ),
            models.CheckConstraint(
                condition=Q(chance__gte=0, chance__lte=1, like_low__lte=F("like_high")),
                name="insights_score_is_chance",
            ),
            models.UniqueConstraint(
                fields=["kind", "lead"],
                condition=Q(is_latest=True, lead__isnull=False),
                name="insights_score_lead_latest",
            ),
            models.UniqueConstraint(
                fields=["kind", "account"],
                condition=Q(is_latest=True, account__isnull=False),
                name="insights_score_account_latest",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.chance:.2f}"
