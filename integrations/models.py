"""How data gets in: sources, mappings, import runs and what they could not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for
from campaigns.choices import Platform
from campaigns.models import AdAccount
from integrations.choices import RunState, Verdict
from metrics.models import Batch

if TYPE_CHECKING:
    from typing import Self

USER = settings.AUTH_USER_MODEL


class SourceQuerySet(models.QuerySet["Source"]):
    def for_user(self, user: User) -> Self:
        """Only sources of teams the person may see."""
        return self.filter(scope_for(user, Act.VIEW_CAMPAIGNS).where("team__path"))


class Source(models.Model):
    """Where facts come from: a platform's files for a team, with what its rows mean."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    platform = models.CharField(max_length=20, choices=Platform.choices)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="sources")
    ad_account = models.ForeignKey(
        AdAccount, null=True, blank=True, on_delete=models.PROTECT, related_name="sources"
    )
    currency = models.CharField(max_length=3)
    time_zone = models.CharField(max_length=64, default="UTC")
    expected_every_days = models.PositiveSmallIntegerField(default=1)
    is_active = models.BooleanField(default=True)

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class MappingQuerySet(models.QuerySet["Mapping"]):
    def for_user(self, user: User) -> Self:
        """Only what is remembered for teams the person may see."""
        return self.filter(scope_for(user, Act.VIEW_CAMPAIGNS).where("team__path"))


class Mapping(models.Model):
    """What the columns of one header set mean, remembered for a team; a change makes a version."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="mappings")
    name = models.CharField(max_length=120)
    header_hash = models.CharField(max_length=64)
    layout = models.CharField(max_length=60, blank=True)
    version = models.PositiveIntegerField(default=1)
    # Target -> column header, and the answers a person gave ("year": "2020").
    columns = models.JSONField(default=dict)
    settings = models.JSONField(default=dict)
    is_current = models.BooleanField(default=True)
    used = models.PositiveIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects = MappingQuerySet.as_manager()

    class Meta:
        ordering = ["name", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "header_hash"],
                condition=Q(is_current=True),
                name="integrations_mapping_current_once",
            ),
            models.UniqueConstraint(
                F("team"), Lower("name"), F("version"), name="integrations_mapping_version_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def for_user(self, user: User) -> Self:
        """Only runs of teams the person may see."""
        return self.filter(scope_for(user, Act.VIEW_CAMPAIGNS).where("team__path"))


class ImportRun(models.Model):
    """One file on its way in: uploaded, checked, imported, perhaps undone."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="import_runs")
    source = models.ForeignKey(Source, null=True, on_delete=models.PROTECT, related_name="runs")
    mapping = models.ForeignKey(Mapping, null=True, on_delete=models.PROTECT, related_name="runs")
    file_name = models.CharField(max_length=255)
    stored_as = models.CharField(max_length=120)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    layout = models.CharField(max_length=60, blank=True)
    settings = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=RunState.choices, default=RunState.UPLOADED)
    verdict = models.CharField(max_length=8, choices=Verdict.choices, blank=True)
    data_rows = models.BigIntegerField(null=True)
    accepted = models.BigIntegerField(null=True)
    rejected = models.BigIntegerField(null=True)
    skipped = models.BigIntegerField(null=True)
    totals = models.JSONField(default=dict)
    warnings = models.JSONField(default=list)
    check_result = models.JSONField(default=dict)
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    batch = models.OneToOneField(
        Batch, null=True, on_delete=models.PROTECT, related_name="import_run"
    )
    outbox_id = models.BigIntegerField(null=True)
    uploaded_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    imported_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    imported_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.file_name


class QuarantinedRow(models.Model):
    """A row that could not be read, as it stood, with where and why."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="quarantine")
    row = models.BigIntegerField()
    column = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=40)
    message = models.TextField()
    value = models.TextField(blank=True)
    cells = models.JSONField(default=list)
    resolved_at = models.DateTimeField(null=True)
    resolution = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["row"]

    def __str__(self) -> str:
        return f"Row {self.row}: {self.code}"


class BulkFileQuerySet(models.QuerySet["BulkFile"]):
    def for_user(self, user: User) -> Self:
        """Only files about teams whose money the person may see."""
        return self.filter(scope_for(user, Act.VIEW_MONEY).where("team__path"))


class BulkFile(models.Model):
    """An approved change as a file that the advertising platform's own editor takes."""

    request_id = models.BigIntegerField()
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="bulk_files")
    platform = models.CharField(max_length=20, choices=Platform.choices)
    name = models.CharField(max_length=120)
    content = models.TextField()
    rows = models.PositiveIntegerField()
    made_at = models.DateTimeField()

    objects = BulkFileQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["request_id", "platform"], name="integrations_bulk_file_once"
            )
        ]

    def __str__(self) -> str:
        return self.name
