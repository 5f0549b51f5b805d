"""One file on its way in, and the rows of it that could not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for
from integrations.choices import Origin, RunState, Verdict
from integrations.models.sources import Mapping, Source
from integrations.models.ways import WayIn
from metrics.models import Batch

if TYPE_CHECKING:
    from typing import Self

USER = settings.AUTH_USER_MODEL


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def for_user(self, user: User) -> Self:
        """Only runs of teams the person may see."""
        return self.filter(scope_for(user, Act.VIEW_CAMPAIGNS).where("team__path"))


class ImportRun(models.Model):
    """One file on its way in: uploaded, checked, imported, perhaps undone."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="import_runs")
    origin = models.CharField(max_length=12, choices=Origin.choices, default=Origin.UPLOAD)
    way = models.ForeignKey(WayIn, null=True, on_delete=models.PROTECT, related_name="runs")
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
    # The day the platform made the file, where the file says so.
    exported_on = models.DateField(null=True)
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


class QuarantinedRowQuerySet(models.QuerySet["QuarantinedRow"]):
    def for_user(self, user: User) -> Self:
        """Only rows of runs the person may see."""
        return self.filter(scope_for(user, Act.VIEW_CAMPAIGNS).where("run__team__path"))

    def waiting(self) -> Self:
        """Rows that somebody must still decide on: of imports that stand, not yet resolved."""
        return self.filter(run__state__in=[RunState.IMPORTED, RunState.UNCHANGED], resolved_at=None)


class QuarantinedRow(models.Model):
    """A row that could not be read, as it stood, with where and why, and what became of it."""

    class Resolution(models.TextChoices):
        MENDED = "mended", "Mended and imported"
        DISMISSED = "dismissed", "Dismissed"

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="quarantine")
    row = models.BigIntegerField()
    column = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=40)
    message = models.TextField()
    value = models.TextField(blank=True)
    cells = models.JSONField(default=list)
    # The cells as a person wrote them instead; ``cells`` stays what the file said.
    mended = models.JSONField(default=list)
    # The batch that brought the mended row, after the run's own.
    batch = models.ForeignKey(
        Batch, null=True, on_delete=models.PROTECT, related_name="mended_rows"
    )
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    resolution = models.CharField(max_length=40, blank=True, choices=Resolution.choices)
    reason = models.TextField(blank=True)

    objects = QuarantinedRowQuerySet.as_manager()

    class Meta:
        ordering = ["row"]

    def __str__(self) -> str:
        return f"Row {self.row}: {self.code}"
